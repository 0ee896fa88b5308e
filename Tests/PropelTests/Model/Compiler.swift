import Foundation
import Propel
import Testing

/// The compiler, with the modules that this test was built with.
struct Compiler {
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

    func typecheck(text: String, verifying: Bool, with others: [FilePath]) async throws -> CommandResult {
        let directory = try TemporaryDirectory(), file = directory.path.appending("Text.swift")
        try text.write(toFile: file.string, atomically: true, encoding: .utf8)
        defer { withExtendedLifetime(directory) {} }
        return try await typecheck(file, verifying: verifying, with: others)
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
            // SwiftPM writes the map of a C module that has none.
            modules.removingLastComponent().appending("DeterministicHashing.build"),
        ]
    }

    private func isThere(_ path: FilePath) -> Bool { FileManager.default.fileExists(atPath: path.string) }
}
