extension Mount {
    private static let networkTypes: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "sshfs", "fuse.sshfs", "glusterfs", "ceph",
    ]
    /// The types that a program checks at boot.
    private static let checkedTypes: Set<String> = ["ext2", "ext3", "ext4", "vfat", "f2fs"]

    var entry: Fstab.Entry {
        var all = options
        func add(_ option: String) { if !all.contains(option) { all.append(option) } }
        if let credentials { add("credentials=\(credentials.path)") }
        if isOptional { add("nofail") }
        if Self.networkTypes.contains(type) { add("_netdev") }
        if isAutomounted { add("x-systemd.automount") }
        for unit in before { add("x-systemd.before=\(UnitName.full(unit))") }
        var entry = Fstab.Entry(
            source: source, target: path.lexicallyNormalized().string, type: type,
            options: all.isEmpty ? ["defaults"] : all)
        if Self.checkedTypes.contains(type) { entry.pass = "2" }
        return entry
    }

    var edit: TextEdit {
        let entry = entry
        return TextEdit(
            path: Fstab.path, createsFile: true, change: { Fstab.put(entry, in: &$0) },
            undo: { lines, original in
                let former = Fstab.lines(for: entry.target, in: original).map { original[$0] }
                let present = Fstab.lines(for: entry.target, in: lines)
                guard present.map({ lines[$0] }) != former else { return }
                lines.remove(present)
                former.forEach { lines.append($0) }
            })
    }

    /// Has findmnt(8) judge the line. What it finds in other lines does not count, and neither does a disk that may be
    /// missing.
    func verify(on machine: Machine) async throws {
        let target = entry.target
        try await withCandidate(on: machine) { candidate in
            let command = Invocation("findmnt", ["--verify", "--tab-file", candidate.string])
            let result = try await machine.run(command)
            guard !result.succeeded else { return }
            guard case .exited = result.ending else { throw CommandFailure(command: command, result: result) }
            let complaints = Self.complaints(about: target, in: result.text).filter { line in
                !isOptional || line.firstRange(of: "required source") == nil
            }
            guard !complaints.isEmpty else { return }
            throw Failure(
                "findmnt does not accept the line of \(path) for \(Fstab.path)", command: command.description,
                ending: result.ending.description, output: complaints,
                advice: "Nothing was changed. `lsblk --fs` on the machine lists its disks with their UUIDs.")
        }
    }

    /// Lends `body` the path of a file as `/etc/fstab` will be.
    func withCandidate(on machine: Machine, _ body: (FilePath) async throws -> Void) async throws {
        var lines = try machine.shared(Fstab.path).read()
        Fstab.put(entry, in: &lines)
        let text = String(decoding: lines.bytes, as: UTF8.self)
        try await machine.withScratch([ScratchFile("fstab", text)]) { try await body($0.appending("fstab")) }
    }

    /// The errors below the line with a target; warnings have a `[W]`.
    private static func complaints(about target: String, in output: String) -> [String] {
        var isOwn = false, complaints: [String] = []
        for line in output.lines {
            if line.hasPrefix("/") || line.hasPrefix("none") { isOwn = line == target }
            if isOwn, line.firstRange(of: "[E]") != nil { complaints.append(String(line).trimmed) }
        }
        return complaints
    }

    /// Refuses to take another file system for this one.
    func refuseOther(_ mounted: MountTable.Entry?, on machine: Machine) throws {
        guard let mounted, !mounted.isAutomount, isMounted, let device = try device(on: machine) else { return }
        // The kernel names what device-mapper makes in another way.
        guard mounted.source != device, !mounted.source.contains("mapper"), !device.contains("dm-") else { return }
        throw Failure(
            "\(mounted.source) is mounted at \(path), and not \(source)",
            advice: "`umount \(path)` on the machine, when nobody uses it, or declare another path.")
    }

    /// The source as the kernel names it; nil if that cannot be told.
    private func device(on machine: Machine) throws -> String? {
        if Self.networkTypes.contains(type) { return source }
        for (tag, directory) in [("UUID=", "by-uuid"), ("LABEL=", "by-label"), ("PARTUUID=", "by-partuuid")]
        where source.hasPrefix(tag) {
            let name = Escaping.fstab.escape(String(source.dropFirst(tag.utf8.count)))
            let link = FilePath("/dev/disk/\(directory)").appending(name)
            guard try machine.files.status(of: link)?.kind == .link else { return nil }
            let destination = FilePath(try machine.files.destination(ofLink: link))
            return link.removingLastComponent().pushing(destination).lexicallyNormalized().string
        }
        return nil
    }

    func validate() throws {
        try validateAbsolute(path)
        for text in [source, type] + options where text.isEmpty || text.utf8.contains(where: { $0 < 0x20 }) {
            throw Failure("the mount of \(path) has an empty field, or one with a newline in it")
        }
        for option in options where option.contains(anyOf: ", ") {
            throw Failure("invalid mount option “\(option.escaped)” of \(path)", advice: "Give each option by itself.")
        }
        guard !type.contains(anyOf: " "), !source.begins(with: "#") else {
            throw Failure("invalid type or source of the mount of \(path): “\(type.escaped)”, “\(source.escaped)”")
        }
        for option in options where ["password=", "pass=", "password2="].contains(where: { option.begins(with: $0) }) {
            throw Failure(
                "the mount of \(path) has a password in its options, which everybody can read",
                advice: "Give credentials: .init(\"/etc/nas.credentials\", username: …, password: Secret(…)).")
        }
        for unit in before { try UnitName.validate(UnitName.full(unit)) }
        if credentials != nil, type != "cifs", type != "smb3" {
            throw Failure("the mount of \(path) has credentials, which only shares of cifs take")
        }
        if isAutomounted, !isMounted {
            throw Failure(
                "the mount of \(path) is declared as automounted and as not mounted", advice: "Leave isMounted out.")
        }
    }
}

extension Fstab {
    /// The lines for a directory.
    static func lines(for target: String, in lines: TextLines) -> [Int] {
        lines.indices.filter { index in
            Entry(line: lines[index]).map { FilePath($0.target).lexicallyNormalized().string == target } ?? false
        }
    }

    /// Makes an entry the only one for its directory.
    static func put(_ entry: Entry, in lines: inout TextLines) {
        let found = Self.lines(for: entry.target, in: lines)
        guard let first = found.first else { return lines.append(entry.line) }
        if Entry(line: lines[first]) != entry { lines.replace(first, with: entry.line) }
        lines.remove(found.dropFirst())
    }
}
