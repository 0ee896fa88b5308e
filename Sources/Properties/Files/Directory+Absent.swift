extension Directory {
    /// No directory at a path.
    ///
    ///     Directory.Absent("/opt/old-app", recursive: true)
    ///
    /// Its files are not kept: they may be large. A revert makes an empty directory with the former mode and owner.
    /// Symbolic links in it are removed and never followed; a file system that is mounted below it is refused.
    public struct Absent: Revertible {
        public typealias Target = AnyLinux

        public let path: FilePath
        /// Whether what is in the directory is removed too.
        public let isRecursive: Bool

        /// - Parameters:
        ///   - path: absolute, and not a directory that every system has, such as `/etc`.
        ///   - recursive: whether everything in it is removed too. By default a directory that is not empty is a
        ///     failure.
        public init(_ path: FilePath, recursive: Bool = false) {
            self.path = path
            isRecursive = recursive
        }

        public var name: String { "no directory \(path)" }
        public var claims: [Claim] { [.path(path, is: "absent", summary: "nothing there")] }
        public var problems: [String] { problems(in: validate) }

        /// - Throws: ``Undetermined`` if packages are yet to be installed that may bring the directory; ``Failure`` if
        ///   something else is at the path, or if the directory is not empty and may not be emptied.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let found = try machine.files.status(of: path) else {
                try machine.awaitPackages(for: path)
                return .satisfied
            }
            try refuseOther(found)
            let names = try machine.files.list(path)
            guard !names.isEmpty else { return .unmet("remove it") }
            guard isRecursive else {
                throw Failure(
                    "\(path) is not empty: it has \(names.prefix(3).map(\.escaped).joined(separator: ", "))"
                        + (names.count > 3 ? " and \(names.count - 3) more" : ""),
                    advice: "Directory.Absent(\"\(path)\", recursive: true) removes everything in it.")
            }
            try refuseMounts(on: machine)
            return .unmet("remove it with \(names.count) \(names.count == 1 ? "entry" : "entries")")
        }

        public func apply(on machine: Machine) async throws {
            guard let found = try machine.files.status(of: path) else { return }
            try refuseOther(found)
            try refuseMounts(on: machine)
            try machine.originals.keep(path)
            if isRecursive { try machine.files.removeTree(path) } else { try machine.files.remove(path) }
        }

        public func checkReverted(on machine: Machine) async throws -> Check { try machine.checkRestored([path]) }
        public func revert(on machine: Machine) async throws { try machine.originals.restore(path) }

        private func validate() throws {
            try validateAbsolute(path)
            let normal = path.lexicallyNormalized()
            guard normal.components.count > 1 || !Self.essential.contains(normal.string) else {
                throw Failure("no system runs without \(path)", advice: "Name a directory in it.")
            }
        }

        /// The directories of hier(7) that are never removed.
        static let essential: Set<String> = [
            "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/media", "/mnt", "/opt", "/proc", "/root",
            "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/var",
        ]

        private func refuseOther(_ found: FileStatus) throws {
            guard found.kind == .directory else {
                throw Failure(
                    "\(path) is a \(found.kind.words), and no directory is declared there",
                    advice: "Use File.Absent(\"\(path)\") to remove a file or a link.")
            }
        }

        /// Data of other file systems would be gone with it.
        func refuseMounts(on machine: Machine) throws {
            guard let point = try MountTable(machine).firstPoint(in: path) else { return }
            throw Failure(
                "a file system is mounted at \(point.escaped)", advice: "Unmount it first: umount \(point.escaped).")
        }
    }
}
