extension Python.Venv {
    /// Upgrades the declared packages of an environment to the newest versions that their declaration allows, and what
    /// they need.
    ///
    ///     Python.Venv.Upgrade("/srv/app/venv", owner: "app").periodically(every: .days(7))
    ///         .onChange(Service.Restart("app"))
    ///
    /// A package with an exact version stays. An environment that no ``Python/Venv`` has made is left alone.
    public struct Upgrade: Action {
        public typealias Target = DebianLike

        public let path: FilePath
        public let owner: String

        /// - Parameters:
        ///   - path: absolute: the directory of the environment.
        ///   - owner: the name of the user who owns it; root by default.
        public init(_ path: FilePath, owner: String = "root") {
            self.path = path
            self.owner = owner
        }

        public var name: String { "upgrade the packages of \(path)" }

        public func perform(on machine: Machine) async throws {
            let state = VenvState(path, on: machine)
            guard var record = try state.record() else { return }
            let account = try await machine.awaitedUser(owner)
            machine.showProgress("upgrading packages of Python")
            // The record of what was there would have them taken back, if this is killed in between.
            try state.forget()
            try await machine.succeed(
                VenvState.pip(
                    path,
                    [
                        "install", "--upgrade", "--upgrade-strategy", "eager", "--requirement",
                        path.appending(VenvState.list).string,
                    ], account))
            record.installed = try state.installed()
            try state.remember(record)
        }
    }
}
