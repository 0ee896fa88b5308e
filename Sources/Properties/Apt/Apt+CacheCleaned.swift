extension Apt {
    /// No packages that apt has downloaded, in `/var/cache/apt/archives`: once installed, nothing needs them
    /// (apt-get(8), `clean`).
    ///
    ///     Apt.Installed("git", "curl")
    ///     Apt.CacheCleaned()
    ///
    /// Declare it after the packages. What is downloaded later, as by unattended upgrades, is removed by the next run.
    public struct CacheCleaned: Property {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "apt: no downloaded packages" }
        public var claims: [Claim] { [Claim("the downloaded packages of apt", is: "absent")] }

        private static let archives: FilePath = "/var/cache/apt/archives"

        /// - Throws: ``Undetermined`` if packages are yet to be installed, which are downloaded then.
        public func check(on machine: Machine) async throws -> Check {
            let found = try downloads(on: machine)
            guard !found.isEmpty else {
                try machine.awaitPackages()
                return .satisfied
            }
            return .unmet("remove \(found.count == 1 ? "a downloaded package" : "\(found.count) downloaded packages")")
        }

        public func apply(on machine: Machine) async throws {
            try await AptLock(machine: machine).succeed(DpkgCommand.clean)
        }

        /// The files but apt's lock, and those of downloads that were cut.
        private func downloads(on machine: Machine) throws -> [String] {
            try [Self.archives, Self.archives.appending("partial")].flatMap { directory -> [String] in
                guard try machine.files.status(of: directory)?.kind == .directory else { return [] }
                return try machine.files.list(directory).filter { $0 != "lock" && $0 != "partial" }
            }
        }
    }
}
