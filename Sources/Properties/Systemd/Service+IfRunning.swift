extension Service {
    /// Restarts or reloads a unit if it runs, or has failed, maybe by the settings that are gone now. For the opposite
    /// of a property: the package of the unit may be declared absent too, or the unit stopped, and then there is
    /// nothing that should be read again.
    struct IfRunning: Action {
        typealias Target = AnyLinux

        private let verb: SystemctlCommand.Verb
        private let unit: String

        /// - Parameter unit: the short name of a service, or the full name of any unit.
        static func restart(_ unit: String) -> IfRunning { IfRunning(verb: .restart, unit: UnitName.full(unit)) }

        /// - Parameter unit: the short name of a service, or the full name of any unit.
        static func reload(_ unit: String) -> IfRunning { IfRunning(verb: .reloadOrRestart, unit: UnitName.full(unit)) }

        var name: String { "\(verb == .restart ? "restart" : "reload") \(unit) if it runs" }

        func perform(on machine: Machine) async throws {
            let found = try await machine.unit(unit)
            guard found.isActive || (found.exists && found.active == "failed") else { return }
            if found.needsReload { try await machine.succeed(SystemctlCommand.daemonReload) }
            try await machine.control(verb, unit)
        }
    }
}
