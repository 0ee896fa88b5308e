/// What the last run left satisfied: the hash of the description of each property, by its path.
///
/// With it a report tells a drift, where the machine has changed, from a change of the description. Kept in
/// `/var/lib/propel/described.json`, readable by root only.
struct LastDescription: Sendable {
    static let path = Machine.state.appending("described.json")

    private(set) var hashes: [String: String]

    /// The record of the machine; empty if there is none, or if it is damaged.
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
        try? machine.files.createDirectories(Machine.state, mode: 0o700)
        let json = JSON.object(hashes.mapValues(JSON.string))
        try? machine.files.replace(Self.path, with: Array(json.description.utf8), mode: 0o600)
    }

    /// The hash of everything that the description says of a step, and of the versions of its secrets.
    private static func hash(of step: Step, on machine: Machine) -> String {
        let versions = step.property.secrets.map { "\($0.name) \((try? machine.secrets.version(of: $0)) ?? "")" }
        let text = [Description(of: step.property).text] + step.claims.map { "\($0.subject): \($0.state)" } + versions
        return SHA256.hash(Array(text.joined(separator: "\n").utf8))
    }
}

/// A property whose check becomes unmet by the passing of time.
protocol DueByTime {}

/// A value as text, the same in every process: sets and dictionaries are sorted.
private struct Description {
    var text = ""

    /// Objects may refer to each other, and have no value of their own; closures cannot be compared.
    init(of value: Any) {
        switch value {
        case let value as String: text = value.debugDescription
        case let value as FilePath: text = value.string.debugDescription
        case let value as [UInt8]: text = SHA256.hash(value)
        default: addParts(of: value)
        }
    }

    private mutating func addParts(of value: Any) {
        let mirror = Mirror(reflecting: value)
        text = "\(type(of: value))"
        switch mirror.displayStyle {
        case .class, .foreignReference: return
        case nil where mirror.children.isEmpty:
            if value is any Numeric || value is Bool || value is any Sequence { text += " \(value)" }
        case .enum where mirror.children.isEmpty: text += " \(value)"
        default:
            var parts = mirror.children.map { child in "\(child.label ?? ""):\(Description(of: child.value).text)" }
            if mirror.displayStyle == .set || mirror.displayStyle == .dictionary { parts.sort() }
            text += "(\(parts.joined(separator: ",")))"
        }
    }
}
