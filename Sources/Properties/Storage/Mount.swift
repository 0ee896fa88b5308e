/// A file system that is mounted now and at each boot (fstab(5), systemd.mount(5)).
///
///     Mount("/srv/media", from: "UUID=6f1d3b0e-5f0c-4c0e-9d0b-0d5b5d1b7c11", type: "ext4", options: ["noatime"])
///     Mount("/srv/nas", from: "nas.example.com:/export", type: "nfs", automount: true)
///     Mount(
///         "/srv/share", from: "//nas/share", type: "cifs",
///         credentials: .init("/etc/nas.credentials", username: "media", password: Secret("nas")))
///     Mount("/srv/films", bind: "/srv/media/films", before: ["docker.service"])
///
/// `nofail` is added, since without it a missing disk stops the boot, and `_netdev` for file systems of the network,
/// whose programs are installed too. Services that must not write into the empty directory are named by `before`.
///
/// The directory is made if it is missing, with mode 0755. What stands in the directory itself is hidden as long as the
/// file system is mounted. When its options change, a mounted file system is mounted again with them, while it is in
/// use (mount(8), `remount`); if it cannot take them so, they count at the next boot, and the report says so. Another
/// file system that is mounted there is an error.
public struct Mount: Revertible {
    public typealias Target = DebianLike

    public let path: FilePath
    public let source: String
    public let type: String
    public let options: [String]
    /// Whether the boot goes on without it.
    public let isOptional: Bool
    /// Whether it is mounted now; otherwise only its line is declared.
    public let isMounted: Bool
    /// Whether it is mounted when somebody first looks into the directory.
    public let isAutomounted: Bool
    /// The units that start after it.
    public let before: [String]
    public let credentials: Credentials?

    /// - Parameters:
    ///   - path: absolute: the directory.
    ///   - source: the device as `UUID=…`, `LABEL=…` or a path; the address of a share.
    ///   - type: the type of the file system: `ext4`, `nfs`, `cifs`.
    ///   - options: the options; `defaults` without any.
    ///   - isOptional: whether the boot goes on without it, with `nofail`; yes by default.
    ///   - isMounted: whether it is mounted now; yes by default. Otherwise only its line is declared.
    ///   - automount: whether it is mounted when somebody first looks into the directory, and not before; no by
    ///     default. For shares that may be away.
    ///   - units: the units that start after it at boot, such as `docker.service`; none by default.
    ///   - credentials: the user and the password of a share of cifs; none by default.
    public init(
        _ path: FilePath, from source: String, type: String, options: [String] = [], isOptional: Bool = true,
        isMounted: Bool = true, automount: Bool = false, before units: [String] = [], credentials: Credentials? = nil
    ) {
        self.path = path
        self.source = source
        self.type = type
        self.options = options
        self.isOptional = isOptional
        self.isMounted = isMounted
        isAutomounted = automount
        before = units
        self.credentials = credentials
    }

    /// A directory that is seen at another place too. It is mounted after the file system that it is on.
    /// - Parameters:
    ///   - path: absolute: the place.
    ///   - directory: absolute: the directory.
    ///   - options: further options, such as `ro`; none by default.
    ///   - units: the units that start after it at boot; none by default.
    public init(_ path: FilePath, bind directory: FilePath, options: [String] = [], before units: [String] = []) {
        self.init(
            path, from: directory.string, type: "none",
            options: ["bind", "x-systemd.requires-mounts-for=\(directory)"] + options, before: units)
    }

    public var name: String { "mount \(path)" }
    public var claims: [Claim] { [Claim(name, is: entry.line, summary: "\(source), \(type)")] }
    public var problems: [String] { problems(in: validate) }

    public func declaration(at place: SourcePlace) -> Declaration {
        var requirements: [any Declarable] = []
        if type == "nfs" || type == "nfs4" { requirements.append(Apt.Installed("nfs-common")) }
        if type == "cifs" || type == "smb3" { requirements.append(Apt.Installed("cifs-utils")) }
        if let credentials { requirements.append(credentials) }
        return declaration(at: place, requiring: requirements)
    }

