import Foundation
import Propel
import Subprocess
import Synchronization
import SystemPackage
import Testing

/// Secrets, from the store to the machine.
@Suite(.serialized)
struct SecretTests {
    /// Binary, larger than one message, and with a word that can be searched for.
    private static func key(_ canary: String) -> [UInt8] {
        Array(canary.utf8) + (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } + Array(canary.utf8)
    }

    /// A machine of the role `production`, whose three secrets are set.
    private func machine(passphrase: String = "") async throws -> (TestMachine, DeployerKey, Canaries) {
        let anna = try await DeployerKey("Anna Berg <anna@example.com>", passphrase: passphrase)
        let canaries = Canaries()
        let machine = try await TestMachine.up(role: "production", keys: "deployers = [\"anna\"]")
        try await machine.configuration.accredit(anna)
        try await machine.configuration.set("database-password", to: Array(canaries.database.utf8), by: anna)
        try await machine.configuration.set("tls-key", to: Self.key(canaries.key), in: "roles/production", by: anna)
        // The host's own comes before that for all.
        try await machine.configuration.set("anna-password", to: Array("wrong".utf8), by: anna)
        try await machine.configuration.set(
            "anna-password", to: Array("\(canaries.login)\n".utf8), in: "hosts/\(machine.name)", by: anna)
        return (machine, anna, canaries)
    }

    /// The properties with secrets and their requirements, without docker, which takes long and has no secrets.
    private static let secretive = [
        "directory /srv/app", "file /srv/app/.env", "file /srv/app/tls.key", "group deployers", "user anna",
    ].flatMap { ["--only", $0] }

    @Test(.machines) func `a secret is in its place and nowhere else`() async throws {
        let (machine, anna, canaries) = try await machine()
        let watch = ProcessWatch(for: canaries.all)
        defer { watch.stop() }
        let plan = try await machine.configuration.propel(
            ["plan", machine.name, "--json", "--verbose"] + Self.secretive, environment: ["GNUPGHOME": "/nowhere"])
        #expect(plan.status == 2, "\(plan)")

        let first = try await machine.configuration.propel(
            [machine.name, "--json", "--verbose"] + Self.secretive, environment: anna.environment)
        #expect(first.status == 0, "\(first)")
        #expect(try await machine.askedFor() == [["anna-password", "database-password", "tls-key"]])
        #expect(
            try await machine.ssh("cat /srv/app/.env; stat -c '%a %U' /srv/app/.env /srv/app/tls.key")
                == "TAG=latest\nDATABASE_PASSWORD=\(canaries.database)\n640 root\n600 root")
        let file = try Data(contentsOf: URL(filePath: machine.disk + "/root/srv/app/tls.key"))
        // Not within `#expect`, which would want to show where millions of bytes differ.
        let isWhole = Array(file) == Self.key(canaries.key)
        #expect(isWhole)

        // A run that changes nothing needs no key at all.
        let second = try await machine.configuration.propel(
            [machine.name, "--json"] + Self.secretive, environment: ["GNUPGHOME": "/nowhere"])
        #expect(second.status == 0, "\(second)")
        #expect(try second.paths(.ok).count == second.properties.count, "\(second)")
        #expect(try await machine.askedFor() == [])

        // Drift of one file asks for one secret.
        try await machine.ssh("echo \(canaries.drift) >> /srv/app/.env")
        let drifted = try await machine.configuration.propel(
            [machine.name, "--verbose", "--json"] + Self.secretive, environment: anna.environment)
        #expect(try drifted.paths(.changed) == ["file /srv/app/.env"], "\(drifted)")
        #expect(try await machine.askedFor() == [["database-password"]])

        // The words for people, and what they say of a failure with a secret in its file.
        try await machine.ssh("echo x >> /srv/app/.env; chattr +i /srv/app/.env")
        let failed = try await machine.configuration.propel(
            [machine.name, "--verbose"] + Self.secretive, environment: anna.environment)
        #expect(failed.status == 1, "\(failed)")
        try await machine.ssh("chattr -i /srv/app/.env")

