extension Service {
    /// A unit that is masked: it does not run, and neither the boot nor another unit can start it (systemctl(1),
    /// `mask`).
    ///
    ///     Service.Masked("systemd-networkd-wait-online")
    ///
    /// A revert unmasks it, and leaves it stopped.
    public struct Masked: Revertible, Guarded {
        public typealias Target = AnyLinux

        /// The full name of the unit: `docker.service`.
        public let unit: String

        /// - Parameter unit: the short name of a service, or the full name of any unit. It need not exist.
        public init(_ unit: String) { self.unit = UnitName.full(unit) }

        public var name: String { "\(unit) masked" }
        public var claims: [Claim] { [Claim("the unit \(unit)", is: "masked")] }
        public var problems: [String] { problems { try UnitName.validate(unit) } }

        public func announce(to machine: Machine) {
            if !UnitName.isTemplate(unit) { machine.expect(unit, of: SystemdUnits.self) }
        }

        /// - Throws: ``Failure`` if the name is invalid, or the unit has a file in `/etc/systemd/system`.
        public func check(on machine: Machine) async throws -> Check {
            try UnitName.validate(unit)
            var reasons: [String] = []
            if try !isMasked(machine) {
                guard try machine.files.status(of: link)?.kind != .file else {
                    throw Failure(
                        "\(unit) cannot be masked, since \(link) is a file",
                        advice: "Remove that file, or declare Service(\"\(unit)\", isRunning: false, isEnabled: false)."
                    )
                }
                reasons.append("mask")
            }
            if try await isActive(machine) { reasons.append("stop") }
            return .unmet(unlessEmpty: reasons)
        }

        public func apply(on machine: Machine) async throws {
            let isActive = try await isActive(machine)
            if try !isMasked(machine) { try await machine.succeed(SystemctlCommand.mask(unit)) }
            if isActive { try await machine.control(.stop, unit) }
        }

        public func isGuarded(on machine: Machine) async throws -> Bool { AccessFiles.containUnit(unit) }

        public func restoration(on machine: Machine) async throws -> Restoration {
            let change = try isMasked(machine) ? SystemctlCommand.mask(unit) : SystemctlCommand.unmask(unit)
            return Restoration(
                commands: [change] + (try await isActive(machine) ? [SystemctlCommand.start(unit)] : []))
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try UnitName.validate(unit)
            return try isMasked(machine) ? .unmet("unmask") : .satisfied
        }

        public func revert(on machine: Machine) async throws {
            if try isMasked(machine) { try await machine.succeed(SystemctlCommand.unmask(unit)) }
        }

        private var link: FilePath { UnitFiles.directory.appending(unit) }

        private func isMasked(_ machine: Machine) throws -> Bool {
            guard try machine.files.status(of: link)?.kind == .link else { return false }
            return try machine.files.destination(ofLink: link) == "/dev/null"
        }

        private func isActive(_ machine: Machine) async throws -> Bool {
            try UnitName.isTemplate(unit) ? false : await machine.unit(unit).isActive
        }
    }
}