    /// - Throws: ``Failure`` if something else than a directory is at the path, or another file system is mounted
    ///   there.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        var reasons: [String] = []
        if let found = try machine.files.status(of: path) {
            guard found.kind == .directory else {
                throw Failure(
                    "\(path) is a \(found.kind.words), and a file system needs a directory",
                    advice: "Choose another path, or move it away.")
            }
        } else {
            reasons.append("create \(path)")
        }
        let line = try await edit.check(on: machine)
        if line != .satisfied { reasons.append("write its line in \(Fstab.path)") }
        let mounted = try MountTable(machine)[path]
        try refuseOther(mounted, on: machine)
        if isMounted, mounted == nil { reasons.append(isAutomounted ? "mount it when it is used" : "mount it") }
        if isMounted, let mounted, !mounted.isAutomount {
            let missing = missingFlags(of: mounted)
            if line != .satisfied || !missing.isEmpty {
                reasons.append((["mount it again"] + missing).joined(separator: ", "))
            }
        }
        guard case .unmet(let change) = line else { return .unmet(unlessEmpty: reasons) }
        return .unmet(unlessEmpty: reasons, diff: change.diff)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        if try machine.files.status(of: path) == nil {
            try machine.originals.keep(path)
            try machine.files.createDirectories(path, mode: 0o755)
        }
        let mounted = try MountTable(machine)[path], line = try await edit.check(on: machine)
        try refuseOther(mounted, on: machine)
        if line != .satisfied { try await verify(on: machine) }
        // Before the line is written: a run that is cut in between does it again.
        if isMounted, let mounted, !mounted.isAutomount { try await remount(mounted, on: machine) }
        if line != .satisfied { try await edit.apply(on: machine) }
        // systemd makes a unit of each line. A run may have been cut after the line was written.
        try await machine.succeed(SystemctlCommand.daemonReload)
        if isMounted, mounted == nil {
            if isAutomounted {
                try await machine.control(.start, UnitName.of(path, type: "automount"))
            } else {
                try await machine.run("mount", "--", path.string)
            }
        } else if let mounted, !isMounted || mounted.isAutomount, line != .satisfied {
            machine.noteFollowUp("mount \(path) again, or restart: its options in \(Fstab.path) have changed")
        }
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        let line = try await edit.checkReverted(on: machine)
        // A run may have been cut between the line and the directory.
        guard line == .satisfied, try machine.originals.wasAbsent(path), try MountTable(machine)[path] == nil,
            try machine.files.status(of: path)?.kind == .directory, try machine.files.list(path).isEmpty
        else { return line }
        return .unmet("remove \(path)")
    }

    /// Unmounts it and takes the line back. What is on the file system stays there.
    public func revert(on machine: Machine) async throws {
        try await Self.unmount(path, on: machine)
        try await edit.revert(on: machine)
        try await machine.succeed(SystemctlCommand.daemonReload)
        if try machine.originals.wasAbsent(path), try machine.files.status(of: path)?.kind == .directory,
            try machine.files.list(path).isEmpty
        {
            try machine.originals.restore(path)
        }
    }

    /// Ends the automount too, which lies under what it has mounted, and would mount it again.
    static func unmount(_ path: FilePath, on machine: Machine) async throws {
        if try MountTable(machine)[path]?.isAutomount == false { try await machine.run("umount", "--", path.string) }
        if try MountTable(machine)[path]?.isAutomount == true {
            try await machine.succeed(SystemctlCommand.stop([UnitName.of(path, type: "automount")]))
        }
    }

    /// Nothing mounted at a path, and no line for it in `/etc/fstab`. The directory and the content of the file system
    /// stay.
    ///
    ///     Mount.Absent("/srv/old")
    ///     Mount.Absent("/srv/backup", keepsLine: true)
    public struct Absent: Revertible {
        public typealias Target = DebianLike

        public let path: FilePath
        /// Whether the line in `/etc/fstab` stays.
        public let keepsLine: Bool

        /// - Parameters:
        ///   - path: absolute: the directory.
        ///   - keepsLine: whether its line in `/etc/fstab` stays, so that it is mounted at the next boot, or by
        ///     hand; no by default.
        public init(_ path: FilePath, keepsLine: Bool = false) {
            self.path = path
            self.keepsLine = keepsLine
        }

        public var name: String { "no mount \(path)" }
        public var claims: [Claim] { [Claim("mount \(path)", is: keepsLine ? "not mounted now" : "absent")] }
        public var problems: [String] { problems { try validateAbsolute(path) } }

        public func check(on machine: Machine) async throws -> Check {
            try validateAbsolute(path)
            var reasons: [String] = []
            if try MountTable(machine)[path] != nil { reasons.append("unmount it") }
            guard !keepsLine, try machine.files.status(of: Fstab.path) != nil,
                case .unmet(let change) = try await edit.check(on: machine)
            else { return .unmet(unlessEmpty: reasons) }
            return .unmet(unlessEmpty: reasons + ["remove its line in \(Fstab.path)"], diff: change.diff)
        }

        public func apply(on machine: Machine) async throws {
            try validateAbsolute(path)
            try await Mount.unmount(path, on: machine)
            guard !keepsLine, try machine.files.status(of: Fstab.path) != nil else { return }
            try await edit.apply(on: machine)
            try await machine.succeed(SystemctlCommand.daemonReload)
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            keepsLine ? .satisfied : try await edit.checkReverted(on: machine)
        }

        /// Restores the line. It is mounted at the next boot.
        public func revert(on machine: Machine) async throws {
            guard !keepsLine else { return }
            try await edit.revert(on: machine)
            try await machine.succeed(SystemctlCommand.daemonReload)
        }

        private var edit: TextEdit {
            let target = path.lexicallyNormalized().string
            return TextEdit(path: Fstab.path) { lines in
                lines.remove(Fstab.lines(for: target, in: lines))
            } undo: { lines, original in
                guard Fstab.lines(for: target, in: lines).isEmpty else { return }
                for index in Fstab.lines(for: target, in: original) { lines.append(original[index]) }
            }
        }
    }
}
