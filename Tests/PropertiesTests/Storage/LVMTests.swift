import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct LVMTests {
    private let disks = FakeDisks("vdb", "vdc")
    private var fake: FakeMachine { disks.fake }
    private let group = LVM.VolumeGroup("data", on: ["/dev/vdb"])

    @Test func `a group is made, and gets another device`() async throws {
        #expect(try await fake.obeysLaw(group).reason == "create on /dev/vdb")
        let both = LVM.VolumeGroup("data", on: ["/dev/vdb", "/dev/vdc"])
        #expect(try await fake.obeysLaw(both).reason == "add /dev/vdc")
        // One that is not declared stays.
        #expect(try await fake.check(group) == .satisfied)
        #expect(disks.changes == ["vgcreate -- data /dev/vdb", "vgextend -- data /dev/vdc"])
        try fake.operations.require("blkid --probe -- /dev/vdc", before: "vgextend")
    }

    @Test func `a group is made on several devices, each of which is looked at`() async throws {
        let both = LVM.VolumeGroup("data", on: ["/dev/vdb", "/dev/vdc"])
        try await fake.obeysLaw(both)
        #expect(disks.changes == ["vgcreate -- data /dev/vdb /dev/vdc"])
        for device in both.devices { try fake.operations.require("blkid --probe -- \(device)", before: "vgcreate") }
    }

    @Test func `a device that is prepared for LVM is taken`() async throws {
        disks.disks.withLock { $0["vdb"]?.group = "" }
        disks.disks.withLock { $0["vdb"]?.content = "LVM2_member" }
        try await fake.obeysLaw(group)
    }

    @Test func `a device with something on it, or of another group, is not taken`() async throws {
        disks.disks.withLock { $0["vdb"]?.content = "ext4" }
        let used = await #expect(throws: Failure.self) { try await fake.check(group) }
        #expect(used?.message == "/dev/vdb is in use, or has ext4 on it")
        disks.disks.withLock { $0["vdb"]?.content = nil }
        disks.disks.withLock { $0["vdb"]?.mountpoint = "/srv" }
        let mounted = await #expect(throws: Failure.self) { try await fake.check(group) }
        #expect(mounted?.message == "/dev/vdb is in use, or has partitions on it")
        disks.disks.withLock { $0["vdb"]?.content = "LVM2_member" }
        disks.disks.withLock { $0["vdb"]?.group = "other" }
        let other = await #expect(throws: Failure.self) { try await fake.check(group) }
        #expect(other?.message == "/dev/vdb is in the volume group other")
        await #expect(throws: Failure.self) { try await group.apply(on: fake.machine) }
        #expect(disks.changes.isEmpty)
    }

    @Test func `a volume is made, enlarged, and never made smaller`() async throws {
        let volume = LVM.LogicalVolume("srv", in: "data", size: "1 GiB")
        #expect(try await fake.check(volume) == .unknown(until: "there is a volume group data"))
        try await fake.obeysLaw(group)
        #expect(try await fake.obeysLaw(volume).reason == "create with 1 GiB")
        let larger = LVM.LogicalVolume("srv", in: "data", size: "2000 MB")
        #expect(try await fake.obeysLaw(larger).reason == "enlarge 1 GiB → 1953125 KiB")
        #expect(try await fake.check(volume) == .satisfied)
        #expect(
            try await fake.obeysLaw(LVM.LogicalVolume("log", in: "data", size: nil)).reason
                == "create with all that is free")
        #expect(
            disks.changes.dropFirst() == [
                "lvcreate --yes --wipesignatures y --name srv --size 2097152s -- data",
                "lvextend --resizefs --size 3906250s -- data/srv",
                "lvcreate --yes --wipesignatures y --name log --extents '100%FREE' -- data",
            ])
    }

    /// LVM takes whole sectors, and makes whole extents of them.
    @Test(arguments: ["1500 MB", "1000001 kB", "5000001 B", "1025 KiB"] as [ByteSize])
    func `a size is rounded up as LVM does`(
        _ size: ByteSize
    ) async throws {
        try await fake.obeysLaw(group)
        try await fake.obeysLaw(LVM.LogicalVolume("srv", in: "data", size: size))
        let larger = ByteSize(bytes: size.bytes + (4 << 20) + 1)
        let volume = LVM.LogicalVolume("srv", in: "data", size: larger)
        try await fake.obeysLaw(volume)
        #expect(disks.volumes.withLock { $0["data/srv"] ?? 0 } >= larger.bytes)
        // In every later run.
        let changes = disks.changes
        #expect(try await fake.check(volume) == .satisfied && disks.changes == changes)
    }

    @Test func `two questions answer for all volumes`() async throws {
        try await fake.obeysLaw(group)
        let before = fake.commands.log.count
        fake.machine.forgetFacts()
        for name in ["a", "b", "c"] {
            _ = try await LVM.LogicalVolume(name, in: "data", size: "1 GiB").check(on: fake.machine)
        }
        #expect(fake.commands.log.count == before + 2)
    }

    @Test func `LVM may still come`() async throws {
        try fake.files.remove("/usr/sbin/lvm")
        #expect(try await fake.check(group) == .unknown(until: "lvm2 is installed"))
    }

    static let flawed: [any Property] = [
        LVM.VolumeGroup("", on: ["/dev/vdb"]), LVM.VolumeGroup("-a", on: ["/dev/vdb"]), LVM.VolumeGroup("a", on: []),
        LVM.VolumeGroup("a", on: ["/dev/vdb", "/dev/vdb"]), LVM.VolumeGroup("a", on: ["vdb"]),
        LVM.LogicalVolume("a/b", in: "data", size: nil), LVM.LogicalVolume("a", in: "..", size: nil),
        LVM.LogicalVolume("a", in: "data", size: "10"), LVM.LogicalVolume("a", in: "data", size: "4 KiB"),
        LVM.LogicalVolume("a", in: "data", size: .tebibytes(.max)),
    ]

    @Test(arguments: flawed.indices) func `an invalid declaration is a problem, and starts no program`(
        _ index: Int
    ) async throws {
        let property = Self.flawed[index]
        #expect(property.problems.count == 1)
        await #expect(throws: Failure.self) { try await property.apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
    }

    @Test(arguments: Fault.allCases) func `what a fault has cut is finished`(_ fault: Fault) async throws {
        try await FakeMachine.verify(group, survives: fault) { FakeDisks("vdb").fake }
    }
}
