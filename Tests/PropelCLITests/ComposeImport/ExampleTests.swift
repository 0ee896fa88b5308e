import Foundation
import Propel
import Testing

@testable import PropelCLI

/// Six projects of the kinds that people have, before and after an import.
@Suite struct ExampleTests {
    @Test(arguments: Example.all) func `the Swift of an example is what the import prints`(_ example: Example) throws {
        #expect(try example.committed() == example.importing().swift)
    }

    @Test(arguments: Example.all) func `an imported stack is one that Propel accepts`(_ example: Example) throws {
        let host = try example.describe()
        #expect(host.problems == [])
        #expect(host.conflicts.isEmpty, "\(host.conflicts)")
    }

    /// To docker-compose itself, key by key.
    @Test func `an imported stack means what its compose file means`() async throws {
        var seen: Set<IntendedDifference> = []
        for example in Example.all {
            let pair = try await ComposePair(example)
            for difference in pair.differences {
                let reasons = IntendedDifference.allCases.filter { $0.explains(difference, of: pair) }
                #expect(reasons.count == 1, "\(example): \(difference): \(reasons.map(\.reason))")
                seen.formUnion(reasons)
            }
        }
        // A reason that no example has would hide a defect.
        #expect(seen == Set(IntendedDifference.allCases))
    }

    @Test func `the page shows the compose files of all examples`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../docs/compose-examples.md")
        let blocks = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```yaml\n").dropFirst()
        let shown = blocks.map { $0.components(separatedBy: "```")[0] }
        let files = try Example.all.map { try String(contentsOfFile: Corpus.file(of: $0.name), encoding: .utf8) }
        #expect(shown == files)
    }
}
