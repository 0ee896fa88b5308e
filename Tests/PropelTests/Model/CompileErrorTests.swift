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

/// The compiler, with the modules that this test was built with.
private struct Compiler {
    static let directory = FilePath(#filePath).removingLastComponent().removingLastComponent().appending(
        "CompileErrors")

    static var fixtures: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.string)) ?? []
        return names.filter { $0.hasSuffix(".swift") && $0 != "Declarations.swift" }.sorted()
    }

    func typecheck(_ file: FilePath, verifying: Bool, with others: [FilePath]) async throws -> CommandResult {
        var arguments = [
            "-frontend", "-typecheck", "-swift-version", "6", "-parse-as-library", "-module-name", "Fixture",
        ]
        if verifying { arguments += ["-verify", "-verify-ignore-unrelated"] }
        arguments += try searchPaths().flatMap { ["-I", $0.string] }
        arguments += ["-primary-file", file.string] + others.map(\.string)
        return try await LocalCommands().run(Invocation(try compiler(), arguments))
    }

    private func compiler() throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? Invocation.searchPath
        return try #require(
            path.split(separator: ":").map { "\($0)/swiftc" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        )
    }

    /// The modules beside the running test, and the C modules that they import.
    private func searchPaths() throws -> [FilePath] {
        let package = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .removingLastComponent()
        let executable = FilePath(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let above = sequence(first: executable.removingLastComponent()) {
            $0.components.isEmpty ? nil : $0.removingLastComponent()
        }
        let modules = try #require(
            above.map { $0.appending("Modules") }.first { isThere($0.appending("Propel.swiftmodule")) })
        let checkouts = try #require(above.map { $0.appending("checkouts") }.first(where: isThere))
        return [
            modules, package.appending("Sources/CLinux"), checkouts.appending("swift-system/Sources/CSystem/include"),
            checkouts.appending("swift-subprocess/Sources/_SubprocessCShims/include"),
        ]
    }

    private func isThere(_ path: FilePath) -> Bool { FileManager.default.fileExists(atPath: path.string) }
}
