import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct UserAbsentTests {
    let fake = FakeMachine(invoker: "admin")

    init() {
        plantAccountPrograms(fake)
        fake.commands.program("pkill")
    }

    @Test(arguments: ["/run/systemd/users/1000", "/var/lib/systemd/linger/pi"] as [FilePath])
    func `a user with a session or lingering stays unless that is to end`(_ mark: FilePath) async throws {
        fake.files.put(mark, "")
        fake.files.put("/run/systemd/users/1000", "")
        let failure = await #expect(throws: Failure.self) { try await fake.check(User.Absent("pi")) }
        #expect(failure?.message == "pi is logged in or has running programs")
        #expect(failure?.advice?.contains("endsSessions: true") == true)
        await #expect(throws: Failure.self) { try await User.Absent("pi").apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
        #expect(
            try await fake.obeysLaw(User.Absent("pi", endsSessions: true)).reason
                == "end the sessions of pi and remove pi, the home /home/pi stays")
        #expect(fake.files[mark] == nil)
        #expect(fake.commands.log.suffix(2) == ["loginctl terminate-user pi", "userdel -- pi"])
    }

    @Test func `a program outside of any session is a failure with advice`() async throws {
        fake.commands.program("userdel", status: 8, errors: "userdel: user pi is currently used by process 99\n")
        let failure = await #expect(throws: Failure.self) { try await User.Absent("pi").apply(on: fake.machine) }
        #expect(failure?.message == "pi is logged in or has running programs")
        #expect(fake.commands.log == ["userdel -- pi"])
    }

    @Test func `a user who is gone no longer lingers`() async throws {
        fake.files.put("/var/lib/systemd/linger/ben", "")
        #expect(try await fake.obeysLaw(User.Absent("ben")).reason == "let ben no longer linger")
    }

    @Test func `the user who runs Propel stays`() async throws {
        fake.files.put("/etc/passwd", "root:x:0:0::/root:/bin/sh\nadmin:x:1001:1001::/home/admin:/bin/sh\n")
        await #expect(throws: Failure.self) { try await fake.check(User.Absent("admin", endsSessions: true)) }
    }
}
