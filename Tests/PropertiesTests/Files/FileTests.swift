import PropelTesting
import Properties
import Testing

@Suite struct FileTests {
    let target = FakeMachine()

    @Test func makesAFile() async throws {
        let change = try await target.obeysLaw(File("/etc/motd", "Welcome.\n"))
        #expect(change.reason == "absent")
        #expect(change.diff?.text == "@@ -1 +1 @@\n+Welcome.")
        let node = try #require(target.files["/etc/motd"])
        #expect(node.bytes == Array("Welcome.\n".utf8))
        #expect(node.status.mode == 0o644)
        #expect(node.status.owner == .root)
    }

    @Test func showsHowContentChangesAndGivesItBack() async throws {
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

    @Test func aRevertRemovesWhatWasNotThere() async throws {
        let before = target.files.snapshot
        let file = File("/etc/motd", "x\n")
        try await target.obeysLaw(file)
        #expect(try await target.checkReverted(file).reason == "/etc/motd is to be as it was before")
        try await target.obeysLaw(file.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func theFirstOriginalCounts() async throws {
        target.files.put("/etc/motd", "original\n")
        try await target.obeysLaw(File("/etc/motd", "one\n"))
        try await target.obeysLaw(File("/etc/motd", "two\n"))
        try await target.obeysLaw(File("/etc/motd", "two\n").reverted())
        #expect(target.files.text(at: "/etc/motd") == "original\n")
    }

    @Test(arguments: ["Welcome.", "Welcome.\r\n", "Welcome.\n\n", "welcome.\n", " Welcome.\n"])
    func nearMissesAreNoMatch(_ present: String) async throws {
        target.files.put("/etc/motd", present)
        #expect(try await target.check(File("/etc/motd", "Welcome.\n")).reason == "other content")
    }

    @Test func onlyTheModeIsChangedWhereTheContentIsRight() async throws {
        target.files.put("/etc/key", "secret", mode: 0o644)
        let change = try await target.obeysLaw(File("/etc/key", "secret", mode: 0o600))
        #expect(change == Change(reason: "mode 0644 → 0600"))
        #expect(target.files["/etc/key"]?.status.mode == 0o600)
    }

    @Test func theGroupIsTheOwnersByDefault() async throws {
        target.files.put("/etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:33:50::/:/bin/sh\n")
        target.files.put("/etc/group", "root:x:0:\nweb:x:33:\nstaff:x:50:\n")
        try await target.obeysLaw(File("/etc/web", "x", owner: "web"))
        #expect(target.files["/etc/web"]?.status.owner == Owner(user: 33, group: 50))
        try await target.obeysLaw(File("/etc/web", "x", owner: "web", group: "web"))
        #expect(target.files["/etc/web"]?.status.owner == Owner(user: 33, group: 33))
    }

    @Test(arguments: [(0o600, 0o644), (0o644, 0o600)] as [(Permissions, Permissions)])
    func whatOthersMayNotReadIsInNoDiff(present: Permissions, declared: Permissions) async throws {
        target.files.put("/etc/key", "old secret", mode: present)
        let diff = try await target.check(File("/etc/key", "new secret!", mode: declared)).diff
        #expect(diff == "content not shown: 10 bytes → 11 bytes")
    }

    @Test func aLinkIsRefused() async throws {
        target.files.put("/etc/real", "x")
        target.files.put("/etc/motd", linkTo: "/etc/real")
        let before = target.files.snapshot
        await #expect(throws: Failure.self) { try await target.check(File("/etc/motd", "y")) }
        await #expect(throws: Failure.self) { try await File("/etc/motd", "y").apply(on: target.machine) }
        #expect(target.files.snapshot == before)
    }

    @Test func aDirectoryIsRefused() async throws {
        await #expect(throws: Failure.self) { try await target.check(File("/home/pi", "y")) }
    }

    @Test(arguments: ["motd", "", "/", "/etc/.."])
    func impossiblePathsAreRefused(_ path: FilePath) async throws {
        await #expect(throws: Failure.self) { try await target.check(File(path, "y")) }
        await #expect(throws: Failure.self) { try await target.check(Directory(path)) }
        await #expect(throws: Failure.self) { try await target.check(SymbolicLink(path, to: "/x")) }
    }

    @Test func anImpossibleModeIsRefused() async throws {
        // A mode that was meant to be octal.
        await #expect(throws: Failure.self) { try await target.check(File("/etc/motd", "y", mode: 10644)) }
    }

    @Test func aMissingUserOrGroupIsNamed() async throws {
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

    @Test func whatItsProgramRejectsIsNotPutInPlace() async throws {
        target.files.put("/etc/sudoers.d/x", "old\n")
        target.commands.program("visudo", status: 1, errors: "syntax error")
        let before = target.files.snapshot
        let file = File("/etc/sudoers.d/x", "bad\n") { Invocation("visudo", ["-cf", $0.string]) }
        await #expect(throws: CommandFailure.self) { try await file.apply(on: target.machine) }
        #expect(target.files.snapshot == before)
        #expect(target.commands.log == ["visudo -cf /etc/sudoers.d/.x.propel"])
    }

    @Test func aFullDiskLosesNothing() async throws {
        target.files.put("/etc/motd", "old\n")
        target.files.fail("/etc/motd", with: .noSpace)
        let before = target.files.snapshot
        await #expect(throws: FileError.self) { try await File("/etc/motd", "new\n").apply(on: target.machine) }
        #expect(target.files.snapshot == before)
    }
}

@Suite struct DirectoryTests {
    let target = FakeMachine()

    @Test func makesADirectoryAndRemovesItAgain() async throws {
        let before = target.files.snapshot
        let directory = Directory("/var/lib/app", mode: 0o750, owner: "pi")
        #expect(try await target.obeysLaw(directory).reason == "absent")
        #expect(target.files["/var/lib/app"]?.status.mode == 0o750)
        #expect(target.files["/var/lib/app"]?.status.owner == Owner(user: 1000, group: 1000))
        try await target.obeysLaw(directory.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func changesModeAndOwnerAndGivesThemBack() async throws {
        target.files.put("/srv/data/file", "x")
        let before = target.files.snapshot
        let directory = Directory("/srv/data", mode: 0o700, owner: "pi")
        #expect(try await target.obeysLaw(directory).reason == "mode 0755 → 0700; owner root → pi; group root → pi")
        #expect(target.files.text(at: "/srv/data/file") == "x")
        try await target.obeysLaw(directory.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func aDirectoryWithSomethingInItIsNotRemoved() async throws {
        let directory = Directory("/srv")
        try await target.obeysLaw(directory)
        target.files.put("/srv/file", "x")
        await #expect(throws: Failure.self) { try await directory.revert(on: target.machine) }
        #expect(target.files.text(at: "/srv/file") == "x")
    }

    @Test func filesAndLinksAreRefused() async throws {
        target.files.put("/srv", "file")
        target.files.put("/var/run", linkTo: "/run")
        await #expect(throws: Failure.self) { try await target.check(Directory("/srv")) }
        await #expect(throws: Failure.self) { try await target.check(Directory("/var/run")) }
    }
}

@Suite struct SymbolicLinkTests {
    let target = FakeMachine()

    @Test func makesALinkAndRemovesItAgain() async throws {
        let before = target.files.snapshot
        let link = SymbolicLink("/etc/here", to: "../nowhere")
        #expect(try await target.obeysLaw(link).reason == "absent, is to point to ../nowhere")
        #expect(target.files["/etc/here"]?.destination == "../nowhere")
        try await target.obeysLaw(link.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func changesWhereALinkPoints() async throws {
        target.files.put("/etc/here", linkTo: "/old")
        let before = target.files.snapshot
        let link = SymbolicLink("/etc/here", to: "/new")
        #expect(try await target.obeysLaw(link).reason == "points to /old → /new")
        try await target.obeysLaw(link.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func filesAndDirectoriesAreRefused() async throws {
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

    @Test func aFileWithASecretIsForItsOwnerAlone() async throws {
        let change = try await run("canary").obeysLaw(secretive)
        #expect(change == Change(reason: "absent", secrets: [Secret("db")]))
        let node = try #require(target.files["/etc/app.conf"])
        #expect(node.status.mode == 0o600)
        #expect(String(decoding: node.bytes, as: UTF8.self) == "user=app\npassword=canary\n")
        #expect(try await plain.check(secretive) == .satisfied)
    }

    @Test func driftOfAFileWithASecretIsSeenWithoutIt() async throws {
        try await run("canary").obeysLaw(secretive)
        target.files.put("/etc/app.conf", "user=app\npassword=other\n", mode: 0o600)
        let check = try await plain.check(secretive)
        #expect(check == .unmet("other content", secrets: [Secret("db")]))
        try await run("canary").obeysLaw(secretive)
    }

    @Test func anotherModeTakesNoPlaintext() async throws {
        try await run("canary").obeysLaw(secretive)
        target.files.put("/etc/app.conf", target.files.text(at: "/etc/app.conf") ?? "", mode: 0o644)
        let change = try await plain.obeysLaw(secretive)
        #expect(change == Change(reason: "mode 0644 → 0600"))
    }

    @Test func anotherVersionAndAnotherModeIsAChangeThatMayBeMore() async throws {
        try await run("canary").obeysLaw(secretive)
        target.files.put("/etc/app.conf", target.files.text(at: "/etc/app.conf") ?? "", mode: 0o644)
        let check = try await run("canary", version: "2").check(secretive)
        #expect(
            check.reason?.hasPrefix("mode 0644 → 0600; perhaps other content: cannot tell until the secret db") == true)
        try await run("canary", version: "2").obeysLaw(secretive)
    }

    @Test func aSecretThatEverybodyMayReadIsRefused() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await run("canary").check(File("/etc/app.conf", "\(Secret("db"))", mode: 0o644))
        }
        #expect(failure?.message.contains("everybody may read") == true)
        try await run("canary").obeysLaw(File("/etc/app.conf", "\(Secret("db"))", mode: 0o640))
    }

    @Test func whatWasSecretIsShownToNobodyWhenItGoes() async throws {
        let file = File("/etc/app.conf", "password=\(Secret("db"))\n", mode: 0o640)
        try await run("canary").obeysLaw(file)
        let change = try await plain.obeysLaw(File("/etc/app.conf", "vault=1\n", mode: 0o640))
        #expect(change.diff?.text == "content not shown: 16 bytes → 8 bytes")
    }

    @Test func whatAValidatorSaysOfASecretIsNotShown() async throws {
        target.commands.program("checker", status: 1, errors: "line 1: canary is no password")
        let file = File("/etc/app.conf", "\(Secret("db"))", validation: { Invocation("checker", [$0.string]) })
        let failure = await #expect(throws: Failure.self) { try await file.apply(on: run("canary").machine) }
        #expect(failure?.message.contains("is not shown, since there are secrets in it") == true)
        #expect(failure?.ending == "exit status 1")
        #expect(!"\(String(describing: failure))".contains("canary"))
        // What has none is shown.
        let other = await #expect(throws: CommandFailure.self) {
            try await File("/etc/other.conf", "canary", validation: { Invocation("checker", [$0.string]) }).apply(
                on: target.machine)
        }
        #expect(other?.lastLines == ["line 1: canary is no password"])
    }

    @Test func aRevertForgetsTheSecret() async throws {
        target.files.put("/etc/app.conf", "before\n")
        let record: FilePath = "/var/lib/propel/secrets/%2Fetc%2Fapp.conf.json"
        try await run("canary").obeysLaw(secretive)
        #expect(target.files[record] != nil)
        try await plain.obeysLaw(secretive.reverted())
        #expect(target.files.text(at: "/etc/app.conf") == "before\n")
        #expect(target.files[record] == nil)
    }
}
