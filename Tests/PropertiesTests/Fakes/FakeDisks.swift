import PropelTesting
import Properties
import Synchronization
import Testing

/// Block devices, and the programs of LVM and of file systems as far as these tests need them.
final class FakeDisks: Sendable {
    struct Disk {
        var path: String
        var kind = "disk"
        var content: String?
        var label: String?
        var table: String?
        var mountpoint: String?
        var size = 10 << 30
        /// The volume group; nil if it is not prepared for LVM.
        var group: String?
    }

    let fake = FakeMachine()
    /// By the names of the kernel.
    let disks = Mutex<[String: Disk]>([:])
    /// The sizes of volumes by “group/name”.
    let volumes = Mutex<[String: Int]>([:])
    var changes: [String] {
        let questions = ["lsblk", "blkid", "pvs", "lvs", "udevadm"]
        return fake.commands.log.filter { line in !questions.contains { line.hasPrefix($0 + " ") } }
    }

    init(_ names: String...) {
        for name in names { add(name, Disk(path: "/dev/\(name)")) }
        fake.hasInstalled("e2fsprogs", "xfsprogs", "dosfstools", "lvm2")
        fake.files.put("/usr/sbin/lvm", "", mode: 0o755)
        let programs: [(String, @Sendable (Invocation) -> CommandResult)] = [
            ("lsblk", list), ("blkid", probe), ("pvs", groups), ("lvs", sizes), ("vgcreate", group),
            ("vgextend", group), ("lvcreate", volume), ("lvextend", volume), ("mkfs.ext4", format),
            ("mkfs.xfs", format), ("mkfs.vfat", format), ("udevadm", { _ in .printing() }),
        ]
        for (name, body) in programs { fake.commands.program(name, body) }
    }

    func add(_ name: String, _ disk: Disk) {
        fake.files.put(FilePath("/dev/\(name)"), "")
        disks.withLock { $0[name] = disk }
    }

    private func name(_ path: String) -> String {
        let link = fake.files[FilePath(path)]?.destination ?? ""
        return String((link.isEmpty ? path : link).split(separator: "/").last ?? "")
    }

    private func list(_ command: Invocation) -> CommandResult {
        let names = command.arguments.drop { $0 != "--" }.dropFirst().map(name)
        let entries = disks.withLock { disks in
            names.compactMap { name -> JSON? in
                disks[name].map { disk -> JSON in
                    [
                        "path": .string(disk.path), "kname": .string(name), "size": .integer(disk.size),
                        "type": .string(disk.kind),
                        "fstype": disk.content.map(JSON.string) ?? .null, "label": disk.label.map(JSON.string) ?? .null,
                        "pttype": disk.table.map(JSON.string) ?? .null,
                        "mountpoint": disk.mountpoint.map(JSON.string) ?? .null,
                    ]
                }
            }
        }
        return .printing(JSON.object(["blockdevices": .array(entries)]).description)
    }

    private func probe(_ command: Invocation) -> CommandResult {
        let disk = disks.withLock { $0[name(command.arguments.last ?? "")] }
        guard let content = disk?.content ?? (disk?.kind == "part" ? nil : disk?.table) else {
            return CommandResult(ending: .exited(2))
        }
        return .printing("TYPE=\"\(content)\"\n")
    }

    /// Nobody may write to a device without a look at it.
    private func requireProbe(of path: String) {
        if !fake.commands.log.contains("blkid --probe -- \(path)") { Issue.record("\(path) is not probed") }
    }

    private func format(_ command: Invocation) -> CommandResult {
        requireProbe(of: command.arguments.last ?? "")
        let option = command.arguments.firstIndex { ["-L", "-n"].contains($0) }
        disks.withLock { disks in
            let name = name(command.arguments.last ?? "")
            disks[name]?.content = String(command.program.dropFirst("mkfs.".count))
            disks[name]?.label = option.map { command.arguments[$0 + 1] }
        }
        return .printing()
    }

    private func groups(_: Invocation) -> CommandResult {
        let entries = disks.withLock { disks in
            disks.values.sorted { $0.path < $1.path }.compactMap { disk -> JSON? in
                disk.group.map { group -> JSON in ["pv_name": .string(disk.path), "vg_name": .string(group)] }
            }
        }
        return .printing(JSON.object(["report": [["pv": .array(entries)]]]).description)
    }

    private func group(_ command: Invocation) -> CommandResult {
        let words = Array(command.arguments.drop { $0 != "--" }.dropFirst())
        for path in words.dropFirst() where disks.withLock({ $0[name(path)]?.group }) == nil { requireProbe(of: path) }
        disks.withLock { disks in
            for path in words.dropFirst() {
                disks[name(path)]?.group = words[0]
                disks[name(path)]?.content = "LVM2_member"
            }
        }
        return .printing()
    }

    private func sizes(_: Invocation) -> CommandResult {
        let entries = volumes.withLock { volumes in
            volumes.sorted { $0.key < $1.key }.map { name, size -> JSON in
                let parts = name.split(separator: "/").map(String.init)
                return ["vg_name": .string(parts[0]), "lv_name": .string(parts[1]), "lv_size": .string("\(size)")]
            }
        }
        return .printing(JSON.object(["report": [["lv": .array(entries)]]]).description)
    }

    private static func bytes(_ size: String) -> Int? {
        Int(size.dropLast()).map { size.hasSuffix("s") ? $0 * 512 : $0 }
    }

    private func volume(_ command: Invocation) -> CommandResult {
        func value(_ option: String) -> String? {
            command.arguments.firstIndex(of: option).map { command.arguments[$0 + 1] }
        }
        let last = command.arguments.last ?? "", name = value("--name").map { "\(last)/\($0)" } ?? last
        // In extents of 4 MiB; a size in bytes has to be one of sectors.
        let size = value("--size").flatMap { Self.bytes($0) } ?? 5 << 30, extent = 4 << 20
        guard size % 512 == 0 else { return .failing(3, "  Size is not a multiple of 512.\n") }
        volumes.withLock { $0[name] = (size + extent - 1) / extent * extent }
        return .printing()
    }
}
