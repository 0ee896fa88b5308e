import Foundation
import Propel
import PropelTesting
import Subprocess
import SystemPackage
import Testing

/// `propel secret` and `propel key` as a user runs them, with a separate GnuPG home.
@Suite struct SecretCommandTests {
    @Test func `from an empty keyring to a used secret`() async throws {
        try await Deployer.with { anna in
            // Before there is a key.
            let early = try await anna.propel("secret", "set", "db-password", input: "x")
            #expect(early.status == 1 && early.errors.contains("propel key add"), "\(early)")
            #expect(try await anna.propel("secret", "list").status == 0)
            let empty = try await anna.propel("key", "list")
            #expect(empty.status == 0 && empty.errors.contains("the keyring is empty"), "\(empty)")
            #expect(try await anna.propel("key", "check").status == 1)

            let added = try await anna.propel("key", "add", "anna@example.com")
            #expect(added.status == 0 && added.output.contains("Anna <anna@example.com>"), "\(added)")
            #expect(try await anna.propel("key", "list").output.contains("yours"))

            // The bytes are kept as they are.
            let set = try await anna.propel("secret", "set", "db-password", "--for", "web1", input: "hunter2\n")
            #expect(set.status == 0, "\(set)")
            #expect(
                set.errors.contains("wrote secrets/hosts/web1/db-password.gpg, which Anna <anna@example.com> can read"),
                "\(set)")
            #expect(set.errors.contains("ends with a newline"), "\(set)")
            #expect(try await anna.propel("secret", "get", "db-password", "--for", "web1").output == "hunter2\n")
            #expect(try await anna.propel("secret", "get", "db-password", "--for", "host:web1").output == "hunter2\n")

            let blob = anna.configuration.folder.appending(path: "blob")
            let bytes = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            try bytes.write(to: blob)
            #expect(try await anna.propel("secret", "set", "blob", "--file", blob.path).status == 0)
            #expect(try await anna.bytes("secret", "get", "blob") == Array(bytes))

            // A secret of another host.
            let elsewhere = try await anna.propel("secret", "get", "db-password")
            #expect(
                elsewhere.status == 64 && elsewhere.errors.contains("There is one for host web1: say --for host:web1"),
                "\(elsewhere)")
            let unknown = try await anna.propel("secret", "set", "x", "--for", "wbe1", input: "x")
            #expect(unknown.status == 64 && unknown.errors.contains("did you mean \"web1\""), "\(unknown)")
            let both = try await anna.propel("secret", "set", "x", "--for", "demo", input: "x")
            #expect(both.status == 64 && both.errors.contains("--for host:demo or --for role:demo"), "\(both)")
            #expect(try await anna.propel("secret", "set", "x", "--for", "role:demo", input: "x").status == 0)
            let nothing = try await anna.propel("secret", "set", "y", input: "")
            #expect(nothing.status == 64 && nothing.errors.contains("empty"), "\(nothing)")
            for name in ["../x", "a/b", ".x", "-x", ""] {
                #expect(try await anna.propel("secret", "set", "--", name, input: "x").status == 64, "\(name)")
            }

            // Random ones.
            let generated = try await anna.propel("secret", "generate", "token", "--length", "40")
            #expect(generated.status == 0 && generated.output == "", "\(generated)")
            let token = try await anna.propel("secret", "get", "token").output
            #expect(token.wholeMatch(of: /[A-Za-z0-9_-]{40}/) != nil)
            #expect(!generated.errors.contains(token))
            #expect(try await anna.propel("secret", "generate", "token").status == 1)
            #expect(try await anna.propel("secret", "get", "token").output == token)
            #expect(try await anna.propel("secret", "generate", "token", "--replace").status == 0)
            #expect(try await anna.propel("secret", "get", "token").output.count == 32)
            #expect(try await anna.propel("secret", "generate", "token", "--length", "3").status == 64)

            let list = try await anna.propel("secret", "list")
            #expect(
                list.output.contains(#/db-password +host web1 +- +Anna <anna@example.com> +(-|not committed)/#),
                "\(list)")
            let json = try await anna.propel("secret", "list", "--json").lines
            #expect(json.compactMap { $0["name"]?.string } == ["blob", "db-password", "token", "x"])
            let unused = try await anna.propel("secret", "unused").output
            #expect(unused.contains("propel secret remove db-password --for host:web1\n"))

