extension SystemdUnit {
    /// No file of a unit in `/etc/systemd/system`.
    ///
    ///     SystemdUnit.Absent("old-app")
    ///     SystemdUnit.Absent("backup@.service")
    ///
    /// The unit is stopped and disabled first, while systemd still knows how, and systemd forgets it. It need not be of
    /// Propel. The file is kept, so that a revert restores it; the unit stays stopped and disabled. A unit of the same
    /// name that a package brings stays too, without the file that overrode it: see ``Apt/Absent``, and ``Service`` to
    /// stop it.
    public struct Absent: Revertible, Guarded {
        public typealias Target = AnyLinux

        /// The full name of the unit: `old-app.service`.
        public let unit: String

        /// - Parameter unit: the name; a service if it does not end with a type.
        public init(_ unit: String) { self.unit = UnitName.full(unit) }

        public var name: String { "no unit \(unit)" }
        public var claims: [Claim] { [.path(path, is: "absent", summary: "nothing there")] }
        public var problems: [String] { problems { try UnitName.validate(unit) } }

        private var path: FilePath { UnitFiles.directory.appending(unit) }

        public func announce(to machine: Machine) {
            if !UnitName.isTemplate(unit) { machine.expect(unit, of: SystemdUnits.self) }
        }

        /// - Throws: ``Failure`` if the unit is masked, ``Undetermined`` if packages are yet to be installed that may
        ///   bring the file.
        public func check(on machine: Machine) async throws -> Check {
            try UnitName.validate(unit)
            guard let found = try machine.files.status(of: path) else {
                if try await systemdMayKnow(machine) { return .unmet("systemd has not forgotten it yet") }
                try machine.awaitPackages()
                return .satisfied
            }
            try refuseOther(found, on: machine)
            return .unmet("stop, disable and remove it")
        }

        /// Whether systemd may still know a file that is gone. A run may have been cut between the two.
        private func systemdMayKnow(_ machine: Machine) async throws -> Bool {
            try UnitName.isTemplate(unit) ? false : await machine.unit(unit).needsReload
        }

        public func apply(on machine: Machine) async throws {
            if let found = try machine.files.status(of: path) {
                try refuseOther(found, on: machine)
                try await machine.stopForGood(unit)
                try machine.originals.keep(path)
                try machine.files.remove(path)
            }
            try await machine.succeed(SystemctlCommand.daemonReload)
        }

        public func isGuarded(on machine: Machine) async throws -> Bool { AccessFiles.containUnit(unit) }

        public func restoration(on machine: Machine) async throws -> Restoration {
            try await machine.restoration(ofStopped: unit)
        }

        public func checkReverted(on machine: Machine) async throws -> Check { try machine.checkRestored([path]) }

        public func revert(on machine: Machine) async throws {
            try machine.originals.restore(path)
            try await machine.succeed(SystemctlCommand.daemonReload)
        }

        private func refuseOther(_ found: FileStatus, on machine: Machine) throws {
            switch found.kind {
            case .file: return
            case .link:
                guard try machine.files.destination(ofLink: path) == "/dev/null" else { return }
                throw Failure(
                    "\(unit) is masked, and so has no file", advice: "Declare Service.Masked(\"\(unit)\").reverted().")
            case .directory, .other:
                throw Failure("\(path) is not a file", advice: "Remove it by hand.")
            }
        }
    }
}

extension Machine {
    /// The rollback of ``stopForGood(_:)``, for a guarded change.
    func restoration(ofStopped unit: String) async throws -> Restoration {
        if UnitName.isTemplate(unit) { return Restoration() }
        let found = try await self.unit(unit)
        return Restoration(
            commands: (found.isEnabled && !found.isNeverDisabled ? [SystemctlCommand.enable(found.id)] : [])
                + (found.isActive ? [SystemctlCommand.start(unit)] : []))
    }

    /// Stops and disables a unit, if systemd knows it.
    func stopForGood(_ unit: String) async throws {
        if UnitName.isTemplate(unit) {
            // The pattern matches the instances that are loaded.
            try await succeed(SystemctlCommand.stop([unit.replacing("@.", with: "@*.")]))
            try await succeed(SystemctlCommand.disable(unit))
        } else if try await self.unit(unit).exists {
            try await succeed(SystemctlCommand.disable(unit, now: true))
        }
    }
}
