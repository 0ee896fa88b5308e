extension Apt {
    /// A repository of packages besides those of the distribution (sources.list(5), the deb822 format).
    ///
    ///     Apt.Repository(
    ///         "docker", uri: "https://download.docker.com/linux/debian", suites: ["\(Fact.codename)"],
    ///         components: ["stable"], key: text)
    ///     Apt.Installed("docker-ce")
    ///
    /// The key stands in the same file and counts for this repository alone; apt reads it as the user `_apt`, who can.
    /// Packages of it that are declared in the same run are found: the lists are fetched again when a file of sources
    /// has changed. Where another file has the same suites of the same address, in a `.list` of former times for
    /// example, they are taken out of it, since apt refuses two entries with different keys. A revert restores all of
    /// it. ``Apt/Repository/Absent`` takes a repository out of all files.
    public struct Repository: FileBacked {
        public typealias Target = DebianLike

        public let id: String
        public let uri: String
        public let suites: [Content]
        public let components: [String]
        public let architectures: [String]
        /// The public key in ASCII armour, or the path of a file with it.
        public let key: String
        public let isSource: Bool

        /// - Parameters:
        ///   - id: the name of the file: letters, digits, `-`, `_` and `.`.
        ///   - uri: the address of the repository.
        ///   - suites: the suites, usually the codename of the release; or one path that ends with `/`.
        ///   - components: the components; none for a path.
        ///   - architectures: as Debian names them; those of the machine by default.
        ///   - key: the public key in ASCII armour, as `gpg --export --armor` prints it; or the path of a file on the
        ///     machine: that of an ``Apt/Key``, or of a package such as debian-archive-keyring.
        ///   - hasSources: whether source packages are listed too; no by default.
        public init(
            _ id: String, uri: String, suites: [Content], components: [String] = ["main"], architectures: [String] = [],
            key: String, hasSources: Bool = false
        ) {
            self.id = id
            self.uri = uri
            self.suites = suites
            self.components = components
            self.architectures = architectures
            self.key = key
            isSource = hasSources
        }

        /// A personal package archive of Launchpad.
        ///
        ///     Apt.Repository(ppa: "deadsnakes/ppa", key: text)
        ///
        /// - Parameters:
        ///   - ppa: the owner and the name.
        ///   - suites: the releases of Ubuntu; by default that of the machine.
        ///   - key: its public key in ASCII armour; see the other initializer.
        public init(ppa: String, suites: [Content] = ["\(Fact.codename)"], key: String) {
            let id = "ppa-" + ppa.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "-")
            self.init(id, uri: "https://ppa.launchpadcontent.net/\(ppa)/ubuntu", suites: suites, key: key)
        }

        /// The backports of Debian, for `Apt.Installed(…, from: .backports)`. apt takes no package from it unless that
        /// is declared.
        ///
        ///     Apt.Repository.backports()
        ///     Apt.Installed("podman", from: .backports)
        ///
        /// - Parameter components: `main` alone by default; others are `contrib`, `non-free`, `non-free-firmware`.
        public static func backports(components: [String] = ["main"]) -> Repository {
            Repository(
                "debian-backports", uri: "http://deb.debian.org/debian", suites: ["\(Fact.codename)-backports"],
                components: components, key: "/usr/share/keyrings/debian-archive-keyring.gpg")
        }

        public var name: String { "apt repository \(id)" }
        public var claims: [Claim] { file.claims + [Self.claim(uri, is: "present")] }
        // Another file may go on naming the address.
        public var revertedClaims: [Claim] { file.revertedClaims }

        public var file: File {
            var text: Content = "Types: deb\(isSource ? " deb-src" : "")\nURIs: \(uri)\nSuites:"
            for suite in suites { text = text + " \(suite)" }
            text = text + "\n"
            if !components.isEmpty { text = text + "Components: \(components.joined(separator: " "))\n" }
            if !architectures.isEmpty { text = text + "Architectures: \(architectures.joined(separator: " "))\n" }
            let signature = isKeyPath ? " \(key)\n" : "\n\(indentedKey)"
            return File(SourcesFile.directory.appending("\(id).sources"), text + "Signed-By:\(signature)")
        }

        private var isKeyPath: Bool { key.hasPrefix("/") }

        /// The key as the value of a field: an empty line is a dot.
        private var indentedKey: String {
            key.trimmed.lines.map { line in
                let text = String(line.withoutCarriageReturn).trimmed
                return text.isEmpty ? " .\n" : " \(text)\n"
            }.joined()
        }

        /// - Throws: ``Failure`` if another file names the address among others, so that its suites cannot be taken
        ///   out.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let check = try await file.check(on: machine), former = try await former(on: machine)
            let moved = former.map { "take it out of \($0.path)" }
            guard case .unmet(let change) = check else { return .unmet(unlessEmpty: moved) }
            return .unmet(([change.reason] + moved).joined(separator: "; "), diff: change.diff)
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            // First: with both, apt would refuse to work.
            for former in try await former(on: machine) { try former.apply(on: machine) }
            if try await file.check(on: machine) != .satisfied { try await file.apply(on: machine) }
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            let restored = try await formerRestored(on: machine).map { "restore the original \($0)" }
            guard case .unmet(let change) = try await file.checkReverted(on: machine) else {
                return .unmet(unlessEmpty: restored)
            }
            return .unmet(([change.reason] + restored).joined(separator: "; "))
        }

        public func revert(on machine: Machine) async throws {
            let restored = try await formerRestored(on: machine)
            try await file.revert(on: machine)
            for path in restored { try machine.originals.restore(path) }
        }

        /// The other files with the same repository, without it.
        private func former(on machine: Machine) async throws -> [SourcesFile] {
            let own = file.path, names = try await suiteNames(on: machine)
            return try SourcesFile.paths(on: machine).filter { $0 != own }.compactMap { path in
                let present = try SourcesFile(path, machine.files.read(path))
                let edited = try present.without(uri, names)
                return edited == present ? nil : edited
            }
        }

        /// The files whose originals had the repository, and which have not been changed otherwise since.
        private func formerRestored(on machine: Machine) async throws -> [FilePath] {
            let names = try await suiteNames(on: machine)
            return try machine.originals.paths.filter { path in
                guard path != file.path, SourcesFile.isOne(path), let bytes = try machine.originals.bytes(of: path)
                else { return false }
                let original = SourcesFile(path, bytes)
                let edited = try original.without(uri, names)
                guard edited != original else { return false }
                return try machine.files.readIfPresent(path).map { $0 == edited.bytes } ?? edited.isEmpty
            }
        }

        private func suiteNames(on machine: Machine) async throws -> [String] {
            var names: [String] = []
            for suite in suites {
                names.append(String(decoding: try await suite.resolved(on: machine).bytes ?? [], as: UTF8.self))
            }
            return names
        }

        public func validate() throws {
            try Key.validate(name: id, "repository")
            guard Self.isAddress(uri) else {
                throw Failure(
                    "invalid address “\(uri.escaped)” of the repository \(id)", advice: "Begin with https://.")
            }
            guard !suites.isEmpty else {
                throw Failure("the repository \(id) has no suite", advice: "Name one, such as \\(Fact.codename).")
            }
            let words = components + architectures
            guard words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) else {
                throw Failure("the repository \(id) has a component or an architecture with a space in it")
            }
            if isKeyPath {
                guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                    throw Failure("invalid path “\(key.escaped)” of the key of the repository \(id)")
                }
            } else {
                try Key.validate(key, "the key of the repository \(id)")
            }
        }
    }
}
