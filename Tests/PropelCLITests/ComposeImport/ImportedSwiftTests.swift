import Foundation
import Propel
import Testing

@testable import PropelCLI

/// The Swift that is printed for all files of the corpus compiles where somebody puts it: in a role.
@Suite struct ImportedSwiftTests {
    @Test func `what is printed for every file compiles`() async throws {
        let functions = try Corpus.names.enumerated().map { index, name in
            """
            // \(name)
            func imported\(index)(_ host: HostEntry) throws -> Host {
            try Host("x", runs: Debian.self) {
            \(try Corpus.importing(name).swift)
            }
            }
            """
        }
        let source = (["import Properties"] + functions).joined(separator: "\n\n")
        let file = FilePath(NSTemporaryDirectory()).appending("propel-imported-\(UUID().uuidString).swift")
        defer { try? FileManager.default.removeItem(atPath: file.string) }
        try source.write(toFile: file.string, atomically: true, encoding: .utf8)
        var arguments = [
            "-frontend", "-typecheck", "-swift-version", "6", "-parse-as-library", "-module-name", "Imported",
        ]
        arguments += try searchPaths().flatMap { ["-I", $0.string] } + ["-primary-file", file.string]
        let result = try await LocalCommands().run(Invocation(try compiler(), arguments))
        #expect(result.succeeded, "\(String(decoding: result.errors, as: UTF8.self).suffix(6000))")
    }

    private func compiler() throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? Invocation.searchPath
        return try #require(
            path.split(separator: ":").map { "\($0)/swiftc" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        )
    }

    /// The modules beside the running test, and the C modules that they import.
    private func searchPaths() throws -> [FilePath] {
        let package = (1...4).reduce(FilePath(#filePath)) { path, _ in path.removingLastComponent() }
        let executable = FilePath(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let above = sequence(first: executable.removingLastComponent()) {
            $0.components.isEmpty ? nil : $0.removingLastComponent()
        }
        func isThere(_ path: FilePath) -> Bool { FileManager.default.fileExists(atPath: path.string) }
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
}
