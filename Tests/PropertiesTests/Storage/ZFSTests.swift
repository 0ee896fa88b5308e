import PropelTesting
import Testing

@testable import Properties

@Suite struct ZFSTests {
    private let zfs = FakeZFS()
    private var fake: FakeMachine { zfs.fake }
    private let media = ZFS.Dataset("tank/media", properties: ["recordsize": "1M", "compression": "lz4"])

    private func plant(_ values: [String: [String: String]]) { zfs.values.withLock { $0 = values } }

    @Test func `a dataset is made with its properties, and later ones are set`() async throws {
        #expect(try await fake.check(media) == .unknown(until: "there is a pool tank"))
        plant(["tank": [:]])
        #expect(try await fake.obeysLaw(media).reason == "create with compression=lz4, recordsize=1M")
        let other = ZFS.Dataset("tank/media", properties: ["compression": "zstd", "atime": "off"])
        #expect(try await fake.obeysLaw(other).reason == "atime - → off; compression lz4 → zstd")
        #expect(
            zfs.changes == [
                "zfs create -o compression=lz4 -o recordsize=1M tank/media",
                "zfs set atime=off compression=zstd tank/media",
            ])
    }

    @Test(arguments: [
        ("recordsize", "1048576", "1M"), ("recordsize", "1048576", "1MB"), ("quota", "0", "none"),
        ("quota", "10737418240", "10G"), ("mountpoint", "/srv/x", "/srv/x"),
    ]) func `an equal value is kept`(_ key: String, _ present: String, _ declared: String) async throws {
        plant(["tank": [:], "tank/media": [key: present]])
        #expect(try await fake.check(ZFS.Dataset("tank/media", properties: [key: declared])) == .satisfied)
    }

    @Test(arguments: [
        ("recordsize", "131072", "1M"), ("compression", "lz4", "lz"), ("quota", "10737418240", "none"),
        ("mountpoint", "/srv/1", "/srv/1K"), ("quota", "1", "1X"),
    ]) func `a near miss is set`(_ key: String, _ present: String, _ declared: String) async throws {
        plant(["tank": [:], "tank/media": [key: present]])
        #expect(
            try await fake.obeysLaw(ZFS.Dataset("tank/media", properties: [key: declared])).reason
                == "\(key) \(present) → \(declared)")
    }

    @Test func `datasets above are made on request alone`() async throws {
        plant(["tank": [:]])
        let deep = ZFS.Dataset("tank/a/b")
        #expect(try await fake.check(deep) == .unknown(until: "there is a dataset tank/a"))
        try await fake.obeysLaw(ZFS.Dataset("tank/a/b", parents: true))
        #expect(zfs.changes == ["zfs create -p tank/a/b"])
    }

    @Test func `a volume is enlarged, and never made smaller`() async throws {
        plant(["tank": [:]])
        try await fake.obeysLaw(ZFS.Dataset("tank/disk", volume: "1 GiB"))
        #expect(
            try await fake.obeysLaw(ZFS.Dataset("tank/disk", volume: "2 GiB")).reason
                == "volsize 1073741824 → 2147483648")
        let smaller = ZFS.Dataset("tank/disk", volume: "1 GiB")
        await #expect(throws: Failure.self) { try await fake.check(smaller) }
        await #expect(throws: Failure.self) { try await smaller.apply(on: fake.machine) }
        #expect(zfs.changes == ["zfs create -V 1073741824 tank/disk", "zfs set volsize=2147483648 tank/disk"])
        await #expect(throws: Failure.self) { try await fake.check(ZFS.Dataset("tank", volume: "1 GiB")) }
    }

    @Test func `what counts when a dataset is made is not set later`() async throws {
        plant(["tank": [:], "tank/x": ["encryption": "off"]])
        let encrypted = ZFS.Dataset("tank/x", properties: ["encryption": "aes-256-gcm"])
        await #expect(throws: Failure.self) { try await fake.check(encrypted) }
    }

    @Test func `two questions answer for all datasets`() async throws {
        plant(["tank": [:], "tank/a": ["atime": "off"], "tank/b": ["atime": "off"]])
        fake.machine.forgetFacts()
        let datasets = ["tank/a", "tank/b"].map { ZFS.Dataset($0, properties: ["atime": "off"]) }
        for dataset in datasets { dataset.announce(to: fake.machine) }
        for dataset in datasets { #expect(try await dataset.check(on: fake.machine) == .satisfied) }
        #expect(fake.commands.log.count == 2)
        #expect(fake.commands.log.last == "zfs get -H -p -o name,property,value all tank/a tank/b")
    }

    @Test func `a pool is made on devices with nothing on them`() async throws {
        let pool = ZFS.Pool(
            "tank", [.log(["/dev/vdd"]), .mirror("/dev/vdb", "/dev/vdc")], options: ["ashift": "12"],
            properties: ["compression": "lz4"])
        #expect(try await fake.obeysLaw(pool).reason == "create on log /dev/vdd, mirror /dev/vdb /dev/vdc")
        #expect(
            zfs.changes == [
                "zpool create -o ashift=12 -O compression=lz4 tank mirror /dev/vdb /dev/vdc log /dev/vdd"
            ])
        for device in ["vdb", "vdc", "vdd"] {
            try fake.operations.require("blkid --probe -- /dev/\(device)", before: "zpool create")
        }
    }

    @Test(arguments: ["zfs_member", "ext4"]) func `a device with something on it is not taken`(
        _ content: String
    ) async throws {
        zfs.disks.disks.withLock { $0["vdc"]?.content = content }
        let pool = ZFS.Pool("tank", [.mirror("/dev/vdb", "/dev/vdc")])
        await #expect(throws: Failure.self) { try await fake.check(pool) }
        await #expect(throws: Failure.self) { try await pool.apply(on: fake.machine) }
        #expect(zfs.changes.isEmpty)
    }

    @Test func `options of a pool are set, but for those that count when it is made`() async throws {
        plant(["tank": [:], "pool tank": ["autotrim": "off", "ashift": "9"]])
        let trimmed = ZFS.Pool("tank", [.stripe(["/dev/vdb"])], options: ["autotrim": "on"])
        #expect(try await fake.obeysLaw(trimmed).reason == "autotrim off → on")
        #expect(zfs.changes == ["zpool set autotrim=on tank"])
        let other = ZFS.Pool("tank", [.stripe(["/dev/vdb"])], options: ["ashift": "12"])
        await #expect(throws: Failure.self) { try await fake.check(other) }
    }

    @Test func `a pool that is there stays as it is`() async throws {
        plant(["tank": [:]])
        zfs.disks.disks.withLock { $0["vdb"]?.content = "zfs_member" }
        #expect(try await fake.check(ZFS.Pool("tank", [.stripe(["/dev/vdb"])])) == .satisfied)
    }

    @Test func `ZFS may still come`() async throws {
        try fake.files.remove("/usr/sbin/zfs")
        #expect(try await fake.check(media) == .unknown(until: "zfsutils-linux is installed"))
    }

    static let flawed: [any Property] = [
        ZFS.Dataset(""), ZFS.Dataset("-x"), ZFS.Dataset("1tank"), ZFS.Dataset("tank/"), ZFS.Dataset("tank@now"),
        ZFS.Dataset("tank", properties: ["": "x"]), ZFS.Dataset("tank", properties: ["a b": "x"]),
        ZFS.Dataset("tank", properties: ["a": ""]), ZFS.Dataset("tank", properties: ["a": "b\nc"]),
        ZFS.Dataset("tank/x", properties: ["volsize": "1G"]), ZFS.Dataset("tank/x", volume: "1000 B"),
        ZFS.Pool("tank", []), ZFS.Pool("tank", [.mirror("/dev/vdb")]), ZFS.Pool("tank", [.raidz(["/dev/vdb"])]),
        ZFS.Pool("tank", [.stripe(["/dev/vdb", "/dev/vdb"])]), ZFS.Pool("tank", [.stripe(["vdb"])]),
        ZFS.Pool("tank", [.spare(["/dev/vdb"])]), ZFS.Pool("mirror", [.stripe(["/dev/vdb"])]),
        ZFS.Pool("a/b", [.stripe(["/dev/vdb"])]),
        ZFS.Pool("tank", [.raidz(["/dev/vdb", "/dev/vdc"], parity: 0)]),
    ]

    @Test(arguments: flawed.indices) func `an invalid declaration is a problem, and starts no program`(
        _ index: Int
    ) async throws {
        let property = Self.flawed[index]
        #expect(property.problems.count == 1)
        await #expect(throws: Failure.self) { try await property.apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
    }
}
