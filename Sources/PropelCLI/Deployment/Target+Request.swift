import Propel

extension Target {
    /// The request for a run on the machine, with all that its role depends on.
    /// - Parameters:
    ///   - only: the names of the properties or groups that the run is restricted to; all by default.
    ///   - operation: what is done or asked in place of the description; nothing by default.
    func request(only: [String] = [], operation: HostOperation? = nil) -> Request {
        Request(
            entry: machine.entry, fleet: host.fleetHosts, only: only, deployer: HostRun.deployer,
            secrets: secrets.versions, repository: files.manifest, operation: operation, stepHashes: host.stepHashes)
    }
}
