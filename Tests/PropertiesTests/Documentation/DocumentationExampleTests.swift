import PropelTesting
import Properties
import Testing

@Suite struct MailAliasTests {
    let target = FakeMachine()
    let alias = MailAlias("root", to: "anna@example.com")

    /// Comments, an entry over two lines, and a name that ends with another one.
    static let written = "# see aliases(5)\nwebroot: ben\nPostmaster: ben,\n\tclara\n"

    init() {
        target.files.put("/usr/sbin/sendmail", "", mode: 0o755)
        target.files.put("/etc/aliases", Self.written)
        target.commands.program("newaliases")
    }

    @Test func `adds one line and restores the file`() async throws {
        let before = target.files.snapshot
        let change = try await target.obeysLaw(alias)
        #expect(change.reason == "none → anna@example.com")
        #expect(change.diff?.text.hasSuffix("\n+root: anna@example.com") == true)
        #expect(target.files.text(at: "/etc/aliases") == Self.written + "root: anna@example.com\n")
        try await target.obeysLaw(alias.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test(arguments: ["root:\tanna@example.com\n", "Root: anna@example.com", "\"root\" :\n  anna@example.com\n"])
    func `an equivalent entry is kept`(_ text: String) async throws {
        target.files.put("/etc/aliases", text)
        #expect(try await target.check(alias) == .satisfied)
    }

    @Test(arguments: [
        "", "#root: anna@example.com\n", "webroot: anna@example.com\n", "root: anna@example.com.au\n", "root: ben\n",
        "root: anna@example.com, ben\n", "root: anna@example.com\nroot: ben\n", "root:\n",
        "clara: ben,\n root: anna@example.com\n",
    ])
    func `a near miss is replaced and restored`(_ text: String) async throws {
        target.files.put("/etc/aliases", text)
        try await target.obeysLaw(alias)
        try await target.obeysLaw(alias.reverted())
        #expect(target.files.text(at: "/etc/aliases") == text)
    }

    @Test func `lines added by other programs are kept`() async throws {
        try await target.obeysLaw(alias)
        target.files.put("/etc/aliases", "dora: ben\n" + (target.files.text(at: "/etc/aliases") ?? ""))
        try await target.obeysLaw(alias.reverted())
        #expect(target.files.text(at: "/etc/aliases") == "dora: ben\n" + Self.written)
    }

    @Test func `a revert removes a file that was not there`() async throws {
        try target.files.remove("/etc/aliases")
        try await target.obeysLaw(alias)
        #expect(target.files.text(at: "/etc/aliases") == "root: anna@example.com\n")
        try await target.obeysLaw(alias.reverted())
        #expect(target.files["/etc/aliases"] == nil)
    }

    @Test func `a check is undetermined before there is a mail server`() async throws {
        try target.files.remove("/usr/sbin/sendmail")
        #expect(try await target.check(alias) == .unknown(until: "a mail server is installed"))
    }

    @Test(arguments: [
        MailAlias("", to: "ben"), MailAlias("root"), MailAlias("root", to: ""), MailAlias("root", to: "|/bin/sh"),
        MailAlias("root", to: "/etc/passwd"), MailAlias("root", to: "ben\nclara: dora"), MailAlias("a: b", to: "ben"),
    ])
    func `an invalid alias is refused and writes nothing`(_ alias: MailAlias) async throws {
        #expect(alias.problems.count == 1)
        await #expect(throws: Failure.self) { try await target.check(alias) }
        await #expect(throws: Failure.self) { try await alias.apply(on: target.machine) }
        #expect(target.files.writes.isEmpty)
    }

    @Test func `the database is rebuilt once a run`() async throws {
        let host = Host("mail.example.com", runs: Debian.self) {
            MailAlias("root", to: "anna@example.com").onChange(MailAlias.Rebuild())
            MailAlias("abuse", to: "root").onChange(MailAlias.Rebuild())
        }
        let run = await Engine(host: host, machine: target.machine) { _ in }.enforce()
        #expect(run[.changed] == 3)
        #expect(target.commands.log == ["newaliases"])
        let second = await Engine(host: host, machine: target.machine) { _ in }.enforce()
        #expect(second.counts == [.ok: 2])
        #expect(target.commands.log == ["newaliases"])
    }

    @Test func `two recipients for one name conflict`() {
        let host = Host("mail.example.com", runs: Debian.self) {
            MailAlias("root", to: "anna@example.com")
            MailAlias("Root", to: "ben")
        }
        #expect(host.conflicts.map(\.subject) == ["the mail alias root"])
    }

    // The faults of the naive property that the page lists.

    @Test func `the naive property finds another name`() async throws {
        #expect(try await target.check(NaiveMailAlias(alias: "root", recipient: "anna@example.com")) == .satisfied)
    }

    @Test func `the naive property does not see the recipient`() async throws {
        target.files.put("/etc/aliases", "root: mallory@example.org\n")
        #expect(try await target.check(NaiveMailAlias(alias: "root", recipient: "anna@example.com")) == .satisfied)
    }
}
