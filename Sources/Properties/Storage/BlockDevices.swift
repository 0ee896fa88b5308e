/// Disks, partitions and volumes with what is on them (lsblk(8)). One question answers for all declared devices.
struct BlockDevices: MachineFact {
    struct Device: Equatable {
        /// `/dev/vdb`, `/dev/mapper/data-srv`.
        var path: String
        /// The type of its file system, or of what it is a part of (`LVM2_member`); nil if nothing is on it.
        var content: String?
        var label: String?
        var size: Int
        /// Whether it has a table of partitions, is a part of something that is active, or is mounted.
        var isInUse: Bool
    }

    /// By the names that the kernel gives them: `vdb`, `dm-0`.
    private let devices: [String: Device]

    static func read(from machine: Machine) async throws -> BlockDevices {
        let paths = try machine.expected(of: BlockDevices.self).filter {
            try machine.files.status(of: FilePath($0)) != nil
        }
        guard !paths.isEmpty else { return BlockDevices(devices: [:]) }
        let columns = "PATH,KNAME,TYPE,FSTYPE,LABEL,SIZE,PTTYPE,MOUNTPOINT"
        let command = Invocation("lsblk", ["--json", "--bytes", "--output", columns, "--"] + paths)
        let answer = try JSON(parsing: try await machine.succeed(command).output)
        var devices: [String: Device] = [:]
        for entry in answer["blockdevices"]?.array ?? [] { add(entry, to: &devices) }
        return BlockDevices(devices: devices)
    }

    private static func add(_ entry: JSON, to devices: inout [String: Device]) {
        let parts = entry["children"]?.array ?? []
        for part in parts { add(part, to: &devices) }
        guard let path = entry["path"]?.string, let name = entry["kname"]?.string else { return }
        // udev says of a partition which table its disk has.
        let hasTable = entry["type"]?.string != "part" && entry["pttype"]?.string != nil
        devices[name] = Device(
            path: path, content: entry["fstype"]?.string, label: entry["label"]?.string,
            size: entry["size"]?.integer ?? entry["size"]?.string.flatMap { Int($0) } ?? 0,
            isInUse: !parts.isEmpty || hasTable || entry["mountpoint"]?.string != nil)
    }

    fileprivate subscript(name: String) -> Device? { devices[name] }
}

extension Machine {
    /// A block device by its path, which may be a link such as `/dev/disk/by-id/…`.
    /// - Throws: ``Undetermined`` if there is no such device.
    func blockDevice(_ path: FilePath) async throws -> BlockDevices.Device {
        guard let status = try files.status(of: path) else { throw Undetermined(until: "there is a device \(path)") }
        let target = status.kind == .link ? FilePath(try files.destination(ofLink: path)) : path
        guard let name = target.lastComponent?.string, let found = try await fact(BlockDevices.self)[name] else {
            throw Failure("\(path) is no block device", advice: "`lsblk` on the machine lists them.")
        }
        return found
    }

    /// Looks at the device itself, and not at what udev knows of it.
    /// - Throws: ``Failure`` if anything is on it.
    func refuseContent(of path: FilePath) async throws {
        let command = Invocation("blkid", ["--probe", "--", path.string]), result = try await run(command)
        // 2: nothing is found. 8: more than one thing (blkid(8)).
        guard result.ending != .exited(2) else { return }
        guard result.succeeded || result.ending == .exited(8) else {
            throw CommandFailure(command: command, result: result)
        }
        throw Failure(
            "something is on \(path)", output: Failure.lastLines(of: result.output),
            advice: "It is not overwritten. If nobody needs it: `wipefs --all \(path)`.")
    }
}

/// - Throws: ``Failure`` if it is not the path of a device.
func validateDevice(_ path: FilePath) throws {
    guard path.starts(with: "/dev"), path.components.count > 1, path == path.lexicallyNormalized(),
        path.string.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else {
        throw Failure("invalid device “\(path.string.escaped)”", advice: "Write one such as /dev/disk/by-id/….")
    }
}