            // A host that is gone: its secret can be seen and removed.
            try anna.configuration.write(hosts: "[demo]\nrole = \"demo\"\n")
            let check = try await anna.propel("key", "check")
            #expect(
                check.status == 0 && check.output.contains("secrets/hosts/web1/db-password.gpg is for host web1"),
                "\(check)")
            #expect(try await anna.propel("secret", "set", "x", "--for", "web1", input: "x").status == 64)
            #expect(try await anna.propel("secret", "remove", "db-password", "--for", "host:web1").status == 0)
            #expect(try await anna.propel("secret", "remove", "db-password", "--for", "host:web1").status == 64)
        }
    }

    @Test func `secrets are entered and shown at a terminal`() async throws {
        try await Deployer.with { anna in
            #expect(try await anna.propel("key", "add", "anna@example.com").status == 0)
            let set = try anna.terminal("secret", "set", "password")
            try await set.expect("password for all:")
            set.type("open sesame\n")
            try await set.expect("Once more:")
            set.type("open sesame\n")
            let written = try await set.end()
            #expect(written.status == 0 && written.isEchoing && !written.output.contains("sesame"), "\(written)")
            #expect(try await anna.propel("secret", "get", "password").output == "open sesame", "without the newline")

            let different = try anna.terminal("secret", "set", "password")
            try await different.expect("password for all:")
            different.type("one\n")
            try await different.expect("Once more:")
            different.type("two\n")
            let refused = try await different.end()
            #expect(refused.status == 64 && refused.output.contains("differ"), "\(refused)")

            let interrupted = try anna.terminal("secret", "set", "password")
            try await interrupted.expect("password for all:")
            interrupted.type("half")
            interrupted.typeControlC()
            let ended = try await interrupted.end()
            #expect(ended.status == 130 && ended.isEchoing, "\(ended)")
            #expect(try await anna.propel("secret", "get", "password").output == "open sesame")

            let declined = try anna.terminal("secret", "get", "password")
            try await declined.expect("Show secrets/all/password.gpg on this terminal? [yes/no] ")
            declined.type("no\n")
            let hidden = try await declined.end()
            #expect(hidden.status == 1 && !hidden.output.contains("sesame"), "\(hidden)")

            let accepted = try anna.terminal("secret", "get", "password")
            try await accepted.expect("[yes/no] ")
            accepted.type("yes\n")
            try await accepted.expect("open sesame")
            #expect(try await accepted.end().status == 0)

            // What a terminal would obey is not shown.
            #expect(try await anna.propel("secret", "set", "binary", input: "\u{1B}[2Jx").status == 0)
            let binary = try anna.terminal("secret", "get", "binary")
            try await binary.expect("[yes/no] ")
            binary.type("yes\n")
            let kept = try await binary.end()
            #expect(kept.status == 64 && !kept.output.contains("\u{1B}[2J"), "\(kept)")
        }
    }

    @Test func `a secret is edited in memory`() async throws {
        try await Deployer.with { anna in
            #expect(try await anna.propel("key", "add", "anna@example.com").status == 0)
            #expect(try await anna.propel("secret", "set", "conf", input: "one").status == 0)
            let notes = anna.configuration.folder.appending(path: "notes")
            func editor(_ script: String) throws -> [String: String] {
                let file = anna.configuration.folder.appending(path: "editor")
                try writeProgram("#!/bin/sh\nset -e\n\(script)\n", to: file.path)
                return ["EDITOR": "\(file.path) --wait", "VISUAL": "", "NOTES": notes.path]
            }
            let file = anna.configuration.folder.appending(path: "secrets/all/conf.gpg")

            // The file is in memory, private, and removed afterwards. The newline that the editor adds is not part of
            // the secret.
            let edit = try await anna.edit(
                "conf",
                try editor(
                    "[ \"$1\" = --wait ]\nstat -c '%a %n' \"$2\" \"${2%/*}\" > \"$NOTES\"; stat -f -c %T \"$2\" >> "
                        + "\"$NOTES\"\necho backup > \"$2~\"; echo two > \"$2\""
                ))
            #expect(edit.status == 0, "\(edit)")
            #expect(try await anna.propel("secret", "get", "conf").output == "two")
            let seen = try String(contentsOf: notes, encoding: .utf8).split(separator: "\n").map(String.init)
            try #require(seen.count == 3)
            #expect(seen[0].hasPrefix("600 ") && seen[1].hasPrefix("700 ") && seen[2] == "tmpfs", "\(seen)")
            let folder = String(seen[1].dropFirst(4))
            #expect(folder.contains("/propel-secret-") && !FileManager.default.fileExists(atPath: folder))

            let before = try Data(contentsOf: file)
            let unchanged = try await anna.edit("conf", try editor("cat \"$2\" > /dev/null"))
            #expect(unchanged.status == 0 && unchanged.output.contains("is unchanged"), "\(unchanged)")
            let failed = try await anna.edit("conf", try editor("echo three > \"$2\"; exit 1"))
            #expect(failed.status == 64 && failed.output.contains("nothing was written"), "\(failed)")
            let emptied = try await anna.edit("conf", try editor(": > \"$2\""))
            #expect(emptied.status == 64 && emptied.output.contains("empty"), "\(emptied)")
            let removed = try await anna.edit("conf", try editor("rm \"$2\""))
            #expect(removed.status == 64, "\(removed)")
            #expect(try Data(contentsOf: file) == before)

            // Somebody else was faster.
            let late = try await anna.edit(
                "conf",
                try editor(
                    "printf four | '\(anna.configuration.program.string)' secret set conf 2> /dev/null; echo five > "
                        + "\"$2\""
                ))
            #expect(late.status == 1 && late.output.contains("changed by another process"), "\(late)")
            #expect(try await anna.propel("secret", "get", "conf").output == "four")
            #expect(try await anna.edit("none", try editor("true")).status == 64)

            // Without a terminal, vi would print the plaintext.
            let printed = try await anna.propel("secret", "edit", "conf", environment: try editor("cat \"$2\""))
            #expect(printed.status == 64 && printed.errors.contains("no terminal for the editor"), "\(printed)")
            #expect(!printed.output.contains("four"), "\(printed)")
        }
    }

    @Test func `keys are added and removed`() async throws {
        try await Deployer.with { anna in
            try await anna.makeKey("ben@example.com", "Ben")
            #expect(try await anna.propel("key", "add", "anna@example.com").status == 0)
            #expect(try await anna.propel("secret", "set", "a", input: "1").status == 0)
            #expect(try await anna.propel("secret", "set", "b", "--for", "web1", input: "2").status == 0)
            let key = anna.configuration.folder.appending(path: "ben.asc")
            try await anna.gpg("--armor", "--output", key.path, "--export", "ben@example.com")
            let added = try await anna.propel("key", "add", key.path)
            #expect(added.status == 0 && added.output.contains("re-encrypted 2 secrets"), "\(added)")
            let removed = try await anna.propel("key", "remove", "ben@example.com")
            #expect(removed.status == 0, "\(removed)")
            #expect(
                removed.output.contains("  propel secret set a\n  propel secret set b --for host:web1\n"), "\(removed)")
            #expect(try await anna.propel("key", "check").status == 0)
            let last = try await anna.propel("key", "remove", "anna@example.com")
            #expect(last.status == 1 && last.errors.contains("last key"), "\(last)")
            #expect(try await anna.propel("key", "add", "nobody@example.com").status == 1)

            // A key file that came by a merge: its secrets are not for it yet.
            let fingerprint = try await anna.fingerprint("ben@example.com")
            try FileManager.default.copyItem(
                at: key, to: anna.configuration.folder.appending(path: "secrets/keyring/\(fingerprint).asc"))
            let merged = try await anna.propel("key", "check")
            #expect(
                merged.status == 1
                    && merged.output.contains("secrets/all/a.gpg cannot be read by Ben <ben@example.com>"), "\(merged)")
            let repaired = try await anna.propel("key", "check", "--reencrypt")
            #expect(repaired.status == 0 && repaired.output.contains("re-encrypted 2 secrets"), "\(repaired)")
        }
    }

    @Test func `a passphrase is read from a file descriptor`() async throws {
        try await Deployer.with(passphrase: "open sesame") { anna in
            #expect(try await anna.propel("key", "add", "anna@example.com").status == 0)
            #expect(try await anna.propel("secret", "set", "a", input: "1").status == 0)
            #expect(try await anna.propel("secret", "get", "a", "--passphrase-fd", "0", input: "wrong\n").status == 1)
            let get = try await anna.propel("secret", "get", "a", "--passphrase-fd", "0", input: "open sesame\n")
            #expect(get.status == 0 && get.output == "1", "\(get)")
            let missing = try await anna.propel("secret", "get", "a", "--passphrase-fd", "77")
            #expect(missing.status == 64, "\(missing)")
        }
    }

    /// The secrets in the git history.
    @Test func `the time of the last change is listed`() async throws {
        try await Deployer.with { anna in
            #expect(try await anna.propel("key", "add", "anna@example.com").status == 0)
            for name in ["a", "b"] { #expect(try await anna.propel("secret", "set", name, input: "1").status == 0) }
            func git(_ arguments: String...) async throws {
                let options = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgSign=false"]
                let result = try await Subprocess.run(
                    .name("git"), arguments: Arguments(options + arguments),
                    environment: .inherit.updating([
                        "GIT_COMMITTER_DATE": "2024-02-03T12:00:00Z", "GIT_AUTHOR_DATE": "2024-02-03T12:00:00Z",
                    ]),
                    workingDirectory: FilePath(anna.configuration.folder.path), output: .discarded,
                    error: .string(limit: 4096))
                try #require(result.terminationStatus.isSuccess, "git \(arguments): \(result.standardError)")
            }
            try await git("init", "--quiet")
            try await git("add", "secrets")
            try await git("commit", "--quiet", "-m", "Secrets")
            #expect(try await anna.propel("secret", "set", "b", input: "2").status == 0)
            #expect(try await anna.propel("secret", "set", "c", input: "3").status == 0)
            let changed = try await anna.propel("secret", "list", "--json").lines.map { $0["changed"] }
            #expect(changed == ["2024-02-03", .null, .null])
        }
    }
}
