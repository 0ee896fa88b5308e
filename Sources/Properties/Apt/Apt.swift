/// Packages of Debian and its relatives, by apt.
public enum Apt {
    /// Packages that are installed, in the version that apt prefers.
    ///
    ///     Apt.Installed("git", "curl")
    ///
    /// All packages of a run are installed and removed in one transaction, if they are available and their requirements
    /// hold. apt is given only the missing ones: an installed package is not upgraded, and may be on hold.
    /// Configuration files that somebody has edited are kept, packages ask no questions, and a transaction that would
    /// remove a package which is not declared absent is refused.
    public struct Installed: AptPackages {
        public typealias Target = DebianLike

        public let names: [String]
        /// Whether recommended packages are installed too.
        public let recommends: Bool

        /// - Parameters:
        ///   - names: names of packages. Instead of a virtual package, name one that provides it.
        ///   - recommends: whether recommended packages are installed too; yes by default, as apt does.
        public init(_ names: String..., recommends: Bool = true) { self.init(names, recommends: recommends) }

        /// - Parameters:
        ///   - names: names of packages. Instead of a virtual package, name one that provides it.
        ///   - recommends: whether recommended packages are installed too; yes by default, as apt does.
        public init(_ names: [String], recommends: Bool = true) {
            self.names = names
            self.recommends = recommends
        }

        public var name: String {
            "apt: \(names.joined(separator: ", "))\(recommends ? "" : ", without recommended packages")"
        }
        public var claims: [Claim] { names.map { Claim("the package \($0)", is: "installed") } }
        public var problems: [String] { problem { try PackageName.validate(names) }.map { [$0] } ?? [] }

        public func check(on machine: Machine) async throws -> Check {
            try PackageName.validate(names)
            let status = try await machine.fact(DpkgStatus.self)
            let missing = names.filter { !status.isInstalled($0) }
            return .unmet(
                unlessEmpty: missing.isEmpty ? [] : ["install " + missing.map(status.described).joined(separator: ", ")]
            )
        }

        func transaction(_: DpkgStatus, beside _: Set<String>, on _: Machine) -> AptTransaction {
            recommends ? AptTransaction(install: names) : AptTransaction(installBare: names)
        }

        var declaredNames: [String] { names }
    }

    /// Packages that are not installed. Their configuration files stay unless they are purged.
    ///
    /// If other packages depend on them, nothing is removed, and the failure names those packages.
    public struct Absent: AptPackages {
        public typealias Target = DebianLike

        public let names: [String]
        /// Whether configuration files are removed too.
        public let purge: Bool

        /// - Parameters:
        ///   - names: names of packages.
        ///   - purge: whether configuration files are removed too; no by default.
        public init(_ names: String..., purge: Bool = false) { self.init(names, purge: purge) }

        /// - Parameters:
        ///   - names: names of packages.
        ///   - purge: whether configuration files are removed too; no by default.
        public init(_ names: [String], purge: Bool = false) {
            self.names = names
            self.purge = purge
        }

        public var name: String { "apt: no \(names.joined(separator: ", "))" }
        public var claims: [Claim] { names.map { Claim("the package \($0)", is: "absent") } }
        public var problems: [String] { problem { try PackageName.validate(names) }.map { [$0] } ?? [] }

        /// - Throws: ``Failure`` if the package is on hold.
        public func check(on machine: Machine) async throws -> Check {
            try PackageName.validate(names)
            let status = try await machine.fact(DpkgStatus.self)
            let present = names.filter { status.isPresent($0) || purge && status.packages[$0]?.state == "config-files" }
            if let held = present.first(where: { status.isPresent($0) && status.packages[$0]?.isHeld == true }) {
                throw Failure(
                    "\(held) is on hold, and declared absent",
                    advice: "Release it with `apt-mark unhold \(held)`, then run again.")
            }
            return .unmet(
                unlessEmpty: present.isEmpty ? [] : ["\(purge ? "purge" : "remove") \(present.joined(separator: ", "))"]
            )
        }

        func transaction(_: DpkgStatus, beside _: Set<String>, on _: Machine) -> AptTransaction {
            purge ? AptTransaction(purge: names) : AptTransaction(remove: names)
        }
    }

    /// Fetches the lists of available packages.
    public struct Update: Action {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "apt: update" }
        public func perform(on machine: Machine) async throws { try await AptIndex(machine: machine).refreshAll() }
    }

    /// Upgrades all packages to the versions that apt prefers. It removes none, and installs new ones that an upgrade
    /// needs, such as a new kernel (apt-get(8), `upgrade --with-new-pkgs`). Packages on hold stay.
    ///
    ///     Apt.Upgrade().periodically(every: .days(7))
    public struct Upgrade: Action {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "apt: upgrade" }

        public func perform(on machine: Machine) async throws {
            let index = AptIndex(machine: machine)
            try await index.repairInterruption()
            try await index.refresh()
            try await AptLock(machine: machine).succeed(
                DpkgCommand.upgrade())
        }
    }
}

extension DpkgStatus {
    /// The name, with the state of a package that is installed in part.
    fileprivate func described(_ name: String) -> String {
        isPresent(name) ? "\(name) (\(packages[name]?.state ?? ""))" : name
    }
}
