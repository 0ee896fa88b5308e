import PropelTesting
import Testing

@testable import Properties

/// Properties that write to devices, on devices that are not what they were at the check.
@Suite struct BlockDevicesTests {
    static let writers: [(property: any Property, devices: [String])] = [
        (Formatted("/dev/vdb", .ext4), ["vdb"]), (LVM.VolumeGroup("data", on: ["/dev/vdb"]), ["vdb"]),
        (LVM.VolumeGroup("data", on: ["/dev/vdb", "/dev/vdc"]), ["vdb", "vdc"]),
    ]

    @Test(arguments: writers.indices) func `what came after the check is not overwritten`(_ index: Int) async throws {
        let (property, devices) = Self.writers[index]
        for device in devices {
            let disks = FakeDisks("vdb", "vdc")
            #expect(try await disks.fake.check(property) != .satisfied)
            disks.add(device, .init(path: "/dev/\(device)", content: "xfs"))
            let failure = await #expect(throws: Failure.self) { try await property.apply(on: disks.fake.machine) }
            #expect(failure?.message == "something is on /dev/\(device)" && disks.changes.isEmpty)
        }
    }

    /// Only 2 says that nothing is there (blkid(8)). 0 and 8 say that something is, and others are errors.
    @Test(arguments: writers.indices, [0, 1, 4, 8, 127])
    func `a device that cannot be probed is not written to`(_ index: Int, _ status: Int) async throws {
        let (property, devices) = Self.writers[index]
        for device in devices {
            let disks = FakeDisks("vdb", "vdc")
            #expect(try await disks.fake.check(property) != .satisfied)
            disks.fake.commands.program("blkid") { command in
                CommandResult(ending: .exited(command.arguments.last == "/dev/\(device)" ? status : 2))
            }
            await #expect(throws: (any Error).self) { try await property.apply(on: disks.fake.machine) }
            #expect(disks.changes.isEmpty)
        }
    }

    @Test func `a machine without blkid writes to no device`() async throws {
        for (property, _) in Self.writers {
            let disks = FakeDisks("vdb", "vdc")
            #expect(try await disks.fake.check(property) != .satisfied)
            disks.fake.commands.program("blkid") { _ in CommandResult(ending: .notFound) }
            await #expect(throws: (any Error).self) { try await property.apply(on: disks.fake.machine) }
            #expect(disks.changes.isEmpty)
        }
    }
}
