/// The record on a machine of the restores of a stack, under `/var/lib/propel/stacks`.
enum RestoreRecord {
    /// A restore that has begun to replace data, and has not ended.
    struct Unfinished: Sendable, Equatable {
        /// The name of the backup that is being restored.
        var backup: String
        /// The name of the backup of the data from before; nil if there were none.
        var safety: String?
    }

    /// The file that exists while a restore is unfinished.
    static func mark(of stack: Stack) -> FilePath { stack.record("restoring") }

    private static func finished(of stack: Stack) -> FilePath { stack.record("restored") }

    // MARK: - Unfinished restores

    static func unfinished(of stack: Stack, on machine: Machine) throws -> Unfinished? {
        try machine.files.record(
            at: mark(of: stack),
            movedAway: "Its existence says that a restore was interrupted: restore a backup of \(stack.name) then."
        ) { json in
            Unfinished(backup: try json.text("backup"), safety: json["safety"]?.string)
        }
    }

    static func begin(_ restore: Unfinished, of stack: Stack, on machine: Machine) throws {
        try write(
            .object(present: ["backup": .string(restore.backup), "safety": restore.safety.map(JSON.string)]),
            mark(of: stack), on: machine)
    }

    static func end(of stack: Stack, on machine: Machine) throws { try machine.files.remove(mark(of: stack)) }

    /// - Throws: ``Failure`` if a restore or a clone is unfinished: the data are neither the old nor the new ones.
    static func refuseUnfinished(of stack: Stack, on machine: Machine) throws {
        try CloneRecord.refuseUnfinished(of: stack, on: machine)
        guard let restore = try unfinished(of: stack, on: machine) else { return }
        throw Failure(
            "the restore of the backup \(restore.backup) of \(stack.name) was interrupted: the data are incomplete",
            advice: "Restore \(restore.backup) again"
                + (restore.safety.map { ", or \($0), which has the data from before" } ?? "")
                + ". Until then nothing is backed up or deployed.")
    }

    // MARK: - Finished restores

    /// Whether the last restore of the stack was that of this backup for this request.
    static func isDone(_ backup: String, _ request: String, of stack: Stack, on machine: Machine) throws -> Bool {
        try machine.files.readIfPresent(finished(of: stack)) == Array(json(backup, request).pretty.utf8)
    }

    static func finish(_ backup: String, _ request: String, of stack: Stack, on machine: Machine) throws {
        try write(json(backup, request), finished(of: stack), on: machine)
    }

    private static func json(_ backup: String, _ request: String) -> JSON {
        ["backup": .string(backup), "request": .string(request)]
    }

    private static func write(_ json: JSON, _ path: FilePath, on machine: Machine) throws {
        try machine.files.replacePrivate(path, with: Array(json.pretty.utf8))
    }
}
