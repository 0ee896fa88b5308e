import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct RepositoryFileTests {
    private let fake = FakeMachine()

    private func machine(_ text: String, executable: Bool = false) -> FakeMachine {
        fake.run(withRepository: ["files/x": text], executables: executable ? ["files/x"] : [])
    }

    private func hash(_ text: String) -> String { "SHA-256 \(SHA256.hash(Array(text.utf8)).prefix(12))…" }

    @Test func `a file of the repository is made, changed with a diff, and restored`() async throws {
        fake.files.put("/etc/motd", "before\n", mode: 0o664)
        let before = fake.files.snapshot
        let file = File("/etc/motd", from: "files/x")
        let first = try await machine("a\nb\n").obeysLaw(file)
        #expect(first.reason == "other content; mode 0664 → 0644")
        #expect(first.diff?.text == "@@ -1 +1 @@\n-before\n+a\n+b")
        let second = try await machine("a\nc\n").obeysLaw(file)
        #expect(second.diff?.text.contains("-b\n+c") == true)
        #expect(fake.files.text(at: "/etc/motd") == "a\nc\n")
        try await machine("a\nc\n").obeysLaw(file.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `a satisfied file is not fetched`() async throws {
        fake.files.put("/etc/motd", "a\n")
        let target = fake.run(withRepository: ["files/x": "a\n"]) { throw Failure("fetched \($0)") }
        #expect(try await target.check(File("/etc/motd", from: "files/x")) == .satisfied)
        fake.files.put("/etc/motd", "a\n", mode: 0o600)
        try await target.obeysLaw(File("/etc/motd", from: "files/x"))
        #expect(fake.files["/etc/motd"]?.status.mode == 0o644, "the mode alone needs no content")
    }

    @Test func `an executable keeps its bit`() async throws {
        let file = File("/usr/tool", from: "files/x")
        #expect(
            try await machine("#!/bin/sh\n", executable: true).obeysLaw(file).reason
                == "create with mode 0755, owner root:root")
        #expect(fake.files["/usr/tool"]?.status.mode == 0o755)
        #expect(try await machine("#!/bin/sh\n").obeysLaw(file).reason == "mode 0755 → 0644")
        let declared = File("/usr/tool", from: "files/x", mode: 0o600)
        try await machine("#!/bin/sh\n", executable: true).obeysLaw(declared)
        #expect(fake.files["/usr/tool"]?.status.mode == 0o600, "a declared mode counts")
    }

    @Test func `a plan shows size and hash of what is not text, and of what is private only the size`() async throws {
        let binary = "a\u{0}b"
        #expect(
            try await machine(binary).check(File("/etc/x", from: "files/x")).reason
                == "create with mode 0644, owner root:root; 3 bytes, \(hash(binary))")
        fake.files.put("/etc/x", "old")
        #expect(
            try await machine(binary).check(File("/etc/x", from: "files/x")).reason
                == "other content: 3 bytes, \(hash("old")) → 3 bytes, \(hash(binary))")
        let secret = try await machine("password\n").check(File("/etc/x", from: "files/x", mode: 0o600))
        #expect(secret.reason == "other content: 3 bytes → 9 bytes; mode 0644 → 0600")
        #expect(secret.diff == nil)
        let large = String(repeating: "line\n", count: 10_000)
        let reason = try await machine(large).check(File("/etc/x", from: "files/x")).reason
        #expect(reason == "other content: 3 bytes, \(hash("old")) → 50000 bytes, \(hash(large))")
    }

    @Test func `a plan that gets no content is a plan without a diff`() async throws {
        let target = fake.run(withRepository: ["files/x": "a\n"]) { _ in throw Failure("gone") }
        let check = try await target.check(File("/etc/x", from: "files/x"))
        #expect(check.reason?.hasPrefix("create with mode 0644, owner root:root; 2 bytes") == true)
        await #expect(throws: Failure("gone")) { try await File("/etc/x", from: "files/x").apply(on: target.machine) }
        #expect(fake.files["/etc/x"] == nil)
    }

    @Test func `a seed is written once, and a refused file is not put in place`() async throws {
        let seed = File("/etc/x", from: "files/x", seed: true)
        try await machine("one\n").obeysLaw(seed)
        #expect(try await machine("two\n").check(seed) == .satisfied)
        fake.commands.program("judge") { _ in .failing(1, "bad") }
        let judged = File("/etc/x", from: "files/x") { Invocation("judge", ["\($0)"]) }
        await #expect(throws: (any Error).self) { try await judged.apply(on: machine("two\n").machine) }
        #expect(fake.files.text(at: "/etc/x") == "one\n")
        #expect(fake.files[FilePath("/etc/x").stagingPath] == nil)
    }

    @Test func `a template has secrets and facts in it`() async throws {
        let plaintexts = ["db": "hunter2"]
        let secrets = Secrets(versions: ["db": "1"]) { names in
            try Dictionary(
                uniqueKeysWithValues: names.map { ($0, try SecretBytes(copying: Array((plaintexts[$0] ?? "").utf8))) })
        }
        let target = fake.run(withRepository: ["files/x": "# ${HOME} {{ x }}\nrelease @@release@@\npw @@pw@@\n"])
            .run(with: secrets)
        let file = File(
            "/etc/x", Template("files/x", ["release": "\(Fact.codename)", "pw": "\(Secret("db"))"]), owner: "pi")
        #expect(file.mode == 0o600)
        #expect(file.secrets == [Secret("db")])
        let change = try await target.obeysLaw(file)
        #expect(change.secrets == [Secret("db")] && change.diff == nil)
        #expect(fake.files.text(at: "/etc/x") == "# ${HOME} {{ x }}\nrelease bookworm\npw hunter2\n")
        #expect(try await target.run(with: Secrets(versions: ["db": "1"])).check(file) == .satisfied)
        let edited = fake.run(withRepository: ["files/x": "pw @@pw@@ @@release@@\n"]).run(with: secrets)
        #expect(try await edited.check(file).reason == "other content")
    }

    @Test func `a file of the repository can be a part of a content`() async throws {
        let target = fake.run(withRepository: ["files/x": "defaults\n"])
        let change = try await target.obeysLaw(File("/etc/x", "\(RepositoryFile("files/x"))port = 80\n"))
        #expect(change.diff?.text == "@@ -1 +1 @@\n+defaults\n+port = 80")
        #expect(fake.files.text(at: "/etc/x") == "defaults\nport = 80\n")
    }

    @Test func `a run fetches all contents before the first change, each once`() async throws {
        let log = FetchLog()
        let target = fake.run(withRepository: ["files/x": "one", "files/y": "one", "files/z": "three"]) { log.add($0) }
        let host = Host("test", runs: Debian.self) {
            File("/etc/x", from: "files/x", mode: 0o600)
            File("/etc/y", from: "files/y", mode: 0o600)
            File("/etc/z", from: "files/z", mode: 0o600)
        }
        let run = await Engine(host: host, machine: target.machine) { _ in }.enforce()
        #expect(run[.changed] == 3)
        #expect(log.fetches.map(\.count) == [2], "in one request, the same content once")
        #expect(try fake.files.list("/var/lib/propel/contents").isEmpty)
        try fake.operations.require("contents", before: "write /etc/.x.propel")
        let second = await Engine(host: host, machine: target.machine) { _ in }.enforce()
        #expect(second[.ok] == 3 && log.fetches.count == 1)
    }

    @Test func `an edit of the file is no drift, an edit on the machine is`() async throws {
        let host = Host("test", runs: Debian.self) { File("/etc/x", from: "files/x") }
        @Sendable func drift(_ text: String) async -> Bool? {
            let reports = FetchLog()
            _ = await Engine(host: host, machine: machine(text).machine) { event in
                if case .property(let report) = event { reports.add(report.isDrift ? ["drift"] : []) }
            }.enforce()
            return reports.fetches.first.map { !$0.isEmpty }
        }
        #expect(await drift("one") == false)
        #expect(await drift("two") == false)
        fake.files.put("/etc/x", "edited")
        #expect(await drift("two") == true)
    }

    @Test func `two files of the repository in one place are a conflict`() {
        let host = Host("test", runs: Debian.self) {
            File("/etc/x", from: "files/x")
            File("/etc/x", from: "files/y")
        }
        #expect(host.conflicts.count == 1)
        #expect(host.conflicts.first?.description.contains("a file made of files/y of the repository") == true)
    }
}
