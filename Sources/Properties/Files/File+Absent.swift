extension File {
    /// Nothing at a path: no file and no symbolic link.
    ///
    ///     File.Absent("/etc/apt/sources.list.d/docker.list")
    ///
    /// The file is kept first, so that a revert restores it. A directory is refused; see ``Directory/Absent``. A file
    /// that comes with a package is declared absent after the package.
    public struct Absent: Revertible {
        public typealias Target = UnixLike

        public let path: FilePath

        /// - Parameter path: absolute.
        public init(_ path: FilePath) { self.path = path }

        public var name: String { "no file \(path)" }
        public var claims: [Claim] { [.path(path, is: "absent", summary: "nothing there")] }
        public var problems: [String] { problems { try validateAbsolute(path) } }

        /// - Throws: ``Undetermined`` if packages are yet to be installed that may bring the file; ``Failure`` if there
        ///   is a directory or a special file.
        public func check(on machine: Machine) async throws -> Check {
            try validateAbsolute(path)
            guard let found = try machine.files.status(of: path) else {
                try machine.awaitPackages(for: path)
                return .satisfied
            }
            try refuseOther(found)
            return .unmet(found.kind == .link ? "remove the link" : "remove a file of \(found.size) bytes")
        }

        public func apply(on machine: Machine) async throws {
            guard let found = try machine.files.status(of: path) else { return }
            try refuseOther(found)
            try machine.originals.keep(path)
            try machine.files.remove(path)
        }

        public func checkReverted(on machine: Machine) async throws -> Check { try machine.checkRestored([path]) }
        public func revert(on machine: Machine) async throws { try machine.originals.restore(path) }

        private func refuseOther(_ found: FileStatus) throws {
            switch found.kind {
            case .file, .link: return
            case .directory:
                throw Failure(
                    "\(path) is a directory, and no file is declared there",
                    advice: "Use Directory.Absent(\"\(path)\").")
            case .other:
                throw Failure("\(path) is a special file, and no file is declared there", advice: "Remove it by hand.")
            }
        }
    }
}
