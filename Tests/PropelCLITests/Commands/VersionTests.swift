import ArgumentParser
import Foundation
import Testing

@testable import PropelCLI

@Suite struct VersionTests {
    @Test func `--version prints the version`() {
        let error = #expect(throws: (any Error).self) { try PropelCommand.parseAsRoot(["--version"]) }
        #expect(error.map { PropelCommand.fullMessage(for: $0) } == Version.number)
        #expect(error.map { PropelCommand.exitCode(for: $0) } == .success)
    }

    @Test func `the commit is left out where the sources are not in a repository`() async {
        let file = FileManager.default.temporaryDirectory.appending(path: "Version.swift").path
        #expect(await Version.commit(ofSources: file) == nil)
    }

    @Test func `the change log begins with this version`() throws {
        guard let log = try? Package.text("CHANGELOG.md") else { return }
        let first = log.split(separator: "\n").first { $0.hasPrefix("## ") }
        #expect(first?.contains(Version.number) == true || first?.contains("Unreleased") == true)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `completions are printed`(_ shell: String) {
        let error = #expect(throws: (any Error).self) {
            try PropelCommand.parseAsRoot(["--generate-completion-script", shell])
        }
        let script = error.map { PropelCommand.fullMessage(for: $0) } ?? ""
        #expect(script.contains("rollback") && script.contains("propel"))
    }
}
