import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct SSHHostTests {
    private let fake = FakeMachine()
    private let github = SSHHost(
        "github", "github.com", ["Port": "443", "IdentityFile": "~/.ssh/id_github"], of: "deploy")

    init() {
        fake.files.put(directory: "/etc/ssh")
        fake.commands.program("ssh")
    }

    @Test func `settings are a file that ssh accepts`() async throws {
        let before = fake.files.snapshot
        try await fake.obeysLaw(github)
        #expect(
            fake.files.text(at: "/etc/ssh/ssh_config.d/github.conf") == """
                Match localuser deploy originalhost github.com
                    IdentityFile ~/.ssh/id_github
                    Port 443

                """)
        #expect(fake.commands.log == ["ssh -F /etc/ssh/ssh_config.d/.github.conf.propel -G localhost"])
        try await fake.obeysLaw(github.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `they are for all users by default, and for several hosts`() async throws {
        try await fake.obeysLaw(SSHHost("lan", "*.example.lan !gate.example.lan", ["User": "admin"]))
        #expect(
            fake.files.text(at: "/etc/ssh/ssh_config.d/lan.conf")
                == "Host *.example.lan !gate.example.lan\n    User admin\n")
    }

    @Test func `what ssh refuses is not put in place`() async throws {
        fake.commands.program("ssh", status: 255, errors: "Bad configuration option: prot")
        await #expect(throws: CommandFailure.self) { try await github.apply(on: fake.machine) }
        #expect(fake.files["/etc/ssh/ssh_config.d/github.conf"] == nil)
    }

    @Test(arguments: [
        SSHHost("", "a", ["User": "b"]), SSHHost("a.b", "a", ["User": "b"]), SSHHost("a", "", ["User": "b"]),
        SSHHost("a", "a\nb", ["User": "b"]), SSHHost("a", "a", [:]), SSHHost("a", "a", ["Match": "all"]),
        SSHHost("a", "a", ["Include": "/x"]), SSHHost("a", "a", ["User": "b\nHost *"]),
        SSHHost("a", "a", ["User": " "]), SSHHost("a", "a", ["User": "b"], of: "x y"),
    ]) func `invalid settings are problems and write nothing`(_ property: SSHHost) async throws {
        #expect(property.problems.count == 1)
        await #expect(throws: Failure.self) { try await property.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }
}
