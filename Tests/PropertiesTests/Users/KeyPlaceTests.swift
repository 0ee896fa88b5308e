import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// Where keys may be written, as Debian's sshd accepts it.
@Suite(.recorded) struct KeyPlaceTests {
    let fake = FakeMachine()

    private func refusal(_ login: String) async throws -> String? {
        fake.machine.forgetFacts()
        let account = try #require(try await fake.machine.user(login))
        do { try await KeyPlace(account, on: fake.machine).refuseUnsafe(fake.machine) } catch let failure as Failure {
            return failure.message
        }
        return nil
    }

    @Test(
        arguments: [
            ("pi:x:1000:", 0o770, true), ("pi:x:1000:pi", 0o775, true), ("pi:x:1000:", 0o777, false),
            ("pi:x:1000:anna", 0o770, false), ("pi:x:1000:pi,anna", 0o770, false), ("other:x:1001:", 0o770, false),
        ] as [(String, ModeBits, Bool)])
    func `a home may be writable by a group that is the user's own`(
        _ group: String, _ mode: ModeBits, _ isAccepted: Bool
    ) async throws {
        fake.files.put("/etc/group", "root:x:0:\n\(group)\n")
        let id: UInt32 = group.hasPrefix("other") ? 1001 : 1000
        fake.files.put(directory: "/home/pi", mode: mode, owner: Owner(user: 1000, group: id))
        #expect(try await (refusal("pi") == nil) == isAccepted)
    }

    @Test func `a home that is writable by the primary group of others is refused`() async throws {
        fake.files.put(
            "/etc/passwd", "root:x:0:0::/root:/bin/sh\npi:x:1000:1000::/home/pi:/bin/sh\nben:x:1001:1000::/:/bin/sh\n")
        fake.files.put(directory: "/home/pi", mode: 0o770, owner: Owner(user: 1000, group: 1000))
        #expect(try await refusal("pi")?.contains("others than pi can write in /home/pi") == true)
    }

    // Proxmox keeps the keys of root in the files of the cluster.
    @Test func `the keys of root may be a link of root`() async throws {
        fake.files.put(directory: "/root/.ssh", mode: 0o700)
        fake.files.put("/root/.ssh/authorized_keys", linkTo: "/etc/pve/priv/authorized_keys")
        fake.files.put("/etc/pve/priv/authorized_keys", "# cluster\n", mode: 0o600, owner: Owner(user: 0, group: 33))
        let root = try #require(try await fake.machine.user("root"))
        #expect(try await refusal("root") == nil)
        #expect(try KeyPlace(root, on: fake.machine).file == "/etc/pve/priv/authorized_keys")
        fake.files.put("/root/.ssh/authorized_keys", linkTo: "../../etc/pve/priv/authorized_keys")
        #expect(try KeyPlace(root, on: fake.machine).file == "/etc/pve/priv/authorized_keys")
        fake.commands.program("setpriv")
        let keys = AuthorizedKeys(
            of: "root", ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMqUPVs1oiMglLs1tz7O9GeF05wWwk9Fv33DvNZ1AHR1"])
        #expect(try await fake.check(keys).reason == "other keys")
        try await keys.apply(on: fake.machine)
        #expect(fake.commands.log.last?.hasSuffix(" /root 91 /etc/pve/priv/authorized_keys") == true)
    }

    @Test func `a link that others could exchange is refused`() async throws {
        fake.files.put(directory: "/root/.ssh", mode: 0o700)
        fake.files.put("/root/.ssh/authorized_keys", linkTo: "/home/pi/keys")
        fake.files.put("/home/pi/keys", "", mode: 0o600)
        #expect(try await refusal("root")?.contains("others than root can write in /home/pi") == true)
        fake.files.put("/root/.ssh/authorized_keys", linkTo: "authorized_keys")
        #expect(try await refusal("root") == "/root/.ssh/authorized_keys leads to itself by symbolic links")
        fake.files.put(directory: "/home/pi/.ssh", mode: 0o700, owner: Owner(user: 1000, group: 1000))
        fake.files.put("/home/pi/.ssh/authorized_keys", linkTo: "/root/.ssh/authorized_keys")
        #expect(try await refusal("pi")?.contains("is a symbolic link") == true)
    }
}
