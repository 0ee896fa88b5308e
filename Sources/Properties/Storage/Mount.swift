/// A file system that is mounted now and at each boot (fstab(5), mount(8)).
///
///     Mount("/srv/media", from: "UUID=6f1d…", type: "ext4")
///     Mount("/srv/nas", from: "nas.example.com:/export", type: "nfs", options: ["vers=4.2"])
///     Mount("/srv/share", from: "//nas/share", type: "cifs", options: ["credentials=/etc/share.credentials"])
///
/// `nofail` is added, since without it a missing disk stops the boot, and `_netdev` for file systems of the network.
/// The directory is made if it is missing, with mode 0755. What stands in the directory itself is hidden as long as the
/// file system is mounted. A mounted file system is not mounted again when its options change: they count at the next
/// boot, and the report says so.
public struct Mount: Revertible {
    public typealias Target = DebianLike

    public let path: FilePath
    public let source: String
    public let type: String
    public let options: [String]
    /// Whether the boot goes on without it.
    public let isOptional: Bool

    /// - Parameters:
    ///   - path: absolute: the directory.
    ///   - source: the device as `UUID=…`, `LABEL=…` or a path; the address of a share; the directory of a bind mount.
    ///   - type: the type of the file system: `ext4`, `nfs`, `cifs`, `none` for a bind mount.
    ///   - options: the options; `defaults` if there are none. For a bind mount `bind`.
    ///   - isOptional: whether the boot goes on without it, with `nofail`; yes by default.
    public init(
        _ path: FilePath, from source: String, type: String, options: [String] = [], isOptional: Bool = true
    ) {
        self.path = path
        self.source = source
        self.type = type
        self.options = options
        self.isOptional = isOptional
    }

    public var name: String { "mount \(path)" }
    public var claims: [Claim] { [Claim(name, is: entry.line, summary: "\(source), \(type)")] }
    public var problems: [String] { problem(in: validate).map { [$0] } ?? [] }

    private static let networkTypes: Set<String> = ["nfs", "nfs4", "cifs", "smb3", "sshfs", "fuse.sshfs", "glusterfs"]

    private var entry: Fstab.Entry {
        var all = options
        if isOptional, !all.contains("nofail") { all.append("nofail") }
        if Self.networkTypes.contains(type), !all.contains("_netdev") { all.append("_netdev") }
        var entry = Fstab.Entry(
            source: source, target: path.lexicallyNormalized().string, type: type,
            options: all.isEmpty ? ["defaults"] : all)
        if source.hasPrefix("UUID=") || source.hasPrefix("LABEL=") || source.hasPrefix("/dev/") { entry.pass = "2" }
        return entry
    }

    private var edit: TextEdit {
        let entry = entry
        return TextEdit(
            path: Fstab.path, createsFile: true, change: { Self.put(entry, in: &$0) },
            undo: { lines, original in
                let former = Self.lines(for: entry.target, in: original).map { original[$0] }
                let present = Self.lines(for: entry.target, in: lines)
                guard present.map({ lines[$0] }) != former else { return }
                lines.remove(present)
                former.forEach { lines.append($0) }
            })
    }

    /// - Throws: ``Failure`` if something else than a directory is at the path.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        var reasons: [String] = []
        if let found = try machine.files.status(of: path) {
            guard found.kind == .directory else {
                throw Failure(
                    "\(path) is a \(found.kind.rawValue), and a file system needs a directory: "
                        + "choose another path, or move it away")
            }
        } else {
            reasons.append("create \(path)")
        }
        let line = try await edit.check(on: machine)
        if line != .satisfied { reasons.append("write its line in \(Fstab.path)") }
        if try !isMounted(on: machine) { reasons.append("mount it") }
        guard case .unmet(let change) = line else { return .unmet(unlessEmpty: reasons) }
        return .unmet(unlessEmpty: reasons, diff: change.diff)
    }

    public func apply(on machine: Machine) async throws {
        if try machine.files.status(of: path) == nil {
            try machine.originals.keep(path)
            try machine.files.createDirectories(path, mode: 0o755)
        }
        let wasMounted = try isMounted(on: machine), before = try await edit.check(on: machine)
        if before != .satisfied {
            try await edit.apply(on: machine)
            // systemd makes a unit of each line.
            try await machine.succeed(SystemctlCommand.daemonReload)
        }
        if !wasMounted {
            try await machine.run("mount", "--", path.string)
        } else if before != .satisfied {
            machine.noteFollowUp("mount \(path) again, or restart: its options in \(Fstab.path) have changed")
        }
    }

    public func checkReverted(on machine: Machine) async throws -> Check { try await edit.checkReverted(on: machine) }

    /// Unmounts it and takes the line back. What is on the file system stays there.
    public func revert(on machine: Machine) async throws {
        if try isMounted(on: machine) { try await machine.run("umount", "--", path.string) }
        try await edit.revert(on: machine)
        try await machine.succeed(SystemctlCommand.daemonReload)
        if try machine.originals.wasAbsent(path), try machine.files.list(path).isEmpty {
            try machine.originals.restore(path)
        }
    }

    /// Whether something is mounted there (proc_pid_mountinfo(5)).
    private func isMounted(on machine: Machine) throws -> Bool {
        let bytes = try machine.files.readIfPresent("/proc/self/mountinfo") ?? []
        let point = path.lexicallyNormalized().string
        return String(decoding: bytes, as: UTF8.self).lines.contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 4 && String(fields[4]).octalUnescaped == point
        }
    }

    private static func lines(for target: String, in lines: TextLines) -> [Int] {
        lines.indices.filter { Fstab.Entry(line: lines[$0])?.target == target }
    }

    /// Makes the entry the only one for its directory.
    private static func put(_ entry: Fstab.Entry, in lines: inout TextLines) {
        let found = Self.lines(for: entry.target, in: lines)
        guard let first = found.first else { return lines.append(entry.line) }
        if Fstab.Entry(line: lines[first]) != entry { lines.replace(first, with: entry.line) }
        lines.remove(found.dropFirst())
    }

    private func validate() throws {
        try validateAbsolute(path)
        for text in [source, type] + options where text.isEmpty || text.utf8.contains(where: { $0 < 0x20 }) {
            throw Failure("the mount of \(path) has an empty field, or one with a newline in it")
        }
        for option in options where option.contains(",") || option.contains(" ") {
            throw Failure("invalid mount option “\(option.escaped)” of \(path)", advice: "Give each option by itself.")
        }
        for option in options where option.hasPrefix("password=") || option.hasPrefix("pass=") {
            throw Failure(
                "the mount of \(path) has a password in its options, which everybody can read",
                advice: "Write it to a File with a Secret, and pass credentials=PATH.")
        }
    }
}
