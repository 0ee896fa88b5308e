import Foundation
import Examples
import Propel
import Properties
import Testing

@Suite struct StacksPageTests {
    /// The generated file that the page shows is the one of the Swift that it shows.
    @Test func showsWhatIsGenerated() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/stacks.md")
        let blocks = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```yaml\n").dropFirst().map
        { $0.components(separatedBy: "```")[0] }
        let role = try #require(fleet.role(named: "shop"))
        let host = try role.host(for: HostEntry(name: "shop.example.com", role: "shop", tag: "v1"))
        #expect(blocks == host.stacks.map(\.composeText))
        #expect(host.problems.isEmpty && host.conflicts.isEmpty)
    }
}
