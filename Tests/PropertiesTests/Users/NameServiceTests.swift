import PropelTesting
import Properties
import RecordedOperations
import Testing

/// Accounts that are not in the files of the machine.
@Suite(.recorded) struct NameServiceTests {
    let fake = FakeMachine()

    init() {
        plantAccountPrograms(fake)
        fake.files.put(
            "/etc/nsswitch.conf", "# comment\npasswd: files systemd [NOTFOUND=continue] ldap\ngroup:\tfiles sss\n")
        fake.files.put("/etc/group", "root:x:0:\nsudo:x:27:\npi:x:1000:\n")
        fake.commands.program("getent") { command in
            switch command.arguments.joined(separator: " ") {
            case "-- passwd anna": .printing("anna:*:5000:5000:Anna:/home/anna:/bin/bash\n")
            case "-- group staff2": .printing("staff2:*:5001:anna,ben\n")
            case "-- group people": .printing("people:*:5000:\n")
            case "-- passwd down": .failing(1, "getent: cannot reach the server\n")
            default: .failing(2)
            }
        }
    }

    @Test func `a user from elsewhere owns files and is in groups`() async throws {
        try await fake.obeysLaw(File("/etc/x", "x", owner: "anna"))
        #expect(fake.files["/etc/x"]?.status.owner == Owner(user: 5000, group: 5000))
        #expect(try await fake.check(Membership(of: "anna", in: "staff2")) == .satisfied)
        #expect(try await fake.check(Membership(of: "anna", in: "people")) == .satisfied)
        try await fake.obeysLaw(Membership(of: "anna", in: "sudo"))
        #expect(fake.commands.log.contains("gpasswd --add anna sudo"))
        #expect(try await fake.check(Membership(of: "carl", in: "sudo")).isUnknown)
        #expect(try await fake.check(Group("staff2")) == .satisfied)
    }

    @Test func `a user from elsewhere is not created a second time`() async throws {
        fake.files.put(directory: "/home/anna", mode: 0o700, owner: Owner(user: 5000, group: 5000))
        #expect(try await fake.check(User("anna")) == .satisfied)
        #expect(try await fake.check(User("anna", id: 5000, comment: "Anna", shell: "/bin/bash")) == .satisfied)
        #expect(try await fake.obeysLaw(User("anna", groups: ["sudo"])).reason == "add to sudo")
        for user in [User("anna", comment: "B"), User("anna", shell: "/bin/zsh"), User("anna", password: .locked)] {
            let failure = await #expect(throws: Failure.self) { try await fake.check(user) }
            #expect(failure?.message.contains("not in the files of this machine") == true)
        }
        await #expect(throws: Failure.self) { try await fake.check(User.Absent("anna")) }
        await #expect(throws: Failure.self) { try await fake.check(Group.Absent("staff2")) }
        await #expect(throws: Failure.self) { try await Membership(of: "pi", in: "staff2").apply(on: fake.machine) }
        await #expect(throws: Failure.self) { try await fake.check(User("pi", groups: ["staff2"])) }
    }

    @Test func `a source that does not answer is a failure and not an absence`() async throws {
        await #expect(throws: CommandFailure.self) { try await fake.check(User("down")) }
    }

    @Test func `without another source nobody is asked`() async throws {
        fake.files.put("/etc/nsswitch.conf", "passwd: files systemd\ngroup: files systemd # ldap\n")
        try await fake.obeysLaw(User("anna"))
        #expect(!fake.commands.log.contains { $0.hasPrefix("getent") })
    }
}
