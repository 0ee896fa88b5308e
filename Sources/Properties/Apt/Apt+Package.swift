extension Apt {
    /// A package from a .deb file on the web, pinned by its SHA-256.
    ///
    ///     Apt.Package("tool", "https://example.com/tool_1.4_amd64.deb", sha256: "9f86d0…")
    ///     Apt.Package(
    ///         "tool",
    ///         [
    ///             .x86_64: .init("https://example.com/tool_1.4_amd64.deb", sha256: "9f86d0…"),
    ///             .aarch64: .init("https://example.com/tool_1.4_arm64.deb", sha256: "60303a…"),
    ///         ])
    ///
    /// apt installs it with what it depends on. Many such packages add a repository that upgrades them: a later version
    /// than that of the file is left as it is. Another file is another version: it is installed, also if it is earlier.
    /// For https the machine needs the package ca-certificates.
    ///
    /// ``Apt/Absent`` removes it.
    public struct Package: Property {
        public typealias Target = DebianLike

        public let package: String
        public let sources: [Architecture: Download.Source]

        /// - Parameters:
        ///   - package: the name of the package in the file.
        ///   - url: the URL, for machines of any architecture.
        ///   - sha256: its SHA-256, as sha256sum(1) prints it.
        public init(_ package: String, _ url: String, sha256: String) {
            self.init(package, Download.Source(url, sha256: sha256).everywhere)
        }

        /// - Parameters:
        ///   - package: the name of the package in the files.
        ///   - sources: the file for each architecture.
        public init(_ package: String, _ sources: [Architecture: Download.Source]) {
            self.package = package
            self.sources = sources
        }

        public var name: String { "apt: \(package) from a file" }

        public var claims: [Claim] {
            let hashes = sources.sorted.map { "\($0.key) \($0.value.sha256)" }
            return [
                Claim("the package \(package)", is: "installed"),
                Claim(
                    "the version of the package \(package)", is: hashes.joined(separator: " "),
                    summary: "that of a file"),
            ]
        }

        public var problems: [String] { problems(in: validate) }

        private func validate() throws {
            try PackageName.validate([package])
            guard !package.contains(":"), !sources.isEmpty else {
                throw Failure("\(package) from a file: give the name without an architecture, and a URL")
            }
            for source in sources.values { try source.validate() }
        }

        /// - Throws: ``Failure`` if there is no file for the architecture of the machine, or the package is on hold in
        ///   another version.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let source = try source(), found = try await machine.fact(DpkgStatus.self)[package]
            guard let found, found.state == "installed" else {
                machine.expectPackages([package])
                return .unmet("install \(package) from \(source.url)")
            }
            if let record = try record(on: machine), record.sha256 == source.sha256,
                DebianVersion(found.version) >= DebianVersion(record.version)
            {
                return .satisfied
            }
            guard !found.isHeld else {
                throw Failure(
                    "\(package) is on hold in the version \(found.version), and \(source.url) is declared",
                    advice: "Release it with `apt-mark unhold \(package)`, then run again.")
            }
            return .unmet("install \(package) from \(source.url) in place of \(found.version)")
        }

        public func apply(on machine: Machine) async throws {
            let source = try source(), package = package
            try WithheldServices(machine: machine).restore()
            try await source.download(on: machine) { file in
                // apt takes it for a file by its name.
                let named = file.removingLastComponent().appending("\(package).deb")
                do {
                    try machine.files.replace(named, withCopyOf: file, mode: 0o644)
                    try await install(named, source, on: machine)
                } catch {
                    throw await error.after { try machine.files.remove(named) }
                }
                try machine.files.remove(named)
            }
        }

        private func install(_ file: FilePath, _ source: Download.Source, on machine: Machine) async throws {
            let version = try await version(of: file, source, on: machine)
            let index = AptIndex(machine: machine)
            try await index.repairInterruption()
            let status = try await machine.fact(DpkgStatus.self), record = try record(on: machine)
            let found = status.isInstalled(package) ? status[package]?.version : nil
            // One that has upgraded itself stays; one that this property has installed is replaced by any other file.
            let isLater = found.map { DebianVersion($0) >= DebianVersion(version) && $0 != record?.version } ?? false
            if !isLater {
                try await index.refreshIfStale()
                let selection = AptTransaction.Selection(name: package, argument: file.string)
                try await AptTransaction(
                    selections: [selection], allowsDowngrades: found != nil, reinstalls: found == version
                ).run(on: machine)
            }
            try remember(Record(sha256: source.sha256, version: version), on: machine)
        }

        private func version(
            of file: FilePath, _ source: Download.Source, on machine: Machine
        ) async throws -> String {
            let fields = try await machine.succeed(DpkgCommand.fields(of: file)).text.lines.map { line in
                line.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
            }
            func field(_ name: String) -> String? { fields.first { $0.count == 2 && $0[0] == name }?[1] }
            guard field("Package") == package, let version = field("Version") else {
                throw Failure(
                    "\(source.url) has the package \((field("Package") ?? "without a name").escaped), and "
                        + "\(package) is declared", advice: "Declare the name that the file has.")
            }
            return version
        }

        private func source() throws -> Download.Source { try sources.ofThisMachine("file of \(package)") }

        /// The file that was installed last.
        private struct Record {
            var sha256: String
            var version: String
        }

        private var recordFile: FilePath { Machine.state.appending("packages").appending("\(package).json") }

        private func record(on machine: Machine) throws -> Record? {
            guard let bytes = try machine.files.readIfPresent(recordFile), let json = try? JSON(parsing: bytes),
                let hash = json["sha256"]?.string, let version = json["version"]?.string
            else { return nil }
            return Record(sha256: hash, version: version)
        }

        private func remember(_ record: Record, on machine: Machine) throws {
            let json: JSON = ["sha256": .string(record.sha256), "version": .string(record.version)]
            try machine.files.replacePrivate(recordFile, with: Array(json.description.utf8))
        }
    }
}
