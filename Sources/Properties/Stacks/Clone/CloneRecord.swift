/// What a machine remembers of whose data a stack has, under `/var/lib/propel/stacks`.
struct CloneRecord: Sendable, Equatable {
    /// The host that they come from.
    var origin: String
    /// The backup that they arrived as.
    var backup: String
    /// How far they have come.
    var progress: Progress

    enum Progress: String, Sendable {
        /// They have arrived.
        case arrived
        /// They are being put in place; what there is is not whole.
        case begun
        /// They are in place.
        case done
    }

    private static func path(of stack: Stack) -> FilePath {
        Machine.state.appending("stacks").appending(FilePath.Component(escaping: "\(stack.name).clone"))
    }

    /// nil where its data are its own, or it has none.
    static func read(of stack: Stack, on machine: Machine) throws -> CloneRecord? {
        guard let bytes = try machine.files.readIfPresent(path(of: stack)) else { return nil }
        let json = try JSON(parsing: bytes)
        guard let progress = Progress(rawValue: try json.text("progress")) else {
            throw Failure(
                "what is remembered of where the data of \(stack.name) come from cannot be read",
                advice: "Look at \(path(of: stack)), and move it away.")
        }
        return CloneRecord(origin: try json.text("from"), backup: try json.text("backup"), progress: progress)
    }

    func write(of stack: Stack, on machine: Machine) throws {
        let json: JSON = ["from": .string(origin), "backup": .string(backup), "progress": .string(progress.rawValue)]
        let path = Self.path(of: stack)
        try machine.files.createDirectories(path.removingLastComponent(), mode: 0o700)
        try machine.files.replace(path, with: Array(json.pretty.utf8), mode: 0o600)
    }

    /// Its data are its own from here on, where they were to be those of another host and never came to be.
    static func forgetUnlessDone(of stack: Stack, on machine: Machine) throws {
        guard let record = try read(of: stack, on: machine), record.progress != .done else { return }
        try machine.files.remove(path(of: stack))
    }

    /// - Throws: ``Failure`` where data of another host are being put in place: they are not whole.
    static func refuseHalf(of stack: Stack, on machine: Machine) throws {
        guard let record = try read(of: stack, on: machine), record.progress == .begun else { return }
        throw Failure(
            "the data of \(stack.name) are being replaced by those of \(record.origin), and are not whole",
            advice:
                "`propel HOST` finishes that. Where they are not to be those of \(record.origin) any more, restore a backup, or remove the volumes: docker volume rm \(stack.dataVolumes.map(\.dockerName).joined(separator: " "))"
        )
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
        let record = try CloneRecord.read(of: stack, on: machine), deployed = try StackRecord(of: stack, on: machine)
        if let record, record.progress == .done { return record.origin == origin ? .cloned : .other }
        guard deployed.current == nil else { return .other }
        if let record {
            // Those of another host that never were put in place are of no worth, nor is what is damaged.
            let isThere = try StackBackups(of: stack, on: machine).whole.contains { $0.id == record.backup }
            return record.origin == origin && isThere ? .arrived : .none
        }
        guard deployed.pending == nil else { return .other }
        return switch try await StackData.ask(of: stack, on: machine) {
        // No docker yet, so no data either.
        case .unknown: .none
        case .found(let data): data.filled.isEmpty ? .none : .other
        }
    }
}
