extension Apt.Repository {
    /// No file of apt's sources that names a repository.
    ///
    ///     Apt.Repository.Absent("https://download.example.com/debian")
    ///
    /// Its lines and paragraphs are taken out of `/etc/apt/sources.list` and all files of `sources.list.d`, and a file
    /// that has no others is removed. A revert restores them. Packages that were installed from it stay, without
    /// upgrades, and so does a key in another file: see ``File/Absent``.
    public struct Absent: Revertible {
        public typealias Target = DebianLike

        public let uri: String

        /// - Parameter uri: the address of the repository, as the files name it; a `/` at its end makes no difference.
        public init(_ uri: String) { self.uri = uri }

        public var name: String { "no apt repository \(uri)" }
        public var claims: [Claim] { [Apt.Repository.claim(uri, is: "absent")] }
        public var problems: [String] { problems(in: validate) }

        private func validate() throws {
            guard Apt.Repository.isAddress(uri) else {
                throw Failure("invalid address “\(uri.escaped)” of a repository", advice: "Begin with https://.")
            }
        }

        /// - Throws: ``Failure`` if a paragraph names other addresses too; ``Undetermined`` if packages are yet to be
        ///   installed, which may bring it.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let files = try files(on: machine)
            if files.isEmpty { try machine.awaitPackages() }
            return .unmet(unlessEmpty: files.map { ($0.isRemoved ? "remove " : "take it out of ") + "\($0.path)" })
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            for file in try files(on: machine) { try file.apply(on: machine) }
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try machine.checkRestored(try restorable(on: machine))
        }

        public func revert(on machine: Machine) async throws {
            for path in try restorable(on: machine) { try machine.originals.restore(path) }
        }

        /// The files that name it, without it.
        private func files(on machine: Machine) throws -> [SourcesFile] {
            try SourcesFile.paths(on: machine).compactMap { path in
                let present = SourcesFile(path, try machine.files.read(path)), edited = try present.without(uri)
                return edited == present ? nil : edited
            }
        }

        /// The files whose originals name it, and which nobody has changed since.
        private func restorable(on machine: Machine) throws -> [FilePath] {
            try validate()
            return try machine.originals.paths.filter { path in
                guard SourcesFile.isOne(path), let bytes = try machine.originals.bytes(of: path) else { return false }
                let original = SourcesFile(path, bytes), edited = try original.without(uri)
                guard edited != original else { return false }
                return try machine.files.readIfPresent(path).map { $0 == edited.bytes } ?? edited.isEmpty
            }
        }
    }

    /// The claim on a repository, whatever files name it.
    static func claim(_ uri: String, is state: String) -> Claim {
        Claim("the apt repository \(SourcesFile.plain(uri))", is: state)
    }

    static func isAddress(_ uri: String) -> Bool {
        let schemes = ["https://", "http://", "file:/", "mirror+http"]
        return schemes.contains(where: uri.hasPrefix) && uri.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
