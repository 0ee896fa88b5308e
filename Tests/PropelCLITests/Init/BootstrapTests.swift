import Foundation
import PropelTesting
import Subprocess
import SystemPackage
import Testing

@testable import PropelCLI

/// The script `./propel` before there is a program, with scripts in the place of swift and dpkg-query.
@Suite final class BootstrapTests: Sendable {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "bootstrap-\(UUID().uuidString)")
    private let script: String

    init() throws {
        try FileManager.default.createDirectory(at: folder.appending(path: "bin"), withIntermediateDirectories: true)
        script = folder.appending(path: "propel").path
        try program("dpkg-query", "printf installed")
        try program("propel", Templates.bootstrap, in: "")
        try "".write(to: folder.appending(path: "hosts.conf"), atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func program(_ name: String, _ body: String, in place: String = "bin") throws {
        let file = folder.appending(path: place).appending(path: name)
        try writeProgram(body.hasPrefix("#!") ? body : "#!/bin/sh\n\(body)\n", to: file.path)
    }

    private func run() async throws -> (status: TerminationStatus, errors: String) {
        let path = "\(folder.appending(path: "bin").path):/usr/bin:/bin"
        let result = try await Subprocess.run(
            .path(FilePath(script)), arguments: ["hosts"], environment: .inherit.updating(["PATH": path]),
            output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
        return (result.terminationStatus, result.standardError)
    }

    @Test func `a configuration that does not compile is exit status 64`() async throws {
        try program("swift", "echo 'Web.swift:3: error: cannot find Servic in scope' >&2; exit 1")
        let result = try await run()
        #expect(result.status == .exited(64))
        #expect(result.errors.contains("propel: the configuration does not compile; see above"))
    }

    @Test func `the first build passes what later builds pass`() async throws {
        try program(
            "swift",
            """
            echo "$*" > '\(folder.path)/arguments'
            mkdir -p '\(folder.path)/.build/release'
            ln -s /bin/true '\(folder.path)/.build/release/propel'
            """)
        #expect(try await run().status == .exited(0))
        let arguments = try String(contentsOf: folder.appending(path: "arguments"), encoding: .utf8)
        #expect(arguments.hasPrefix(SwiftBuild.arguments.joined(separator: " ") + " "))
        #expect(SwiftBuild.arguments.contains("--no-color-diagnostics"))
    }
}
