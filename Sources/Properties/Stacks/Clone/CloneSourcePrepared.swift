/// A copy of the data of a stack is ready to go to another host, anonymized as the stack describes.
///
/// A new backup is taken for it, which is not one of those that are kept. It is anonymized here: the data are restored
/// into volumes and containers that are thrown away afterwards, changed, and backed up again.
struct CloneSourcePrepared: Property {
    typealias Target = DebianLike

    let stack: Stack
    /// The name of this host in hosts.conf.
    let origin: String
    /// The name in hosts.conf of the host that gets the copy.
    let target: String
    /// The name of the copy: letters, digits, `-` and `_`.
    let id: String

    var name: String { "copy of the data of \(stack.name) for \(target)" }
    var problems: [String] { Backup.problems(ofID: id) }

    private var place: FilePath { CloneFolders.outgoing(to: target, of: stack) }
    private var source: FilePath { stack.backups.appending(CloneFolders.source) }
    private var anonymized: FilePath { stack.backups.appending(CloneFolders.anonymized) }
    private var log: FilePath { stack.backups.appending(CloneFolders.log) }

    /// Whether this copy is there. Another one for the same host does not count.
    private func isReady(on machine: Machine) -> Bool {
        (try? StackBackups.read(id, of: stack, in: place, on: machine)) != nil
    }

    /// - Throws: ``Failure`` if there are no data, or a restore is unfinished.
    func check(on machine: Machine) async throws -> Check {
        if isReady(on: machine) { return .satisfied }
        try RestoreRecord.refuseUnfinished(of: stack, on: machine)
        let data = try await StackData.read(of: stack, isDescribedOnly: true, on: machine)
        guard !data.filled.isEmpty else {
            throw Failure("\(stack.name) has no data: its volumes are missing or empty", advice: "Deploy it first.")
        }
        let steps = stack.anonymizations.map(\.container).joined(separator: ", ")
        return .unmet(data.change + (steps.isEmpty ? "" : ", and anonymize the copy in \(steps)"))
    }

    func apply(on machine: Machine) async throws {
        do {
            try machine.files.remove(log)
            let (copy, folder) = try await makeCopy(on: machine)
            try copy.write(in: folder, on: machine)
            try await StackBackups.remove([place], on: machine)
            try await StackBackups.publish(folder, as: place, of: stack, on: machine)
            try await StackBackups.remove([source], on: machine)
        } catch {
            let reason = await error.after { [source, anonymized] in
                try await StackBackups.remove([source, anonymized], on: machine)
            }
            if reason is CancellationError { throw reason }
            throw failure(describing: reason, on: machine)
        }
    }

    /// Takes a backup, and anonymizes it.
    /// - Returns: the description of the copy, and the directory of its files.
    private func makeCopy(on machine: Machine) async throws -> (Backup, FilePath) {
        // No Anonymization knows volumes that the stack does not describe, and the other host has no place for them.
        let context = try await StackContext(resolving: stack, on: machine)
        let job = BackupJob(context, isDescribedOnly: true)
        var copy = try await job.take(id: CloneFolders.source, why: "for \(target)", fallback: .none, retention: nil)
        var folder = source
        if !stack.anonymizations.isEmpty {
            try machine.files.createDirectory(anonymized, mode: 0o700, owner: .root)
            let test = RestoreTest(of: copy, in: context)
            copy.files = try await test.run { try await test.anonymize(into: anonymized) }
            folder = anonymized
        }
        copy.id = id
        copy.origin = origin
        copy.why = "data of \(origin)" + (stack.anonymizations.isEmpty ? "" : ", anonymized")
        return (copy, folder)
    }

    /// The failure without the output of programs that saw data which are not anonymous. That stays in
    /// ``CloneFolders/log``.
    private func failure(describing error: any Error, on machine: Machine) -> Failure {
        var failure = Failure(describing: error)
        failure.advice = "Nothing has left \(origin). " + (failure.advice ?? "Correct that, then run again.")
        guard !stack.anonymizations.isEmpty, !failure.output.isEmpty else { return failure }
        // A database reports the row that it does not accept.
        let output = Array((failure.output.joined(separator: "\n") + "\n").utf8)
        failure.output = []
        do {
            try machine.files.replace(log, with: output, mode: 0o600)
            failure.advice? += " The output may have private data in it: it is in \(log) on that host, for root alone."
        } catch {
            failure.advice? += " The output may have private data in it, and is not shown."
        }
        return failure
    }
}
