/// The record on a machine of the host that a stack has its data from, under `/var/lib/propel/stacks`.
struct CloneRecord: Sendable, Equatable {
    /// The host that the data are from.
    var origin: String
    /// The name of the backup that they arrived as.
    var backup: String
    /// How far they have come.
    var progress: Progress

    enum Progress: String, Sendable {
        /// They have arrived as a backup.
        case arrived
        /// They are being restored; the data are incomplete.
        case begun
        /// They are restored.
        case done
    }

    private static func path(of stack: Stack) -> FilePath { stack.record("clone") }

    /// Reads the record; nil if the data are its own, or it has none.
    static func read(of stack: Stack, on machine: Machine) throws -> CloneRecord? {
        try machine.files.record(
            at: path(of: stack),
            movedAway: "The data of \(stack.name) then count as its own: look whether they are complete."
        ) { json in
            guard let progress = Progress(rawValue: try json.text("progress")) else {
                throw MalformedMessage(message: json.description)
            }
            return CloneRecord(origin: try json.text("from"), backup: try json.text("backup"), progress: progress)
        }
    }

    func write(of stack: Stack, on machine: Machine) throws {
        let json: JSON = ["from": .string(origin), "backup": .string(backup), "progress": .string(progress.rawValue)]
        let path = Self.path(of: stack)
        try machine.files.replacePrivate(path, with: Array(json.pretty.utf8))
    }

    /// Removes the record of a clone that was never finished: from here on the data are its own.
    static func forgetUnlessDone(of stack: Stack, on machine: Machine) throws {
        guard let record = try read(of: stack, on: machine), record.progress != .done else { return }
        try machine.files.remove(path(of: stack))
    }

    /// - Throws: ``Failure`` if data of another host are being restored: they are incomplete.
    static func refuseUnfinished(of stack: Stack, on machine: Machine) throws {
        guard let record = try read(of: stack, on: machine), record.progress == .begun else { return }
        let volumes = stack.dataVolumes
        let names = volumes.filter { $0.directory == nil }.map(\.source), directories = volumes.compactMap(\.directory)
        let removal =
            (names.isEmpty ? [] : ["docker volume rm \(names.joined(separator: " "))"])
            + directories.map { "rm --recursive \($0)" }
        throw Failure(
            "the data of \(stack.name) are incomplete: the copy from \(record.origin) was interrupted",
            advice:
                "`propel HOST` continues it. To do without it, restore a backup, or remove the volumes: "
                + removal.joined(separator: "; ")
        )
    }
}

/// The state of the data of a stack that has them from another host.
public enum CloneState: String, Sendable {
    /// No data: nothing was ever deployed.
    case none
    /// A copy has arrived, and waits to be restored.
    case arrived
    /// A copy of the data of that host.
    case cloned
    /// Its own data, or those of a third host.
    case other

    static func of(_ stack: Stack, from origin: String, on machine: Machine) async throws -> CloneState {
        let record = try CloneRecord.read(of: stack, on: machine), deployed = try StackRecord(of: stack, on: machine)
        if let record, record.progress == .done { return record.origin == origin ? .cloned : .other }
        guard deployed.current == nil else { return .other }
        if let record {
            // A damaged copy, and one of another host that was never restored, do not count.
            let isThere = try StackBackups(of: stack, on: machine).whole.contains { $0.id == record.backup }
            return record.origin == origin && isThere ? .arrived : .none
        }
        guard deployed.pending == nil else { return .other }
        do {
            return try await StackData.read(of: stack, on: machine).filled.isEmpty ? .none : .other
        } catch is Undetermined {
            // Without docker there are no data.
            return .none
        }
    }
}
