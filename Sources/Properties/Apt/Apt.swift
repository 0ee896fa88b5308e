/// Packages of Debian and its relatives, by apt.
public enum Apt {
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
        public var problems: [String] { problems { try PackageName.validate(names) } }

        /// - Throws: ``Undetermined`` if packages are yet to be installed, which may depend on one of these;
        ///   ``Failure`` if the package is on hold.
        public func check(on machine: Machine) async throws -> Check {
            try PackageName.validate(names)
            let status = try await machine.fact(DpkgStatus.self)
            let present = names.filter { status.isPresent($0) || purge && status[$0]?.state == "config-files" }
            try status.refuseHeld(present)
            guard !present.isEmpty else {
                try machine.awaitPackages()
                return .satisfied
            }
            return .unmet("\(purge ? "purge" : "remove") \(present.joined(separator: ", "))")
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

    /// Upgrades all packages to the versions that apt prefers, and installs new ones that an upgrade needs, such as a
    /// new kernel (apt-get(8), `upgrade --with-new-pkgs`). Packages on hold stay.
    ///
    ///     Apt.Upgrade().periodically(every: .days(7))
    ///     Apt.Upgrade(full: true, autoremove: true).periodically(every: .days(30))
    ///
    /// If the new versions take effect after a restart only, the report ends with that; ``Reboot/WhenRequired``
    /// restarts.
    public struct Upgrade: Action {
        public typealias Target = DebianLike

        public let isFull: Bool
        public let autoremove: Bool

        /// - Parameters:
        ///   - full: whether packages are removed that are in the way of an upgrade (`dist-upgrade`); no by default:
        ///     then such an upgrade does not take place.
        ///   - autoremove: whether packages that no other needs are removed afterwards; see ``Apt/AutoRemove``. No by
        ///     default.
        public init(full: Bool = false, autoremove: Bool = false) {
            isFull = full
            self.autoremove = autoremove
        }

        public var name: String { "apt: \(isFull ? "full " : "")upgrade\(autoremove ? ", then autoremove" : "")" }

        public func perform(on machine: Machine) async throws {
            let index = AptIndex(machine: machine)
            try WithheldServices(machine: machine).restore()
            try await index.repairInterruption()
            try await index.refresh()
            try await AptLock(machine: machine).succeed(
                isFull ? DpkgCommand.fullUpgrade() : DpkgCommand.upgrade(), task: "upgrading packages")
            if autoremove { try await AutoRemove().perform(on: machine) }
            try machine.noteRequestedReboot()
        }
    }

    /// Removes the packages that were installed for others and that no other needs (apt-get(8), `autoremove`).
    ///
    ///     Apt.Absent("default-jre").onChange(Apt.AutoRemove())
    ///
    /// Packages that are declared stay: ``Installed`` marks one that was installed for another as wanted for itself.
    public struct AutoRemove: Action {
        public typealias Target = DebianLike

        public let purge: Bool

        /// - Parameter purge: whether their configuration files are removed too; no by default.
        public init(purge: Bool = false) { self.purge = purge }

        public var name: String { "apt: autoremove\(purge ? " and purge" : "")" }

        public func perform(on machine: Machine) async throws {
            try await AptIndex(machine: machine).repairInterruption()
            try await AptLock(machine: machine).succeed(
                DpkgCommand.autoremove(purge: purge), task: "removing unneeded packages")
        }
    }
}
