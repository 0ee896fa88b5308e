import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct FormattedTests {
    private let disks = FakeDisks("vdb")
    private var fake: FakeMachine { disks.fake }

    @Test(arguments: [
        (Formatted("/dev/vdb", .ext4, label: "data"), "mkfs.ext4 -q -L data -- /dev/vdb"),
        (Formatted("/dev/vdb", .xfs), "mkfs.xfs -q -- /dev/vdb"),
        (Formatted("/dev/vdb", .vfat, label: "BOOT"), "mkfs.vfat -n BOOT -- /dev/vdb"),
    ]) func `a file system is made once, where nothing is`(_ formatted: Formatted, _ command: String) async throws {
        let change = try await fake.obeysLaw(formatted)
        #expect(change.reason == "make \(formatted.kind.rawValue) on 10 GiB where nothing is")
        #expect(disks.changes == [command])
        // The device itself is asked, and not udev, before anything is written.
        try fake.operations.require("blkid --probe -- /dev/vdb", before: "mkfs.")
    }

    @Test func `one question answers for all devices`() async throws {
        disks.add("vdc", .init(path: "/dev/vdc", content: "ext4"))
        let all = [Formatted("/dev/vdb", .ext4), Formatted("/dev/vdc", .ext4), Formatted("/dev/vdd", .ext4)]
        for formatted in all { formatted.announce(to: fake.machine) }
        for formatted in all { _ = try? await formatted.check(on: fake.machine) }
        #expect(fake.commands.log.count == 1 && fake.commands.log[0].hasSuffix("-- /dev/vdb /dev/vdc"))
        #expect(try await fake.check(all[2]) == .unknown(until: "there is a device /dev/vdd"))
    }

    @Test func `a link to a device is followed`() async throws {
        fake.files.put("/dev/disk/by-id/virtio-1", linkTo: "../../vdb")
        try await fake.obeysLaw(Formatted("/dev/disk/by-id/virtio-1", .ext4))
        #expect(try await fake.check(Formatted("/dev/vdb", .ext4)) == .satisfied)
    }

    /// udev tells of a partition which table its disk has.
    @Test func `an empty partition is not in use`() async throws {
        disks.add("vdb1", .init(path: "/dev/vdb1", kind: "part", table: "gpt"))
        try await fake.obeysLaw(Formatted("/dev/vdb1", .ext4))
    }

    @Test func `nothing is overwritten`() async throws {
        let others: [(FakeDisks.Disk, String)] = [
            (.init(path: "/dev/vdb", content: "xfs"), "/dev/vdb has xfs on it, and ext4 is declared there"),
            (
                .init(path: "/dev/vdb", content: "LVM2_member"),
                "/dev/vdb has LVM2_member on it, and ext4 is declared there"
            ),
            (.init(path: "/dev/vdb", table: "gpt"), "/dev/vdb is in use, and ext4 is declared there"),
            (.init(path: "/dev/vdb", mountpoint: "/srv"), "/dev/vdb is in use, and ext4 is declared there"),
        ]
        for (disk, message) in others {
            disks.add("vdb", disk)
            let failure = await #expect(throws: Failure.self) { try await fake.check(Formatted("/dev/vdb", .ext4)) }
            #expect(failure?.message == message)
        }
        // It came between the check and the apply.
        disks.add("vdb", .init(path: "/dev/vdb", content: "xfs"))
        let late = await #expect(throws: Failure.self) {
            try await Formatted("/dev/vdb", .ext4).apply(on: fake.machine)
        }
        #expect(late?.message == "something is on /dev/vdb" && late?.output == ["TYPE=\"xfs\""])
        #expect(disks.changes.isEmpty)
    }

    @Test func `another label is a failure, and an undeclared one is not`() async throws {
        disks.add("vdb", .init(path: "/dev/vdb", content: "ext4", label: "old"))
        #expect(try await fake.check(Formatted("/dev/vdb", .ext4)) == .satisfied)
        let failure = await #expect(throws: Failure.self) {
            try await fake.check(Formatted("/dev/vdb", .ext4, label: "data"))
        }
        #expect(failure?.message == "/dev/vdb has the label “old”, and data is declared")
    }

    static let flawed = [
        Formatted("vdb", .ext4), Formatted("/dev", .ext4), Formatted("/srv/vdb", .ext4),
        Formatted("/dev/../etc/passwd", .ext4), Formatted("/dev/vdb", .ext4, label: ""),
        Formatted("/dev/vdb", .ext4, label: "-x"), Formatted("/dev/vdb", .xfs, label: "longer-than-xfs"),
        Formatted("/dev/vdb", .vfat, label: "boot"),
    ]

    @Test(arguments: flawed.indices) func `an invalid declaration is a problem, and starts no program`(
        _ index: Int
    ) async throws {
        #expect(Self.flawed[index].problems.count == 1)
        await #expect(throws: Failure.self) { try await Self.flawed[index].apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `two contents of one device conflict`() {
        let host = Host("x", runs: Debian.self) {
            Formatted("/dev/vdb", .ext4)
            LVM.VolumeGroup("data", on: ["/dev/vdb"])
        }
        #expect(host.conflicts.count == 1)
    }

    @Test(arguments: Fault.allCases) func `what a fault has cut is finished`(_ fault: Fault) async throws {
        try await FakeMachine.verify(Formatted("/dev/vdb", .ext4), survives: fault) { FakeDisks("vdb").fake }
    }
}
