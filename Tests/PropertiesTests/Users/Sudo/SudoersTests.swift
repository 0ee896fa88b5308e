import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct SudoersTests {
    let fake = FakeMachine()
    let rule = Sudoers(
        "deploy", .user("deploy"), commands: ["/usr/bin/systemctl restart app", "/bin/echo a,b=c"],
        withoutPassword: true)

    init() {
        fake.files.put(directory: "/etc/sudoers.d", mode: 0o750)
        fake.commands.program("visudo") { [fake] command in
            let path = command.arguments.last?.split(separator: "=").last.map { FilePath(String($0)) } ?? "/"
            let isPrivate = fake.files[path]?.status.mode == 0o440
            let text = fake.files.text(at: path) ?? ""
            return text.contains("nonsense") || !isPrivate ? .failing(1, "\(path):1:8: syntax error\n") : .printing()
        }
    }

    /// It would join the next line to this one. The number sign of Arabic and the backslash are one `Character`.
    @Test(arguments: ["env_reset\\", "env_reset\u{600}\\"]) func `a backslash at the end is refused`(_ option: String) {
        #expect(Sudoers("ops", .user("ops"), defaults: [option]).problems.count == 1)
    }

    @Test func `writes a rule that visudo accepts`() async throws {
        let change = try await fake.obeysLaw(rule)
        #expect(
            fake.files.text(at: "/etc/sudoers.d/deploy")
                == "deploy ALL=(ALL:ALL) NOPASSWD: /usr/bin/systemctl restart app, /bin/echo a\\,b\\=c\n")
        #expect(fake.files["/etc/sudoers.d/deploy"]?.status.mode == 0o440)
        #expect(fake.commands.log == ["visudo --check --file=/etc/sudoers.d/.deploy.propel"])
        #expect(change.reason == "create with mode 0440, owner root:root")
    }

    @Test func `names groups and options`() async throws {
        try await fake.obeysLaw(
            Sudoers("admins", .group("admin"), runAs: "root", defaults: ["env_keep += \"SSH_AUTH_SOCK\"", "!lecture"]))
        #expect(
            fake.files.text(at: "/etc/sudoers.d/admins")
                == "Defaults:%admin env_keep += \"SSH_AUTH_SOCK\"\nDefaults:%admin !lecture\n%admin ALL=(root) ALL\n")
    }

    @Test func `a file that visudo rejects is not installed`() async throws {
        fake.files.put("/etc/sudoers.d/deploy", "deploy ALL=(ALL) ALL\n", mode: 0o440)
        let before = fake.files.snapshot
        await #expect(throws: CommandFailure.self) {
            try await Sudoers("deploy", .user("deploy"), defaults: ["nonsense"]).apply(on: fake.machine)
        }
        #expect(fake.files.snapshot == before)
    }

    @Test func `reverted the file of before is back`() async throws {
        fake.files.put("/etc/sudoers.d/deploy", "# mine", mode: 0o400)
        let before = fake.files.snapshot
        try await fake.obeysLaw(rule)
        try await fake.obeysLaw(rule.reverted())
        #expect(fake.files.snapshot == before)
    }

    // sudo reads neither of these, and so a rule in it would hold for nobody.
    @Test(arguments: ["deploy.conf", "deploy~", "", "../sudoers", "a b", "a\n"])
    func `a file that sudo ignores is refused`(name: String) async throws {
        await #expect(throws: Failure.self) { try await fake.check(Sudoers(name, .user("deploy"))) }
    }

    @Test func `a value with a newline is rejected`() async throws {
        let bad = [
            Sudoers("a", .user("x y")), Sudoers("a", .user("x\nroot")), Sudoers("a", .group("%admin")),
            Sudoers("a", .user("a"), commands: []),
            Sudoers("a", .user("a"), commands: ["systemctl"]),
            Sudoers("a", .user("a"), commands: ["/bin/a\nALL ALL=(ALL) ALL"]),
            Sudoers("a", .user("a"), commands: ["/bin/a\\"]), Sudoers("a", .user("a"), runAs: "root) ALL"),
            Sudoers("a", .user("a"), defaults: ["x\ny"]),
        ]
        for rule in bad { await #expect(throws: Failure.self) { try await fake.check(rule) } }
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `sudo is installed first`() {
        let steps = Host("test", runs: Debian.self) { rule }.steps
        #expect(steps.map(\.path) == ["apt: sudo", "sudoers deploy"])
        #expect(steps[1].requirements == [0])
        // Taken back, nothing is installed.
        #expect(Host("test", runs: Debian.self) { rule.reverted() }.steps.map(\.path) == ["no sudoers deploy"])
    }

    @Test(arguments: [
        (":", "\\:"), ("#", "\\#"), (",", "\\,"), ("=", "\\="), ("\\x", "\\\\x"), ("a b", "a b"),
    ])
    func `a command is one command, whatever is in it`(_ word: String, _ escaped: String) async throws {
        try await fake.obeysLaw(Sudoers("deploy", .user("deploy"), commands: ["/bin/echo \(word)1"]))
        #expect(
            fake.files.text(at: "/etc/sudoers.d/deploy") == "deploy ALL=(ALL:ALL) /bin/echo \(escaped)1\n")
    }
}
