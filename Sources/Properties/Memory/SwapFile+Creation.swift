extension SwapFile {
    /// Creates the file, completely or not at all.
    func create(_ size: Int, replacing present: Int?, on machine: Machine) async throws {
        try await requireRoom(for: size, replacing: present, on: machine)
        let type = try await volume(on: machine).type
        // It is switched off already, and the new file may need its space.
        try machine.files.remove(path)
        let staged = try machine.files.stage([], for: path, mode: 0o600, owner: .root)
        do {
            // Copy-on-write moves blocks, and those of a swap file must not move. It can be switched off only while the
            // file is empty (btrfs(5)).
            if type == "btrfs" { try await machine.run("chattr", "+C", "--", staged.string) }
            try await allocate(size, staged, on: type, machine)
            try await machine.run("mkswap", "--", staged.string)
        } catch {
            machine.files.discard(staged)
            throw error
        }
        try machine.files.commit(staged, as: path)
    }

    private func allocate(_ size: Int, _ staged: FilePath, on type: String, _ machine: Machine) async throws {
        // On other file systems fallocate(2) fails, or leaves what swapon takes for holes.
        if ["ext4", "xfs", "btrfs"].contains(type) {
            let result = try await machine.run(Invocation("fallocate", ["--length", "\(size)", "--", staged.string]))
            if result.succeeded { return }
        }
        try await machine.succeed(
            Invocation(
                "dd",
                [
                    "if=/dev/zero", "of=\(staged.string)", "bs=1M", "count=\(size)", "iflag=count_bytes,fullblock",
                    "conv=notrunc,fsync", "status=none",
                ],
                timeout: .hours(2)))
    }

    /// Switches on the new file; if that fails, removes it.
    func switchOnNew(_ machine: Machine) async throws {
        do {
            try await switchOn(machine)
        } catch {
            try? machine.files.remove(path)
            throw error
        }
    }

    func switchOn(_ machine: Machine) async throws {
        do {
            try await machine.succeed(
                Invocation("swapon", (priority.map { ["--priority", "\($0)"] } ?? []) + ["--", path.string]))
        } catch let error as CommandFailure {
            var failure = Failure(describing: error)
            let type = try await volume(on: machine).type
            failure.message = "the kernel refuses to swap to \(path), which is on \(type)"
            failure.advice =
                "Swap files work on ext4, xfs, and btrfs on a single device. In a container the host must allow them."
            throw failure
        }
    }

    /// - Parameter present: the size in bytes of the file that is removed first.
    func requireRoom(for wanted: Int, replacing present: Int?, on machine: Machine) async throws {
        var (available, type) = try await volume(on: machine)
        guard !Self.unfitTypes.contains(type), !type.hasPrefix("fuse") else {
            throw Failure(
                "\(path) is on \(type), which does not support swap files",
                advice: "Declare a path on ext4, xfs or btrfs (see `df -T`).")
        }
        // The leftover of an interrupted attempt is removed first.
        if let leftover = try machine.files.status(of: path.stagingPath) { available += leftover.size }
        // A full root file system is worse than no swap: some space stays free.
        let reserve = 64 << 20
        guard wanted + reserve <= available + (present ?? 0) else {
            throw Failure(
                "not enough space for \(path): it takes \(ByteSize(bytes: wanted)), and "
                    + "\((available + (present ?? 0)) >> 20) MiB are free, of which \(reserve >> 20) MiB stay free",
                advice:
                    "Free space on the file system (see `df -h \(path.removingLastComponent())`), or declare a "
                    + "smaller swap file."
            )
        }
    }

    /// File systems on which the kernel refuses swap files, or which are in memory themselves.
    private static let unfitTypes: Set<String> = ["overlay", "tmpfs", "ramfs", "squashfs", "zfs", "9p", "virtiofs"]

    /// The free bytes and the type of the file system that the file is on.
    private func volume(on machine: Machine) async throws -> (available: Int, type: String) {
        let command = Invocation(
            "df", ["--block-size=1", "--output=avail,fstype", "--", path.removingLastComponent().string])
        let result = try await machine.succeed(command)
        let words = result.text.nonEmptyLines.last?.split(separator: " ") ?? []
        guard words.count == 2, let available = Int(words[0]) else {
            throw CommandFailure(command: command, result: result)
        }
        return (available, String(words[1]))
    }
}
