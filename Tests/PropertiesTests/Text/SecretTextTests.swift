import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// Secrets and facts in the lines of files that others decide about too.
@Suite(.recorded) struct SecretTextTests {
    private let fake = FakeMachine()
    private var text: String? { fake.files.text(at: "/etc/x") }

    /// A run that has decrypted the secret.
    private func run(_ plaintext: String, version: String = "1") async throws -> FakeMachine {
        let run = fake.run(
            with: Secrets(versions: ["db": version]) { _ in ["db": try SecretBytes(copying: Array(plaintext.utf8))] })
        try await run.machine.secrets.fetch([Secret("db")])
        return run
    }
    private func plain(_ version: String = "1") -> FakeMachine { fake.run(with: Secrets(versions: ["db": version])) }

    private static let hidden = Check.unmet(
        "edit; not shown, since there are secrets in it", secrets: [Secret("db")])

    static let edits: [(any TextEditing, before: String, after: String)] = [
        (
            Setting("/etc/x", "password", "\(Secret("db"))", syntax: .ini(section: "s")),
            "[s]\nuser = app\npassword = old\n", "[s]\nuser = app\npassword = pen'cil\n"
        ),
        (
            Setting("/etc/x", "DB_URL", "pg://app:\(Secret("db"))@db", syntax: .shell),
            "# DB_URL=x\nA=1\n", "# DB_URL=x\nDB_URL='pg://app:pen'\\''cil@db'\nA=1\n"
        ),
        (
            Line("/etc/x", "anna * \(Secret("db")) *", replacing: "anna *"),
            "ben * x *\nanna * old *\n", "ben * x *\nanna * pen'cil *\n"
        ),
        (
            Block("/etc/x", "client", "user=app\npassword=\(Secret("db"))\n"), "a\n",
            "a\n# begin client, kept by Propel\nuser=app\npassword=pen'cil\n# end client, kept by Propel\n"
        ),
    ]

    @Test(arguments: edits.indices) func `a secret is written, known by its record, and taken back`(
        _ index: Int
    ) async throws {
        let (edit, before, after) = Self.edits[index]
        #expect(edit.problems.isEmpty && edit.secrets == [Secret("db")])
        fake.files.put("/etc/x", before, mode: 0o640)
        try await check(edit, before, after)
    }

    private func check(_ edit: some TextEditing, _ before: String, _ after: String) async throws {
        // The newline of an editor does not count.
        let change = try await run("pen'cil\n").obeysLaw(edit)
        #expect(change.diff == nil && change.secrets == [Secret("db")])
        #expect(text == after && fake.files["/etc/x"]?.status.mode == 0o640)
        let names = [edit.name, change.reason] + edit.claims.flatMap { [$0.subject, $0.state, $0.summary] }
        #expect(names.allSatisfy { !$0.contains("cil") })
        // The next run decrypts nothing.
        #expect(try await plain().check(edit) == .satisfied)
        // What others do elsewhere in the file does not matter.
        fake.files.put("/etc/x", "# new\n" + after, mode: 0o640)
        #expect(try await plain().check(edit) == .satisfied)
        // Drift of the lines does.
        fake.files.put("/etc/x", after.replacing("cil", with: "cils"), mode: 0o640)
        #expect(try await plain().check(edit) == Self.hidden)
        try await run("pen'cil").obeysLaw(edit)
        #expect(text == after)
        // Encrypted again: only the plaintext tells.
        #expect(try await plain("2").check(edit).isUnknown)
        let later = try await run("pen'cil", version: "2")
        #expect(try await later.check(edit) == .satisfied)
        #expect(try await plain("2").check(edit) == .satisfied)
        try await fake.obeysLaw(edit.reverted())
        #expect(text == before)
        #expect(try fake.files.list("/var/lib/propel/secrets").isEmpty)
    }

    /// Nothing would find the record again once the lines are gone.
    @Test(arguments: edits.indices) func `a revert that is killed leaves no record of the secret`(
        _ index: Int
    ) async throws {
        let edit = Self.edits[index].0
        fake.files.put("/etc/x", Self.edits[index].1, mode: 0o640)
        try await run("pen'cil").obeysLaw(edit)
        fake.inject(.kill, afterFirst: "replace /etc/x")
        try? await edit.revert(on: fake.machine)
        #expect(fake.operations.isDown)
        fake.restart(seed: 0)
        #expect(try fake.files.list("/var/lib/propel/secrets").isEmpty)
    }

    @Test(arguments: edits.indices) func `a rotated secret replaces the former one`(_ index: Int) async throws {
        let (edit, before, after) = Self.edits[index]
        fake.files.put("/etc/x", before, mode: 0o600)
        try await rotate(edit)
        #expect(text == after.replacing("pen", with: "char"))
    }

    private func rotate(_ edit: some TextEditing) async throws {
        try await run("pen'cil").obeysLaw(edit)
        try await run("char'cil", version: "2").obeysLaw(edit)
    }

