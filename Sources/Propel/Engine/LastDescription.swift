/// The properties that the last run left satisfied: the hash of the description of each, by its path.
///
/// With it a report tells a drift, where the machine has changed, from a change of the description. Kept in
/// `/var/lib/propel/described.json`, readable by root only.
struct LastDescription: Sendable {
    static let path = Machine.state.appending("described.json")

    private(set) var hashes: [String: String]

    /// The record of the machine; empty if it is missing or damaged.
    init(on machine: Machine) {
        let json = (try? machine.files.readIfPresent(Self.path)).flatMap { $0 }.flatMap { try? JSON(parsing: $0) }
        hashes = (json?.object ?? [:]).compactMapValues(\.string)
    }

    /// Whether the last run left the step as it is described now.
    func has(_ step: Step, on machine: Machine) -> Bool {
        // What time makes unsatisfied, nobody has changed.
        guard !(step.property is any DueByTime), let hash = hashes[step.path] else { return false }
        return hash == Self.hash(of: step, on: machine)
    }

    /// Records the end of a run. A record that cannot be written is no reason to fail: the next report tells less.
    /// - Parameters:
    ///   - statuses: those of the steps, in their order.
    ///   - isWhole: whether these are all steps of the host; then no others are remembered.
    mutating func remember(
        _ steps: [Step], _ statuses: [PropertyReport.Status], isWhole: Bool, on machine: Machine
    ) {
        let before = hashes
        if isWhole { hashes = [:] }
        for (step, status) in zip(steps, statuses) {
            hashes[step.path] = status == .ok || status == .changed ? Self.hash(of: step, on: machine) : nil
        }
        guard hashes != before else { return }
        try? machine.files.writeRecord(.object(hashes.mapValues(JSON.string)), to: Self.path)
    }

    /// The hash of what the description says of a property, of the versions of its secrets and of its files. Not of its
    /// requirements, which are others in a run on a part of the host.
    private static func hash(of step: Step, on machine: Machine) -> String {
        let arguments = (step.arguments + machine.repository.manifest.parts(of: step)).flatMap {
            [$0.label, $0.value, $0.hash]
        }
        let claims = step.claims.flatMap { [$0.subject, $0.state] }
        let secrets = step.property.secrets.flatMap { secret in
            [secret.name, (try? machine.secrets.version(of: secret)) ?? ""]
        }
        return StepOutline.hash(Array((arguments + claims + secrets).joined(separator: "\0").utf8))
    }
}

/// A property whose check becomes unmet by the passing of time.
package protocol DueByTime {}