        for answer in [plan, first, second, drifted, failed] {
            for canary in canaries.all { #expect(!answer.description.contains(canary)) }
        }
        try await watch.expectNothing()

        let found = try await machine.filesHolding(canaries.all)
        #expect(found == ["/root/srv/app/.env", "/root/srv/app/tls.key"])
        for canary in canaries.all {
            #expect(try await machine.ssh("journalctl --no-pager | grep -c \(canary) || true") == "0")
        }
        #expect(
            try await Self.search(machine.configuration.folder.path, for: canaries.all, followingLinks: false) == []
        )
    }

    @Test(.machines) func `a password from a secret logs in`() async throws {
        let (machine, anna, canaries) = try await machine()
        let first = try await machine.configuration.propel(
            [machine.name, "--json"] + Self.secretive, environment: anna.environment)
        #expect(first.status == 0, "\(first)")
        // su asks nobody but PAM: root would not be asked, so another user tries.
        try await machine.ssh("useradd -m bob")
        let right = "su bob -c \"su anna -c 'id -un'\""
        #expect(try await machine.ssh("printf '%s\\n' '\(canaries.login)' | \(right) 2>/dev/null") == "anna")
        await #expect(throws: Unexpected.self) {
            try await machine.ssh("printf '%s\\n' 'wrong' | \(right) 2>/dev/null")
        }

        // Somebody changes it on the machine: found, and set again, with one secret asked for.
        try await machine.ssh("echo anna:other | chpasswd")
        let again = try await machine.configuration.propel(
            [machine.name, "--json"] + Self.secretive, environment: anna.environment)
        #expect(try again.paths(.changed) == ["user anna"], "\(again)")
        #expect(try await machine.ssh("printf '%s\\n' '\(canaries.login)' | \(right) 2>/dev/null") == "anna")
    }

    @Test(.machines) func `nothing is changed if a secret cannot be decrypted`() async throws {
        let (machine, anna, _) = try await machine()
        let stranger = try await DeployerKey("Eve <eve@example.com>")
        let refused = try await machine.configuration.propel(
            [machine.name, "--json"] + Self.secretive, environment: stranger.environment)
        #expect(refused.status == 1, "\(refused)")
        let host = try #require(try refused.lines.first { $0["kind"] == "host" })
        #expect(
            host["failure"]?["message"]?.string?.contains("none of your keys can decrypt") == true, "\(refused)")
        #expect(host["failure"]?["message"]?.string?.contains("Anna Berg") == true, "\(refused)")
        #expect(try refused.paths(.changed) == [])
        #expect(try await machine.ssh("hostname") != "")
        #expect(try await machine.ssh("ls /srv") == "")
        // The lock is free again.
        let next = try await machine.configuration.propel(
            [machine.name, "--json"] + Self.secretive, environment: anna.environment)
        #expect(next.status == 0, "\(next)")
    }

    @Test(.machines) func `a run takes a passphrase from a file descriptor`() async throws {
        let (machine, anna, canaries) = try await machine(passphrase: "open sesame")
        let wrong = try await machine.configuration.propel(
            [machine.name, "--only", "file /srv/app/.env", "--passphrase-fd", "3"], passphrase: "wrong",
            environment: anna.environment)
        #expect(wrong.status == 1, "\(wrong)")
        #expect(
            wrong.output.contains("wrong passphrase") || wrong.errors.contains("wrong passphrase"),
            "\(wrong)")
        try await machine.ssh("mkdir -p /srv/app")
        let right = try await machine.configuration.propel(
            [machine.name, "--only", "file /srv/app/.env", "--passphrase-fd", "3"], passphrase: "open sesame",
            environment: anna.environment)
        #expect(right.status == 0, "\(right)")
        #expect(try await machine.ssh("cat /srv/app/.env").contains(canaries.database))
        #expect(!right.description.contains("open sesame"))
        try await expectASecretFromAnAttachedDeployer(machine, anna)
    }

    /// The person who has begun the run is asked for a passphrase, and is not there.
    private func expectASecretFromAnAttachedDeployer(_ machine: TestMachine, _ anna: DeployerKey) async throws {
        let pinentry = try await Pinentry(of: anna)
        try pinentry.answer(0)
        try await machine.ssh("echo x >> /srv/app/.env")
        async let first = machine.configuration.propel(
            [machine.name, "--json", "--only", "file /srv/app/.env"], environment: anna.environment)
        try await eventually("a passphrase is asked for") { try !pinentry.requests.isEmpty }
        let joined = try await machine.configuration.propel(
            ["attach", machine.name, "--json", "--passphrase-fd", "3"], passphrase: "open sesame",
            environment: anna.environment)
        let answer = try await first
        #expect(answer.status == 0 && joined.status == 0, "\(answer) \(joined)")
        #expect(try answer.paths(.changed) == ["file /srv/app/.env"] && joined.statuses == answer.statuses)
    }

    @Test func `a missing secret stops the run before any machine is touched`() async throws {
        let configuration = try Configuration(hosts: "[web1]\nrole = \"production\"\nsandbox = true\n")
        for command in [["web1"], ["plan", "web1"]] {
            let answer = try await configuration.propel(command)
            #expect(answer.status == 64, "\(answer)")
            #expect(answer.errors.contains("web1 needs 2 secrets that are not in the store"), "\(answer)")
            #expect(
                answer.errors.contains("  database-password, for file /srv/app/.env (Sources/Hosts/Production.swift:"),
                "\(answer)")
            #expect(answer.errors.contains("\n  propel secret set database-password --for host:web1\n"), "\(answer)")
        }
        #expect(!FileManager.default.fileExists(atPath: "/var/lib/propel-sandbox/machines/web1"))
        let shown = try await configuration.propel("show", "web1")
        #expect(shown.output.contains("secrets: database-password (missing), tls-key (missing)"), "\(shown)")
    }

    /// The paths below `folder` of the files that contain one of the words or an encoding of it.
    ///
    /// A record ends at each NUL, so that a file of NULs is not one line too long for the memory.
    static func search(_ folder: String, for words: [String], followingLinks: Bool = false) async throws -> Set<String>
    {
        let patterns = words.flatMap { word in
            [
                word, Data(word.utf8).base64EncodedString().trimmingCharacters(in: ["="]),
                Data(word.utf8).map { String(format: "%02x", $0) }.joined(),
            ]
        }
        let result = try await Subprocess.run(
            .name("grep"),
            arguments: Arguments(
                [
                    "--recursive", "--files-with-matches", "--null-data", "--text", "--fixed-strings", "--no-messages",
                    "--devices=skip",
                ]
                    + patterns.flatMap { ["-e", $0] } + ["--", folder]),
            input: .none, output: .string(limit: 1 << 20), error: .discarded)
        return Set(result.standardOutput.split(separator: "\n").map { String($0.dropFirst(folder.count)) })
    }
}

