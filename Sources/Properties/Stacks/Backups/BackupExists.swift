/// A backup of the data of a stack exists under this name. A stack without data needs none.
struct BackupExists: Property {
    typealias Target = DebianLike

    let stack: Stack
    /// The name of the backup: letters, digits, `-` and `_`, such as ``Timestamp/compact``.
    let id: String

    var name: String { "backup \(id) of \(stack.name)" }
    var problems: [String] { Backup.problems(ofID: id) }

    /// - Throws: ``Failure`` if a restore is unfinished.
    func check(on machine: Machine) async throws -> Check {
        try RestoreRecord.refuseUnfinished(of: stack, on: machine)
        if try StackBackups(of: stack, on: machine).whole.contains(where: { $0.id == id }) { return .satisfied }
        let data = try await StackData.read(of: stack, on: machine)
        return data.filled.isEmpty ? .satisfied : .unmet(data.change)
    }

    func apply(on machine: Machine) async throws {
        let job = try await BackupJob(StackContext(resolving: stack, on: machine))
        try await job.take(id: id, why: "by hand", fallback: .none, retention: stack.retention)
    }
}
