import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct UserExpiryTests {
    private let fake = FakeMachine()
    private let hash = "$y$j9T$Kd3zWqj0gJ7$8lbWvXh5hZpF1cV0uQ.sT/2y"

    init() { plantAccountPrograms(fake) }

    @Test func `an account expires, and does no longer`() async throws {
        let user = User("anna", expires: .on(year: 2027, month: 12, day: 31))
        #expect(try await fake.obeysLaw(user).reason == "create")
        #expect(fake.commands.log.last == "usermod --expiredate 2027-12-31 -- anna")
        let later = User("anna", expires: .on(year: 2028, month: 2, day: 29))
        #expect(try await fake.obeysLaw(later).reason == "let it expire on 2028-02-29")
        #expect(try await fake.check(User("anna")) == .satisfied)
        #expect(try await fake.obeysLaw(User("anna", expires: .never)).reason == "let it never expire")
        #expect(fake.commands.log.last == "usermod --expiredate '' -- anna")
    }

    @Test func `days are counted as shadow does`() {
        #expect(User.Expiry.on(year: 1970, month: 1, day: 1).days == 0)
        #expect(User.Expiry.on(year: 2000, month: 3, day: 1).days == 11_017)
        #expect(User.Expiry.on(year: 2027, month: 12, day: 31).days == 21_183)
        #expect(User.Expiry.on(year: 2028, month: 2, day: 29).days == 21_243)
        #expect(User.Expiry.never.days == nil)
    }

    @Test(arguments: [(2027, 2, 29), (2027, 13, 1), (2027, 0, 1), (2027, 4, 31), (1900, 1, 1)])
    func `what is no day is refused`(_ year: Int, _ month: Int, _ day: Int) async throws {
        let user = User("anna", expires: .on(year: year, month: month, day: day))
        await #expect(throws: Failure.self) { try await fake.check(user) }
        await #expect(throws: Failure.self) { try await user.apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `a user who has a password keeps it if that is declared`() async throws {
        let user = User("anna", password: .hash(hash), keepsPassword: true)
        try await fake.obeysLaw(user)
        #expect(fake.files.text(at: "/etc/shadow")?.contains("anna:\(hash):") == true)
        for field in ["$y$j9T$other$other", "!$y$j9T$other$other"] {
            fake.files.put("/etc/shadow", "anna:\(field):20000:0:99999:7:::\n", mode: 0o640)
            #expect(try await fake.check(user) == .satisfied)
            #expect(try await fake.check(User("anna", password: .hash(hash))).reason == "another password")
        }
        // A run was cut after the user was made: there is none to keep.
        for field in ["!", "*", "!*", ""] {
            fake.files.put("/etc/shadow", "anna:\(field):20000:0:99999:7:::\n", mode: 0o640)
            #expect(try await fake.obeysLaw(user).reason == "another password")
        }
    }

    @Test func `a home is moved if that is declared`() async throws {
        fake.files.put("/home/pi/notes", "mine\n", owner: Owner(user: 1000, group: 1000))
        fake.files.put(directory: "/srv")
        await #expect(throws: Failure.self) { try await fake.check(User("pi", home: "/srv/pi")) }
        let user = User("pi", home: "/srv/pi", movesHome: true)
        #expect(try await fake.obeysLaw(user).reason == "move the home /home/pi to /srv/pi")
        #expect(fake.commands.log == ["usermod --move-home --home /srv/pi -- pi"])
        #expect(fake.files.text(at: "/srv/pi/notes") == "mine\n" && fake.files["/home/pi"] == nil)
    }

    @Test func `a home is not moved over something else`() async throws {
        fake.files.put(directory: "/srv/pi")
        let user = User("pi", home: "/srv/pi", movesHome: true)
        let failure = await #expect(throws: Failure.self) { try await fake.check(user) }
        #expect(failure?.message == "/srv/pi, to which the home of pi would be moved, exists already")
    }
}
