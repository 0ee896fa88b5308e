import PropelTesting
import Testing

@testable import Properties

extension MountTests {
    @Test func `other options are given to what is mounted`() async throws {
        try await fake.obeysLaw(disk)
        let quiet = Mount("/srv/media", from: "UUID=6f1d", type: "ext4", options: ["noatime", "commit=60"])
        fake.operations.clear()
        let change = try await fake.obeysLaw(quiet)
        #expect(change.reason == "write its line in /etc/fstab; mount it again, noatime")
        // A run that is cut in between does it again.
        try fake.operations.require(order: ["--options remount", "replace /etc/fstab", "systemctl daemon-reload"])
        #expect(
            fake.commands.log.contains(
                "mount --fstab /run/propel-scratch/fstab --options remount -- /srv/media"))
        #expect(fake.files.text(at: "/etc/fstab")?.contains("/srv/media ext4 noatime,commit=60,nofail 0 2\n") == true)
        #expect(fake.files.text(at: "/proc/self/mountinfo")?.contains("/srv/media rw,noatime - ext4") == true)
    }

    @Test func `a flag that the mount has lost is given back`() async throws {
        let quiet = Mount("/srv/media", from: "UUID=6f1d", type: "ext4", options: ["noatime"])
        try await fake.obeysLaw(disk)
        try await fake.obeysLaw(quiet)
        fake.files.put("/proc/self/mountinfo", Self.root)
        Self.mount("/srv/media", "ext4", "/dev/sdb1", on: fake)
        #expect(try await fake.obeysLaw(quiet).reason == "mount it again, noatime")
        // A file system of a program may leave a flag out.
        fake.files.put("/proc/self/mountinfo", Self.root)
        Self.mount("/srv/media", "fuse.mergerfs", "/dev/sdb1", on: fake)
        #expect(try await fake.check(quiet) == .satisfied)
        // And a line alone leaves what somebody has mounted as it is.
        let line = Mount("/srv/media", from: "UUID=6f1d", type: "ext4", options: ["noatime"], isMounted: false)
        fake.files.put("/proc/self/mountinfo", Self.root)
        Self.mount("/srv/media", "ext4", "/dev/sdb1", on: fake)
        #expect(try await fake.check(line) == .satisfied)
    }

    @Test func `options of a bind mount are not those of the file system`() async throws {
        try await fake.obeysLaw(Mount("/srv/b", bind: "/srv/a"))
        try await fake.obeysLaw(Mount("/srv/b", bind: "/srv/a", options: ["noexec"]))
        #expect(
            fake.commands.log.contains(
                "mount --fstab /run/propel-scratch/fstab --options remount,bind -- /srv/b"))
    }

    @Test func `what cannot be changed while it is mounted counts at the next boot`() async throws {
        try await fake.obeysLaw(disk)
        fake.commands.program("mount", status: 32, errors: "mount point not mounted or bad option.\n")
        let host = Host("x", runs: Debian.self) {
            Mount("/srv/media", from: "UUID=6f1d", type: "ext4", options: ["journal=x"])
        }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.changed] == 1)
        #expect(
            run.followUps == [
                "unmount /srv/media and mount it, or restart: its options in /etc/fstab have changed, and it does not "
                    + "take them while it is mounted"
            ])
        // One that the kernel shows must be there.
        let written = fake.files.text(at: "/etc/fstab")
        let readOnly = Mount("/srv/media", from: "UUID=6f1d", type: "ext4", options: ["ro"])
        await #expect(throws: CommandFailure.self) { try await readOnly.apply(on: fake.machine) }
        #expect(fake.files.text(at: "/etc/fstab") == written)
    }

    @Test(arguments: Fault.allCases)
    func `a change of options that was cut is finished`(_ fault: Fault) async throws {
        let quiet = Mount("/srv/media", from: "UUID=6f1d", type: "ext4", options: ["noatime"])
        try await FakeMachine.verify(quiet, survives: fault) {
            let fake = FakeMachine()
            Self.prepare(fake)
            fake.files.put(directory: "/srv/media")
            fake.files.put("/etc/fstab", Self.stock + "UUID=6f1d /srv/media ext4 nofail 0 2\n")
            let mounted = Self.root + "36 25 8:2 / /srv/media rw - ext4 /dev/sdb1 rw\n"
            fake.files.put("/proc/self/mountinfo", mounted)
            fake.atBoot { fake.files.put("/proc/self/mountinfo", mounted) }
            return fake
        }
    }
}
