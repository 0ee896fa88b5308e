import PropelTesting
import Properties
import Testing

@Suite struct MountTests {
    private let fake = FakeMachine()
    private let disk = Mount("/srv/media", from: "UUID=6f1d", type: "ext4")

    init() {
        fake.files.put(directory: "/srv")
        fake.files.put("/etc/fstab", "# <file system>\nUUID=1 / ext4 errors=remount-ro 0 1\n")
        fake.files.put("/proc/self/mountinfo", "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
        fake.commands.program("systemctl")
        fake.commands.program("mount") { [fake] command in
            let point = command.arguments.last ?? ""
            fake.files.put(
                "/proc/self/mountinfo",
                (fake.files.text(at: "/proc/self/mountinfo") ?? "") + "36 25 8:2 / \(point) rw - ext4 /dev/sdb1 rw\n")
            return .printing()
        }
        fake.commands.program("umount") { [fake] _ in
            fake.files.put("/proc/self/mountinfo", "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
            return .printing()
        }
    }

    @Test func `a disk is mounted now and at boot, and reverted`() async throws {
        let before = fake.files.snapshot
        let change = try await fake.obeysLaw(disk)
        #expect(change.reason == "create /srv/media; write its line in /etc/fstab; mount it")
        #expect(
            fake.files.text(at: "/etc/fstab")?.hasSuffix("0 1\nUUID=6f1d /srv/media ext4 nofail 0 2\n") == true)
        #expect(
            fake.commands.log.contains("systemctl daemon-reload") && fake.commands.log.last == "mount -- /srv/media")
        try await fake.obeysLaw(disk.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `other options count at the next boot`() async throws {
        try await fake.obeysLaw(disk)
        let count = fake.commands.log.count { $0.hasPrefix("mount") }
        try await fake.obeysLaw(Mount("/srv/media", from: "UUID=6f1d", type: "ext4", options: ["noatime"]))
        #expect(fake.files.text(at: "/etc/fstab")?.contains("/srv/media ext4 noatime,nofail 0 2\n") == true)
        #expect(fake.commands.log.count { $0.hasPrefix("mount") } == count)
    }

    @Test func `a share of the network waits for the network`() async throws {
        try await fake.obeysLaw(Mount("/srv/nas", from: "nas:/export", type: "nfs", isOptional: false))
        #expect(fake.files.text(at: "/etc/fstab")?.contains("nas:/export /srv/nas nfs _netdev 0 0\n") == true)
    }

    @Test func `a password in the options is a problem`() {
        #expect(Mount("/x", from: "//nas/s", type: "cifs", options: ["password=x"]).problems.count == 1)
        #expect(Mount("/x", from: "//nas/s", type: "cifs", options: ["a,b"]).problems.count == 1)
        #expect(Mount("/x", from: "", type: "ext4").problems.count == 1)
    }
}
