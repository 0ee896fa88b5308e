/// That a copy of the data of a stack is ready to go to another host, made anonymous where the stack says how.
///
/// A new backup is taken for it, in the way in which its volumes are backed up; it is none of those that are kept. What is to be taken
/// out of it is taken out here: the data are restored into volumes and containers that are thrown away afterwards, and backed up again.
public struct CloneSourcePrepared: Property {
    public typealias Target = DebianLike

    public let stack: Stack
    /// The name of this host in hosts.conf: whose data they are.
    public let origin: String
    /// That of the host that gets them.
    public let target: String
    /// The copy's name.
    public let id: String
    var pollInterval: Duration = .seconds(1)

    /// - Parameter id: the name of the copy, by which this run tells it from those of others: letters, digits, `-` and `_`.
    public init(stack: Stack, origin: String, target: String, id: String) {
        self.stack = stack
        self.origin = origin
        self.target = target
        self.id = id
    }

    public var name: String { "copy of the data of \(stack.name) for \(target)" }
    public var problems: [String] {
        Backup.isID(id) ? [] : ["“\(id.escaped)” is no name of a copy: it has letters, digits, - and _"]
    }

    private var place: FilePath { CloneFolders.outgoing(to: target, of: stack) }

    /// Another one for the same host has served its purpose, or never will.
    private func isReady(on machine: Machine) -> Bool {
        (try? StackBackups.read(id, of: stack, in: place, on: machine)) != nil
    }

    /// - Throws: ``Failure`` where there are no data, or a restore was cut short.
    public func check(on machine: Machine) async throws -> Check {
        if isReady(on: machine) { return .satisfied }
        try RestoreRecord.refuseHalf(of: stack, on: machine)
        switch try await StackData.ask(of: stack, isDescribedOnly: true, on: machine) {
        case .unknown(let until): return .unknown(until: until)
        case .found(let data):
            guard !data.filled.isEmpty else {
                throw Failure("\(stack.name) has no data: its volumes are missing or empty", advice: "Deploy it first.")
            }
            let steps = stack.anonymizations.map(\.container)
            return .unmet(
                data.change + (steps.isEmpty ? "" : ", and make that anonymous in \(steps.joined(separator: ", "))"))
        }
    }

    public func apply(on machine: Machine) async throws {
        let source = stack.backups.appending(CloneFolders.source),
            anonymized = stack.backups.appending(CloneFolders.anonymized)
        let log = stack.backups.appending(CloneFolders.log)
        do {
            try machine.files.remove(log)
            // What the stack does not name no Anonymization is about, and the other host has no place for it.
            let taking = BackupJob(stack: stack, pollInterval: pollInterval, machine: machine, isDescribedOnly: true)
            var copy = try await taking.take(
                id: CloneFolders.source, why: "for \(target)", fallback: .none, retention: nil)
            var folder = source
            if !stack.anonymizations.isEmpty {
                try machine.files.createDirectory(anonymized, mode: 0o700, owner: .root)
                let trial = RestoreTest(backup: copy, stack: stack, pollInterval: pollInterval, machine: machine)
                copy.files = try await trial.run { try await trial.anonymize(into: anonymized) }
                folder = anonymized
            }
            copy.id = id
            copy.origin = origin
            copy.why = "data of \(origin)" + (stack.anonymizations.isEmpty ? "" : ", made anonymous")
            try machine.files.replace(folder.appending("backup.json"), with: Array(copy.json.pretty.utf8), mode: 0o600)
            try await BackupJob.remove([place], on: machine)
            try await machine.run("mv", "--no-target-directory", "--", folder.string, place.string)
            try await machine.run("sync", "--", stack.backups.string)
            try await BackupJob.remove([source], on: machine)
        } catch {
            try? await evenIfInterrupted { try await BackupJob.remove([source, anonymized], on: machine) }
            if error is CancellationError { throw error }
            var failure = Failure(describing: error)
            failure.advice = "Nothing has left \(origin). " + (failure.advice ?? "Correct that, then run again.")
            if !stack.anonymizations.isEmpty, !failure.output.isEmpty {
                // A database tells the row that it does not take.
                let said = Array((failure.output.joined(separator: "\n") + "\n").utf8)
                failure.output = []
                if (try? machine.files.replace(log, with: said, mode: 0o600)) != nil {
                    failure.advice? +=
                        " What was said of it may have some of them in it: it is in \(log) on that host, for root alone."
                }
            }
            throw failure
        }
    }
}
