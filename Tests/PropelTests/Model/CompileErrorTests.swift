import Foundation
import Propel
import Testing

@Suite struct CompileErrorTests {
    /// Each fixture contains the errors that the compiler must report, on their lines, in `expected-error` comments.
    @Test(arguments: Compiler.fixtures) func `a property for another platform is an error on its line`(
        fixture: String
    ) async throws {
        let result = try await Compiler().typecheck(
            Compiler.directory.appending(fixture), verifying: true,
            with: [Compiler.directory.appending("Declarations.swift")])
        #expect(result.succeeded, "\(String(decoding: result.errors, as: UTF8.self))")
    }

    @Test func `there are fixtures`() {
        #expect(Compiler.fixtures.count >= 8)
    }

    @Test func `an unexpected error fails a fixture`() async throws {
        let file = try scratch("import Propel\nlet host = Host(\"a\", runs: Debian.self) { P<Ubuntu>() }\n")
        defer { try? FileManager.default.removeItem(atPath: file.string) }
        let result = try await Compiler().typecheck(
            file, verifying: true, with: [Compiler.directory.appending("Declarations.swift")])
        #expect(!result.succeeded)
    }

    @Test(arguments: [("plain", ""), ("with an action", ".onChange(A<AnyLinux>())")])
    func `two hundred properties in one body type-check`(kind: String, modifiers: String) async throws {
        let systems = ["UnixLike", "AnyLinux", "DebianLike", "Debian"]
        let body = (0..<200).map { "    P<\(systems[$0 % 4])>()\(modifiers)" }.joined(separator: "\n")
        let file = try scratch("import Propel\nlet host = Host(\"a\", runs: Debian.self) {\n\(body)\n}\n")
        defer { try? FileManager.default.removeItem(atPath: file.string) }
        let clock = ContinuousClock()
        let start = clock.now
        let result = try await Compiler().typecheck(
            file, verifying: false, with: [Compiler.directory.appending("Declarations.swift")])
        print("type-checking 200 properties \(kind) took \(clock.now - start)")
        #expect(result.succeeded, "\(String(decoding: result.errors, as: UTF8.self))")
    }

    private func scratch(_ text: String) throws -> FilePath {
        let file = FilePath(NSTemporaryDirectory()).appending("propel-fixture-\(UUID().uuidString).swift")
        try Data(text.utf8).write(to: URL(fileURLWithPath: file.string))
        return file
    }
}
