/// A property whose change the same run can take back.
package protocol Retractable: Property {
    /// Brings back what was there before this run applied it. Called only where ``Machine/isDeployedTogether`` was on
    /// during the apply.
    /// - Parameter reason: why it goes back.
    /// - Returns: what to report, also if nothing could be brought back.
    func retract(because reason: String, on machine: Machine) async throws -> Failure

    /// Forgets what was there before: the change stays.
    func settle(on machine: Machine) async throws
}
