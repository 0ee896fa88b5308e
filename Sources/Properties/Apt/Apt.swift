/// Packages of Debian and its likes, by apt.
public enum Apt {
    /// Packages that are installed, in whichever version apt prefers.
    ///
    ///     Apt.Installed("git", "curl")
    ///
    /// All packages of a run are installed, and removed, in one transaction, where they are available and what they require
    /// holds. Configuration files that somebody has edited are kept, services do not ask questions, and a transaction that
    /// would remove what nobody asked to remove is refused. A package on hold that is installed is installed.
    public struct Installed: AptPackages {
        public typealias Target = DebianLike

        public let names: [String]
        /// Whether what the packages recommend is installed too; yes by default, as apt does.
        public let recommends: Bool

        /// - Parameter names: of packages. Virtual ones are not: name the package that provides them.
        public init(_ names: String..., recommends: Bool = true) { self.init(names, recommends: recommends) }

        /// - Parameter names: of packages. Virtual ones are not: name the package that provides them.
        public init(_ names: [String], recommends: Bool = true) {
            self.names = names
            self.recommends = recommends
        }

        public var name: String {
            "apt: \(names.joined(separator: ", "))\(recommends ? "" : ", without recommended packages")"
        }
        public var claims: [Claim] { names.map { Claim("the package \($0)", is: "installed") } }

        /// - Throws: ``Failure`` where a name is none that a package can have.
        public func check(on machine: Machine) async throws -> Check {
            try PackageName.validate(names)
            let status = try await machine.fact(DpkgStatus.self)
            let missing = names.filter { !status.isInstalled($0) }
            return .unmet(
                unlessEmpty: missing.isEmpty ? [] : ["install " + missing.map(status.described).joined(separator: ", ")]
            )
        }

        var part: AptTransaction { recommends ? AptTransaction(install: names) : AptTransaction(installBare: names) }
    }

    /// Packages that are not installed. Their configuration files stay unless they are purged.
    ///
    /// Packages that need them are not removed along: where there are any, the failure names them.
    public struct Absent: AptPackages {
        public typealias Target = DebianLike

        public let names: [String]
        /// Whether their configuration files go too.
        public let purge: Bool

        /// - Parameter purge: whether their configuration files go too; no by default.
        public init(_ names: String..., purge: Bool = false) { self.init(names, purge: purge) }

        /// - Parameter purge: whether their configuration files go too; no by default.
        public init(_ names: [String], purge: Bool = false) {
            self.names = names
            self.purge = purge
        }

        public var name: String { "apt: no \(names.joined(separator: ", "))" }
        public var claims: [Claim] { names.map { Claim("the package \($0)", is: "absent") } }

        /// - Throws: ``Failure`` where a name is none that a package can have, or the package is on hold.
        public func check(on machine: Machine) async throws -> Check {
            try PackageName.validate(names)
            let status = try await machine.fact(DpkgStatus.self)
            let present = names.filter { status.isPresent($0) || purge && status.packages[$0]?.state == "config-files" }
            if let held = present.first(where: { status.isPresent($0) && status.packages[$0]?.isHeld == true }) {
                throw Failure(
                    "\(held) is on hold, and is to be removed",
                    advice: "Release it with `apt-mark unhold \(held)`, then run again.")
            }
            return .unmet(
                unlessEmpty: present.isEmpty ? [] : ["\(purge ? "purge" : "remove") \(present.joined(separator: ", "))"]
            )
        }

        var part: AptTransaction { purge ? AptTransaction(purge: names) : AptTransaction(remove: names) }
    }

    /// Fetches the lists of the available packages.
    public struct Update: Action {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "apt: update" }
        public func perform(on machine: Machine) async throws { try await AptIndex(machine: machine).refreshAll() }
    }

    /// Brings all packages to the versions that apt prefers. Removes none; new ones come where an upgrade needs them, as a
    /// new kernel does (apt-get(8), `upgrade --with-new-pkgs`). Packages on hold stay.
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

/// What the package properties have in common: a part of a transaction.
protocol AptPackages: Batchable {
    var part: AptTransaction { get }
}

extension AptPackages {
    public var batch: String { "apt" }

    public func apply(with others: [any Batchable], on machine: Machine) async throws {
        let index = AptIndex(machine: machine)
        try await index.repairInterruption()
        var transaction = part
        for case let other as any AptPackages in others { transaction.add(other.part) }
        let missing = try await index.unavailable(transaction.install + transaction.installBare)
        if let unknown = (part.install + part.installBare).first(where: missing.contains) {
            throw try await index.failure(for: unknown)
        }
        // The others may wait for a repository that is still to come.
        transaction.install.removeAll(where: missing.contains)
        transaction.installBare.removeAll(where: missing.contains)
        try await transaction.run(on: machine)
    }
}

extension DpkgStatus {
    /// The package, and what keeps it from being installed where it is there in part.
    fileprivate func described(_ name: String) -> String {
        isPresent(name) ? "\(name) (\(packages[name]?.state ?? ""))" : name
    }
}
