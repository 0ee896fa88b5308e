import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

private let anna = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMqUPVs1oiMglLs1tz7O9GeF05wWwk9Fv33DvNZ1AHR1"
private let bert = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPZnpcnnB4YHsj1wBoS2Uw2aPnCL2aL/cTrCIol7D4vb"
private let carl =
    "ecdsa-sha2-nistp256 "
    + "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAqjiBWoNJW68o7hsHLaPVYqvA2Pb9YWIDGfQnAmOHdjQfnLohv+9NQXZ6S1b5dCX5rzeorIIbR2lrUGf62chEQ="
private let pi = Owner(user: 1000, group: 1000)

/// Keys in other files, from text, and those that nobody may use.
@Suite(.recorded) struct AuthorizedKeysPlaceTests {
    private let fake = FakeMachine()
    private let file: FilePath = "/home/pi/.ssh/authorized_keys"

    init() { fake.writesAuthorizedKeysOfPi() }

    private func put(_ text: String) {
        fake.files.put(directory: "/home/pi/.ssh", mode: 0o700, owner: pi)
        fake.files.put(file, text, mode: 0o600, owner: pi)
    }

    @Test func `keys come from text with several lines`() async throws {
        let text = "# https://github.com/anna.keys\r\n\r\n\(anna) a\r\n  \(bert)\n"
        let keys = AuthorizedKeys(of: "pi", text: text)
        #expect(keys.keys == ["\(anna) a", bert])
        try await fake.obeysLaw(keys)
        #expect(fake.files.text(at: file) == "\(anna) a\n\(bert)\n")
    }

    @Test func `a file elsewhere belongs to root`() async throws {
        let place: FilePath = "/etc/ssh/authorized_keys/pi"
        fake.files.put(directory: "/etc/ssh/authorized_keys")
        let before = fake.files.snapshot
        // The user need not exist: sshd alone reads the file.
        let keys = AuthorizedKeys(of: "later", [anna], in: place, exclusive: true)
        #expect(try await fake.obeysLaw(keys).reason == "create /etc/ssh/authorized_keys/pi")
        fake.files.put(place, "\(bert)\n", mode: 0o666, owner: pi)
        #expect(
            try await fake.obeysLaw(keys).reason
                == "other keys; mode 0666 → 0644; owner pi → root; group pi → root")
        #expect(fake.files.text(at: place) == "\(anna)\n")
        try await fake.obeysLaw(keys.reverted())
        #expect(fake.files.snapshot == before)
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `a file that others could exchange is refused`() async throws {
        fake.files.put(directory: "/srv/keys", mode: 0o777)
        let keys = AuthorizedKeys(of: "pi", [anna], in: "/srv/keys/pi")
        await #expect(throws: Failure.self) { try await fake.check(keys) }
        await #expect(throws: Failure.self) { try await keys.apply(on: fake.machine) }
        #expect(fake.files["/srv/keys/pi"] == nil)
    }

    @Test func `one key is taken away, and all other lines stay`() async throws {
        put("# mine\n\(bert) b\nno-pty \(anna) former\ngarbage é\n\(anna)\n")
        let absent = AuthorizedKeys.Absent(of: "pi", "\(anna) anna@laptop")
        let change = try await fake.obeysLaw(absent)
        #expect(change.reason == "remove 2 lines")
        #expect(fake.files.text(at: file) == "# mine\n\(bert) b\ngarbage é\n")
        #expect(fake.commands.log.allSatisfy { $0.hasPrefix("setpriv --reuid=1000") })
    }

    @Test func `without a user, a home or a file there is no key`() async throws {
        #expect(try await fake.check(AuthorizedKeys.Absent(of: "pi", anna)) == .satisfied)
        #expect(try await fake.check(AuthorizedKeys.Absent(of: "nobody-yet", anna)) == .satisfied)
        #expect(AuthorizedKeys.Absent(of: "pi", "ssh-ed25519 AAAA").problems.count == 1)
    }

    @Test func `a key that is declared and declared absent is a conflict`() {
        let host = Host("test", runs: Debian.self) {
            AuthorizedKeys(of: "pi", ["\(anna) a", bert])
            AuthorizedKeys.Absent(of: "pi", anna)
            AuthorizedKeys.Absent(of: "pi", carl)
        }
        #expect(host.conflicts.count == 1)
    }
}
