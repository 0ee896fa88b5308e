import Foundation
import PlainText
import Testing

@testable import SSHTransport

/// What the scripts do on the machine, without a server.
@Suite struct ScriptsTests {
    /// Under its name an enforcer counts as complete, after a power cut too.
    @Test func `an enforcer is on the disk before its name leads to it`() throws {
        let name = "install-\(UUID().uuidString)", directory = "\(NSTemporaryDirectory())/\(name)"
        defer { for path in [directory, directory + ".notes"] { try? FileManager.default.removeItem(atPath: path) } }
        let hash = try shell("printf enforcer | sha256sum | cut -d' ' -f1")
        let noting = """
            id() { echo 0; }; chown() { :; }; sync() { echo "sync ${1##*/}" >>"$D.notes"; }; \
            mv() { echo "mv ${3##*/}" >>"$D.notes"; command mv "$@"; };
            """
        let words = [
            "sh", "-c", "\(noting) \(Scripts.install)", "propel", directory, hash, "token", "8", "cafe", "cat", "-",
        ]
        let said = try shell("printf enforcer | \(ShellQuoting.quote(words))")
        #expect(said.hasSuffix("propel:token:installed"))
        let notes = try String(contentsOfFile: directory + ".notes", encoding: .utf8).nonEmptyLines.map(String.init)
        #expect(notes == ["mv .\(hash).token", "sync .\(hash).token", "mv \(hash)", "sync \(name)"])
        #expect(try String(contentsOfFile: "\(directory)/\(hash)", encoding: .utf8) == "enforcer")
    }
}
