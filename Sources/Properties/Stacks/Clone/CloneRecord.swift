/// What a machine remembers of whose data a stack has, under `/var/lib/propel/stacks`.
struct CloneRecord: Sendable, Equatable {
    /// The host that they come from.
    var origin: String
    /// The backup that they arrived as.
    var backup: String
    /// Whether they have arrived and are not in place yet.
    var isAwaited: Bool

    private static func path(of stack: Stack) -> FilePath {
        Machine.state.appending("stacks").appending(FilePath.Component(escaping: "\(stack.name).clone"))
    }

    /// nil where its data are its own, or it has none.
    static func read(of stack: Stack, on machine: Machine) throws -> CloneRecord? {
        guard let bytes = try machine.files.readIfPresent(path(of: stack)) else { return nil }
        let json = try JSON(parsing: bytes)
        return CloneRecord(origin: try json.text("from"), backup: try json.text("backup"), isAwaited: json["awaited"]?.bool ?? false)
    }

    func write(of stack: Stack, on machine: Machine) throws {
        let json: JSON = ["from": .string(origin), "backup": .string(backup), "awaited": .bool(isAwaited)]
        let path = Self.path(of: stack)
        try machine.files.createDirectories(path.removingLastComponent(), mode: 0o700)
        try machine.files.replace(path, with: Array(json.pretty.utf8), mode: 0o600)
    }
}

/// Whose data a stack has that is to have those of another host.
public enum CloneState: String, Sendable {
    /// Nobody's: nothing was ever deployed, and no data are there.
    case none
    /// They have arrived, and are to be put in place.
    case arrived
    /// Those of that host, as they were when they were brought.
    case cloned
    /// Its own, or those of a third.
    case other

    static func of(_ stack: Stack, from origin: String, on machine: Machine) async throws -> CloneState {
        if let record = try CloneRecord.read(of: stack, on: machine) {
            return record.origin != origin ? .other : record.isAwaited ? .arrived : .cloned
        }
        let deployed = try StackRecord(of: stack, on: machine)
        guard deployed.current == nil, deployed.pending == nil else { return .other }
        return switch try await StackData.ask(of: stack, on: machine) {
        // No docker yet, so no data either.
        case .unknown: .none
        case .found(let data): data.filled.isEmpty ? .none : .other
        }
    }
}
