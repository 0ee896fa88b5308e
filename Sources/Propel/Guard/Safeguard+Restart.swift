// A restart of the machine in the middle of a run takes the process of the run with it. What it is for stays armed: the
// run that goes on afterwards comes over a new connection, and so is the confirmation.

extension Safeguard {
    /// The record of changes that went back after a restart, for the run that goes on.
    private static let lost = Machine.state.appending("guard-lost.json")

    /// Keeps confirmed changes armed over a restart that is about to happen.
    /// - Parameter program: the enforcer that puts them back if nobody comes.
    func keepOverRestart(_ record: GuardRecord, program: FilePath) async throws {
        var record = record
        record.restartedFrom = record.boot
        record.process = nil
        // No new connection in this boot confirms it.
        record.token = ""
        try await units.install(program, deadline: GuardUnits.restartDeadline)
        try write(record)
    }

    /// Whether changes stay as they are, since the machine has not restarted, has just restarted, or since the caller
    /// is the run that goes on.
    func survives(_ record: GuardRecord, restartFrom ended: String, _ caller: Caller) async throws -> Bool {
        let present = Boot.current(on: machine)
        if record.isReturning { return false }
        switch caller {
        case .run(let boots) where boots.contains(ended) || ended == present:
            try await discard()
            return true
        case .run: return false
        case .unit where ended == present: return true
        case .unit where record.isRestarted: return false
        case .unit:
            var record = record
            record.isRestarted = true
            // Another boot would not be the one that was meant.
            record.boot = present
            try write(record)
            try await units.startTimer(isWaiting: false)
            return true
        }
    }

    /// Notes that changes went back after a restart.
    func note(lost changes: [String], after ended: String) throws {
        try files.writeRecord(
            ["boot": .string(ended), "changes": .array(changes.map(JSON.string))], to: Self.lost)
    }

    /// The paths of the properties that went back after one of these restarts. Tells it once.
    func takeLost(after boots: [String]) throws -> Set<String> {
        guard let bytes = try files.readIfPresent(Self.lost) else { return [] }
        try files.remove(Self.lost)
        guard let json = try? JSON(parsing: bytes), let boot = json["boot"]?.string, boots.contains(boot) else {
            return []
        }
        return Set((json["changes"]?.array ?? []).compactMap(\.string))
    }
}
