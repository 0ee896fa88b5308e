extension Sysctl {
    /// No file that sets a kernel parameter at boot (sysctl.d(5)).
    ///
    ///     Sysctl.Absent("net.ipv4.ip_forward")
    ///
    /// Lines of the parameter are taken out of `/etc/sysctl.conf` and `/etc/sysctl.d`, and a file that has no other is
    /// removed. Files of packages in `/usr/lib/sysctl.d` stay. The kernel keeps the value that it has until the next
    /// restart.
    public struct Absent: Revertible {
        public typealias Target = AnyLinux

        /// With dots: `vm.swappiness`.
        public let key: String

        /// - Parameter key: with dots: `vm.swappiness`.
        public init(_ key: String) { self.key = key }

        public var name: String { "no setting of \(key.escaped)" }
        public var claims: [Claim] { [Claim("the kernel parameter \(key)", is: "not set")] }
        public var problems: [String] { problems(in: validate) }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let found = try files(on: machine)
            // A package may bring a file that sets it.
            if found.isEmpty { try machine.awaitPackages() }
            return .unmet(unlessEmpty: found.map { "remove it from \($0.path)" })
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            for (path, edited) in try files(on: machine) {
                if Self.isRemoved(path, edited) {
                    try machine.originals.keep(path)
                    try machine.files.remove(path)
                } else {
                    try machine.shared(path).edit { $0 = edited }
                }
            }
            machine.noteFollowUp("restart the machine, so that \(key) has the kernel's own value")
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try machine.checkRestored(try restorable(on: machine))
        }

        public func revert(on machine: Machine) async throws {
            for path in try restorable(on: machine) { try machine.originals.restore(path) }
        }

        private static let directory: FilePath = "/etc/sysctl.d"

        /// The files that set the parameter, without its lines. A link, such as 99-sysctl.conf, is another name of one.
        private func files(on machine: Machine) throws -> [(path: FilePath, edited: TextLines)] {
            var paths: [FilePath] = ["/etc/sysctl.conf"]
            if try machine.files.status(of: Self.directory) != nil {
                paths += try machine.files.list(Self.directory).filter { $0.hasSuffix(".conf") }.map {
                    Self.directory.appending($0)
                }
            }
            return try paths.compactMap { path in
                guard try machine.files.status(of: path)?.kind == .file else { return nil }
                let present = try machine.shared(path).read(), edited = without(present)
                return edited == present ? nil : (path, edited)
            }
        }

        /// Whether a file goes, since no setting is left in it.
        private static func isRemoved(_ path: FilePath, _ edited: TextLines) -> Bool {
            path != "/etc/sysctl.conf"
                && edited.indices.allSatisfy { edited[$0].trimmed.isEmpty || isComment(edited[$0]) }
        }

        /// The files whose originals set the parameter, and which nobody has changed since.
        private func restorable(on machine: Machine) throws -> [FilePath] {
            try validate()
            return try machine.originals.paths.filter { path in
                guard path == "/etc/sysctl.conf" || path.removingLastComponent() == Self.directory,
                    let bytes = try machine.originals.bytes(of: path)
                else { return false }
                let original = TextLines(bytes), edited = without(original)
                guard edited != original else { return false }
                return try machine.files.readIfPresent(path).map { $0 == edited.bytes } ?? Self.isRemoved(path, edited)
            }
        }

        private func without(_ lines: TextLines) -> TextLines {
            var edited = lines
            edited.remove(lines.indices.filter { isSetting(lines[$0]) })
            return edited
        }

        private static func isComment(_ line: String) -> Bool {
            line.trimmed.begins(with: "#") || line.trimmed.begins(with: ";")
        }

        /// `key = value`, also with slashes, and with the hyphen that lets errors pass.
        private func isSetting(_ line: String) -> Bool {
            guard !Self.isComment(line), let (left, _) = line.parts(around: "=") else { return false }
            var name = left.trimmed
            if name.hasPrefix("-") { name = String(name.dropFirst()).trimmed }
            return name.replacing("/", with: ".") == key
        }

        private func validate() throws { try Sysctl.validate(key: key) }
    }
}