/// Unique words, one for each secret.
private struct Canaries {
    let database = Self.word("database"), key = Self.word("key"), login = Self.word("login"), drift = Self.word("drift")

    var all: [String] { [database, key, login] }

    private static func word(_ name: String) -> String { "canary-\(name)-\(UUID().uuidString.lowercased())" }
}

extension TestMachine {
    /// The secrets that the last run has asked for, request by request.
    fileprivate func askedFor() async throws -> [JSON] {
        let journal = try await ssh("cd /var/lib/propel/runs && cat \"$(ls | tail -n 1)/journal\"")
        return try journal.split(separator: "\n").map { try JSON(parsing: String($0)) }.filter { $0["kind"] == "needs" }
            .compactMap { $0["secrets"] }
    }

    /// The directory that contains the machine's disk.
    var disk: String { URL(filePath: sandbox.identityFile).deletingLastPathComponent().path }

    /// The files of the machine's disk that contain one of the words. A file planted for the search must be found too.
    fileprivate func filesHolding(_ words: [String]) async throws -> Set<String> {
        try await ssh(
            "mkdir -p /var/lib/propel/runs/planted; echo '{\"x\":\"\(words[0])\"}' > "
                + "/var/lib/propel/runs/planted/journal; sync"
        )
        let planted = "/root/var/lib/propel/runs/planted/journal"
        let found = try await SecretTests.search(disk, for: words)
        guard found.contains(planted) else { throw Unexpected("the search does not find what was planted: \(found)") }
        try await ssh("rm -r /var/lib/propel/runs/planted")
        return found.subtracting([planted])
    }
}

/// Watches the arguments and the environment of every process, including those in sandboxes.
private final class ProcessWatch: Sendable {
    private struct State {
        var isStopped = false
        var rounds = 0
        var found: Set<String> = []
    }

    private let state = Mutex(State())
    /// Passed to a program so that the watch must find it.
    private let control = "control-\(UUID().uuidString.lowercased())"

    init(for words: [String]) {
        let words = (words + [control]).map { Data($0.utf8) }
        Thread { [self] in
            // Bytes rather than a String: a round must be short even if a hundred programs run.
            var buffer = [UInt8](repeating: 0, count: 256 * 1024)
            while !state.withLock(\.isStopped) {
                for process in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
                where Int(process) != nil {
                    for name in ["cmdline", "environ"] {
                        let count = Self.fill(&buffer, from: "/proc/\(process)/\(name)")
                        let content = Data(buffer[..<count])
                        for word in words where content.range(of: word) != nil {
                            let text = String(decoding: word, as: UTF8.self)
                            _ = state.withLock { $0.found.insert("\(name): \(text)") }
                        }
                    }
                }
                state.withLock { $0.rounds += 1 }
                Thread.sleep(forTimeInterval: 0.01)
            }
        }.start()
    }

    /// Returns the number of bytes; 0 if the process has exited.
    private static func fill(_ buffer: inout [UInt8], from path: String) -> Int {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        return max(0, read(descriptor, &buffer, buffer.count))
    }

    func stop() { state.withLock { $0.isStopped = true } }

    /// Nothing was seen by a watch that is known to work.
    func expectNothing() async throws {
        #expect(state.withLock(\.found) == [])
        let controls: Set = ["cmdline: \(control)", "environ: \(control)"]
        _ = try await Subprocess.run(
            .name("sh"), arguments: ["-c", "sleep 2; exit 0", control],
            environment: .inherit.updating(["CONTROL": control]), input: .none,
            output: .discarded, error: .discarded)
        #expect(state.withLock(\.found) == controls)
        #expect(state.withLock(\.rounds) > 50)
    }
}