    @Test(arguments: edits.indices) func `a file that everybody may read gets no secret`(_ index: Int) async throws {
        let (edit, before, _) = Self.edits[index]
        let machine = try await run("pen'cil").machine
        for mode: ModeBits in [0o644, 0o602] {
            fake.files.put("/etc/x", before, mode: mode)
            await #expect(throws: Failure.self) { try await edit.check(on: machine) }
            await #expect(throws: Failure.self) { try await edit.apply(on: machine) }
            #expect(text == before)
        }
    }

    @Test func `a missing file is created for its owner, and goes with a revert`() async throws {
        let setting = Setting("/etc/x", "A", "\(Secret("db"))", syntax: .shell, createsFile: true)
        let change = try await run("b").obeysLaw(setting)
        #expect(change.reason == "create with mode 0600, owner root:root; not shown, since there are secrets in it")
        #expect(text == "A=b\n" && fake.files["/etc/x"]?.status.mode == 0o600)
        try await fake.obeysLaw(setting.reverted())
        #expect(fake.files["/etc/x"] == nil)
        #expect(Setting("/etc/x", "A", "\(Secret("db"))", syntax: .shell, mode: 0o644).problems.count == 1)
        #expect(Line("/etc/x", "A=\(Secret("db"))", replacing: "A=", mode: 0o644).problems.count == 1)
        #expect(Block("/etc/x", "a", "A=\(Secret("db"))", mode: 0o644).problems.count == 1)
    }

    @Test func `a program that refuses the file does not show the secret`() async throws {
        fake.files.put("/etc/x", "a\n", mode: 0o600)
        fake.commands.program("checker", status: 1, errors: "line 2: bad: pencil\n")
        let setting = Setting("/etc/x", "A", "\(Secret("db"))", syntax: .shell) { Invocation("checker", [$0.string]) }
        do {
            try await setting.apply(on: run("pencil").machine)
            Issue.record("accepted")
        } catch {
            let failure = Failure(describing: error)
            #expect(failure.output.isEmpty && !"\(failure)".contains("pencil"))
        }
        #expect(text == "a\n")
    }

    @Test(arguments: ["a\nb", "a\u{0}b", "a\rb"]) func `a secret of several lines is refused without being shown`(
        _ plaintext: String
    ) async throws {
        fake.files.put("/etc/x", "a\n", mode: 0o600)
        for edit in Self.edits.map(\.0).prefix(3) {
            do {
                try await edit.apply(on: run(plaintext).machine)
                Issue.record("accepted")
            } catch {
                #expect(!"\(error)".contains(plaintext))
            }
        }
        #expect(text == "a\n")
    }

    @Test func `a marker in a secret does not end its block`() async throws {
        fake.files.put("/etc/x", "a\n", mode: 0o600)
        let block = Block("/etc/x", "b", "\(Secret("db"))")
        let machine = try await run("# end b, kept by Propel").machine
        await #expect(throws: Failure.self) { try await block.apply(on: machine) }
        #expect(text == "a\n")
    }

    @Test func `a line with values that change is found by its beginning`() async throws {
        #expect(
            Line("/etc/x", "password=\(Secret("db"))").problems == [
                """
                the line “password=<db>” of /etc/x has values in it that may change, and would not be found again
                  Give its beginning: replacing: “password=”.
                """
            ])
        #expect(Line("/etc/x", "\(Fact.hostname) a").problems.first?.hasSuffix("Use Block instead.") == true)
        // The secret is no part of the beginning.
        #expect(Line("/etc/x", "a \(Secret("db"))", replacing: "a <d").problems.count == 1)
        #expect(Line("/etc/x", "a \(Secret("db"))", replacing: "a ").problems.isEmpty)
    }

    @Test func `facts are filled in, shown, and followed`() async throws {
        fake.files.put("/proc/sys/kernel/hostname", "web1\n")
        fake.files.put("/etc/x", "a\n")
        let line = Line("/etc/x", "name \(Fact.hostname)", replacing: "name ")
        #expect(try await fake.obeysLaw(line).diff?.text.hasSuffix("\n+name web1") == true)
        fake.files.put("/proc/sys/kernel/hostname", "web2\n")
        try await fake.obeysLaw(line)
        #expect(text == "a\nname web2\n")
        try await fake.obeysLaw(line.reverted())
        try await fake.obeysLaw(Block("/etc/x", "b", "on \(Fact.hostname)\n"))
        try await fake.obeysLaw(Setting("/etc/x", "n", "\(Fact.hostname)", syntax: .ini(section: "s")))
        #expect(text == "a\n# begin b, kept by Propel\non web2\n# end b, kept by Propel\n\n[s]\nn = web2\n")
    }

    @Test func `two secrets of one setting conflict`() {
        let host = Host("x", runs: Debian.self) {
            Setting("/etc/x", "A", "\(Secret("a"))", syntax: .shell)
            Setting("/etc/x", "A", "\(Secret("b"))", syntax: .shell)
        }
        #expect(host.conflicts.count == 1)
    }
}
