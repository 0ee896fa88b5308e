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
        let result = try await typecheck("let host = Host(\"a\", runs: Debian.self) { P<Ubuntu>() }", verifying: true)
        #expect(!result.succeeded)
    }

    @Test(arguments: [("plain", ""), ("with an action", ".onChange(A<AnyLinux>())")])
    func `two hundred properties in one body type-check`(kind: String, modifiers: String) async throws {
        let systems = ["UnixLike", "AnyLinux", "DebianLike", "Debian"]
        let body = (0..<200).map { "    P<\(systems[$0 % 4])>()\(modifiers)" }.joined(separator: "\n")
        let start = ContinuousClock.now
        let result = try await typecheck("let host = Host(\"a\", runs: Debian.self) {\n\(body)\n}", verifying: false)
        print("type-checking 200 properties \(kind) took \(ContinuousClock.now - start)")
        #expect(result.succeeded, "\(String(decoding: result.errors, as: UTF8.self))")
    }

    private func typecheck(_ declaration: String, verifying: Bool) async throws -> CommandResult {
        try await Compiler().typecheck(
            text: "import Propel\n\(declaration)\n", verifying: verifying,
            with: [Compiler.directory.appending("Declarations.swift")])
    }
}
