import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct FileTests {
    let target = FakeMachine()

    @Test func `makes a file`() async throws {
        let change = try await target.obeysLaw(File("/etc/motd", "Welcome.\n"))
        #expect(change.reason == "create with mode 0644, owner root:root")
        #expect(change.diff?.text == "@@ -1 +1 @@\n+Welcome.")
        let node = try #require(target.files["/etc/motd"])
        #expect(node.bytes == Array("Welcome.\n".utf8))
        #expect(node.status.mode == 0o644)
        #expect(node.status.owner == .root)
    }

    @Test func `shows how content changes and restores it`() async throws {
        target.files.put("/etc/motd", "a\nb", mode: 0o664, owner: Owner(user: 1000, group: 1000))
        let before = target.files.snapshot
        let file = File("/etc/motd", "a\nc\n")
        let change = try await target.obeysLaw(file)
        #expect(change.reason == "other content; mode 0664 → 0644; owner pi → root; group pi → root")
        #expect(change.diff?.text.contains("\n-b\n") == true)
        #expect(target.files.text(at: "/etc/motd") == "a\nc\n")
        try await target.obeysLaw(file.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `a fact is filled in, and shown in the plan`() async throws {
        target.files.put("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n")
        let file = File("/etc/x.list", "deb https://example.com \(Fact.codename) main\n")
        let change = try await target.obeysLaw(file)
        #expect(change.diff?.text.contains("+deb https://example.com bookworm main") == true)
        target.files.put("/etc/os-release", "ID=debian\nVERSION_CODENAME=trixie\n")
        target.machine.forgetFacts()
        #expect(try await target.check(file).reason == "other content")
    }

    @Test func `a seed is written once, and belongs to its editor then`() async throws {
        let seed = File("/etc/app.conf", "default\n", mode: 0o640, seed: true)
        try await target.obeysLaw(seed)
        target.files.put("/etc/app.conf", "edited\n", mode: 0o600)
        #expect(try await target.obeysLaw(seed).reason == "mode 0600 → 0640")
        #expect(target.files.text(at: "/etc/app.conf") == "edited\n")
    }

    @Test func `a revert removes a file that did not exist before`() async throws {
        let before = target.files.snapshot
        let file = File("/etc/motd", "x\n")
        try await target.obeysLaw(file)
        #expect(try await target.checkReverted(file).reason == "restore the original /etc/motd")
        try await target.obeysLaw(file.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `the first original counts`() async throws {
        target.files.put("/etc/motd", "original\n")
        try await target.obeysLaw(File("/etc/motd", "one\n"))
        try await target.obeysLaw(File("/etc/motd", "two\n"))
        try await target.obeysLaw(File("/etc/motd", "two\n").reverted())
        #expect(target.files.text(at: "/etc/motd") == "original\n")
    }

    @Test(arguments: ["Welcome.", "Welcome.\r\n", "Welcome.\n\n", "welcome.\n", " Welcome.\n"])
    func `near misses are no match`(_ present: String) async throws {
        target.files.put("/etc/motd", present)
        #expect(try await target.check(File("/etc/motd", "Welcome.\n")).reason == "other content")
    }

    @Test func `only the mode is changed where the content is right`() async throws {
        target.files.put("/etc/key", "secret", mode: 0o644)
        let change = try await target.obeysLaw(File("/etc/key", "secret", mode: 0o600))
        #expect(change == Change(reason: "mode 0644 → 0600"))
        #expect(target.files["/etc/key"]?.status.mode == 0o600)
    }

    @Test func `the group is the owners by default`() async throws {
        target.files.put("/etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:33:50::/:/bin/sh\n")
        target.files.put("/etc/group", "root:x:0:\nweb:x:33:\nstaff:x:50:\n")
        try await target.obeysLaw(File("/etc/web", "x", owner: "web"))
        #expect(target.files["/etc/web"]?.status.owner == Owner(user: 33, group: 50))
        try await target.obeysLaw(File("/etc/web", "x", owner: "web", group: "web"))
        #expect(target.files["/etc/web"]?.status.owner == Owner(user: 33, group: 33))
    }

    @Test(arguments: [(0o600, 0o644), (0o644, 0o600)] as [(ModeBits, ModeBits)])
    func `a private file has no diff`(present: ModeBits, declared: ModeBits) async throws {
        target.files.put("/etc/key", "old secret", mode: present)
        let diff = try await target.check(File("/etc/key", "new secret!", mode: FileMode(declared))).diff
        #expect(diff == "content not shown: 10 bytes → 11 bytes")
    }

    @Test func `a link is refused`() async throws {
        target.files.put("/etc/real", "x")
        target.files.put("/etc/motd", linkTo: "/etc/real")
        let before = target.files.snapshot
        await #expect(throws: Failure.self) { try await target.check(File("/etc/motd", "y")) }
        await #expect(throws: Failure.self) { try await File("/etc/motd", "y").apply(on: target.machine) }
        #expect(target.files.snapshot == before)
    }

    @Test func `a directory is refused`() async throws {
        await #expect(throws: Failure.self) { try await target.check(File("/home/pi", "y")) }
    }

    @Test(arguments: ["motd", "", "/", "/etc/.."])
    func `impossible paths are refused`(_ path: FilePath) async throws {
        await #expect(throws: Failure.self) { try await target.check(File(path, "y")) }
        await #expect(throws: Failure.self) { try await target.check(Directory(path)) }
        await #expect(throws: Failure.self) { try await target.check(SymbolicLink(path, to: "/x")) }
    }

    @Test func `an impossible mode is refused`() async throws {
        // A mode that was meant to be octal.
        await #expect(throws: Failure.self) { try await target.check(File("/etc/motd", "y", mode: 10644)) }
    }

    @Test func `a missing user or group is named`() async throws {
        await #expect(
            throws: Failure("there is no user app", advice: "Declare User(\"app\") before, or let this require it.")
        ) {
            try await File("/etc/x", "y", owner: "app").apply(on: target.machine)
        }
        await #expect(
            throws: Failure("there is no group app", advice: "Declare Group(\"app\") before, or let this require it.")
        ) {
            try await File("/etc/x", "y", group: "app").apply(on: target.machine)
        }
        #expect(target.files["/etc/x"] == nil)
    }

    @Test func `a file that its validator rejects is not installed`() async throws {
        target.files.put("/etc/sudoers.d/x", "old\n")
        target.commands.program("visudo", status: 1, errors: "syntax error")
        let before = target.files.snapshot
        let file = File("/etc/sudoers.d/x", "bad\n") { Invocation("visudo", ["-cf", $0.string]) }
        await #expect(throws: CommandFailure.self) { try await file.apply(on: target.machine) }
        #expect(target.files.snapshot == before)
        #expect(target.commands.log == ["visudo -cf /etc/sudoers.d/.x.propel"])
    }

    @Test func `a full disk loses nothing`() async throws {
        target.files.put("/etc/motd", "old\n")
        target.files.fail("/etc/motd", with: .noSpace)
        let before = target.files.snapshot
        await #expect(throws: FileError.self) { try await File("/etc/motd", "new\n").apply(on: target.machine) }
        #expect(target.files.snapshot == before)
    }
}

@Suite(.recorded) struct SymbolicLinkTests {
    let target = FakeMachine()

    @Test func `makes a link and removes it again`() async throws {
        let before = target.files.snapshot
        let link = SymbolicLink("/etc/here", to: "../nowhere")
        #expect(try await target.obeysLaw(link).reason == "create, pointing to ../nowhere")
        #expect(target.files["/etc/here"]?.destination == "../nowhere")
        try await target.obeysLaw(link.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `changes where a link points`() async throws {
        target.files.put("/etc/here", linkTo: "/old")
        let before = target.files.snapshot
        let link = SymbolicLink("/etc/here", to: "/new")
        #expect(try await target.obeysLaw(link).reason == "points to /old → /new")
        try await target.obeysLaw(link.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `a file or an empty directory is replaced if that is declared`() async throws {
        target.files.put("/etc/here", "mine", mode: 0o600)
        target.files.put(directory: "/etc/empty", mode: 0o700)
        target.files.put("/etc/full/file", "mine")
        let before = target.files.snapshot
        let links = ["/etc/here", "/etc/empty"].map {
            SymbolicLink(FilePath($0), to: "/new", replacesFile: true)
        }
        #expect(try await target.obeysLaw(links[0]).reason == "file → link to /new")
        #expect(try await target.obeysLaw(links[1]).reason == "directory → link to /new")
        for link in links { try await target.obeysLaw(link.reverted()) }
        #expect(target.files.snapshot == before)
        let full = SymbolicLink("/etc/full", to: "/new", replacesFile: true)
        await #expect(throws: Failure.self) { try await target.check(full) }
        await #expect(throws: Failure.self) { try await full.apply(on: target.machine) }
        #expect(target.files.text(at: "/etc/full/file") == "mine")
    }

    @Test func `a link has its owner`() async throws {
        let link = SymbolicLink("/srv/link", to: "data", owner: "pi")
        target.files.put(directory: "/srv")
        try await target.obeysLaw(link)
        #expect(target.files["/srv/link"]?.status.owner == Owner(user: 1000, group: 1000))
        #expect(
            try await target.obeysLaw(SymbolicLink("/srv/link", to: "data", owner: "root")).reason
                == "owner pi → root; group pi → root")
        try await target.obeysLaw(link)
        // Without a declared owner it stays.
        try await target.obeysLaw(SymbolicLink("/srv/link", to: "other"))
        #expect(target.files["/srv/link"]?.status.owner == Owner(user: 1000, group: 1000))
    }

    @Test func `files and directories are refused`() async throws {
        target.files.put("/etc/here", "x")
        await #expect(throws: Failure.self) { try await target.check(SymbolicLink("/etc/here", to: "/new")) }
        await #expect(throws: Failure.self) { try await SymbolicLink("/home/pi", to: "/new").apply(on: target.machine) }
        await #expect(throws: Failure.self) { try await target.check(SymbolicLink("/etc/link", to: "")) }
        #expect(target.files.text(at: "/etc/here") == "x")
    }

    // MARK: Secrets in it

    private let secretive = File("/etc/app.conf", "user=app\npassword=\(Secret("db"))\n")

    private func run(_ plaintext: String, version: String = "1") -> FakeMachine {
        target.run(
            with: Secrets(versions: ["db": version]) { _ in ["db": try SecretBytes(copying: Array(plaintext.utf8))] })
    }

    /// A run in which there is nobody to decrypt anything.
    private var plain: FakeMachine { target.run(with: Secrets(versions: ["db": "1"])) }

    @Test func `a file with a secret has mode 0600 by default`() async throws {
        let change = try await run("canary").obeysLaw(secretive)
        #expect(change == Change(reason: "create with mode 0600, owner root:root", secrets: [Secret("db")]))
        let node = try #require(target.files["/etc/app.conf"])
        #expect(node.status.mode == 0o600)
        #expect(String(decoding: node.bytes, as: UTF8.self) == "user=app\npassword=canary\n")
        #expect(try await plain.check(secretive) == .satisfied)
    }

    @Test func `drift of a file with a secret is found without the plaintext`() async throws {
        try await run("canary").obeysLaw(secretive)
        target.files.put("/etc/app.conf", "user=app\npassword=other\n", mode: 0o600)
        let check = try await plain.check(secretive)
        #expect(check == .unmet("other content", secrets: [Secret("db")]))
        try await run("canary").obeysLaw(secretive)
    }

    @Test func `another mode takes no plaintext`() async throws {
        try await run("canary").obeysLaw(secretive)
        target.files.put("/etc/app.conf", target.files.text(at: "/etc/app.conf") ?? "", mode: 0o644)
        let change = try await plain.obeysLaw(secretive)
        #expect(change == Change(reason: "mode 0644 → 0600"))
    }

    @Test func `another version and another mode is a change that may be more`() async throws {
        try await run("canary").obeysLaw(secretive)
        target.files.put("/etc/app.conf", target.files.text(at: "/etc/app.conf") ?? "", mode: 0o644)
        let check = try await run("canary", version: "2").check(secretive)
        #expect(
            check.reason?.hasPrefix("mode 0644 → 0600; perhaps other content: cannot tell until the secret db") == true)
        try await run("canary", version: "2").obeysLaw(secretive)
    }

    @Test func `a secret that everybody may read is refused`() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await run("canary").check(File("/etc/app.conf", "\(Secret("db"))", mode: 0o644))
        }
        #expect(failure?.message.contains("everybody may read") == true)
        try await run("canary").obeysLaw(File("/etc/app.conf", "\(Secret("db"))", mode: 0o640))
    }

    @Test func `the removal of a secret shows no plaintext`() async throws {
        let file = File("/etc/app.conf", "password=\(Secret("db"))\n", mode: 0o640)
        try await run("canary").obeysLaw(file)
        let change = try await plain.obeysLaw(File("/etc/app.conf", "vault=1\n", mode: 0o640))
        #expect(change.diff?.text == "content not shown: 16 bytes → 8 bytes")
    }

    @Test func `the output of a validator that saw a secret is not shown`() async throws {
        target.commands.program("checker", status: 1, errors: "line 1: canary is no password")
        let file = File("/etc/app.conf", "\(Secret("db"))", validation: { Invocation("checker", [$0.string]) })
        let failure = await #expect(throws: Failure.self) { try await file.apply(on: run("canary").machine) }
        #expect(failure?.message.contains("output is not shown, since there are secrets in the file") == true)
        #expect(failure?.ending == "exit status 1")
        #expect(!"\(String(describing: failure))".contains("canary"))
        // What has none is shown.
        let other = await #expect(throws: CommandFailure.self) {
            try await File("/etc/other.conf", "canary", validation: { Invocation("checker", [$0.string]) }).apply(
                on: target.machine)
        }
        #expect(other?.lastLines == ["line 1: canary is no password"])
    }

    @Test func `a revert forgets the secret`() async throws {
        target.files.put("/etc/app.conf", "before\n")
        let record: FilePath = "/var/lib/propel/secrets/%2Fetc%2Fapp.conf.json"
        try await run("canary").obeysLaw(secretive)
        #expect(target.files[record] != nil)
        try await plain.obeysLaw(secretive.reverted())
        #expect(target.files.text(at: "/etc/app.conf") == "before\n")
        #expect(target.files[record] == nil)
    }
}
