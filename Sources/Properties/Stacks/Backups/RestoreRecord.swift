/// What a machine remembers of restores of a stack, under `/var/lib/propel/stacks`.
enum RestoreRecord {
    /// One that has begun to replace data, and has not ended.
    struct Begun: Sendable, Equatable {
        /// The backup that is being restored.
        var backup: String
        /// The backup of what was there before; nil where nothing was.
        var safety: String?
    }

    private static func path(_ stack: Stack, _ ending: String) -> FilePath {
        Machine.state.appending("stacks").appending(FilePath.Component(escaping: "\(stack.name).\(ending)"))
    }

    /// What is there as long as a restore is going on, or was cut short.
    static func mark(of stack: Stack) -> FilePath { path(stack, "restoring") }

    // MARK: - Begun

    static func begun(of stack: Stack, on machine: Machine) throws -> Begun? {
        guard let bytes = try machine.files.readIfPresent(path(stack, "restoring")) else { return nil }
        let json = try JSON(parsing: bytes)
        return Begun(backup: try json.text("backup"), safety: json["safety"]?.string)
    }

    static func begin(_ begun: Begun, of stack: Stack, on machine: Machine) throws {
        try write(
            .object(present: ["backup": .string(begun.backup), "safety": begun.safety.map(JSON.string)]),
            path(stack, "restoring"), on: machine)
    }

    static func end(of stack: Stack, on machine: Machine) throws { try machine.files.remove(path(stack, "restoring")) }

    /// - Throws: ``Failure`` where a restore was cut short: the data are neither the old nor the new ones.
    static func refuseHalf(of stack: Stack, on machine: Machine) throws {
        try CloneRecord.refuseHalf(of: stack, on: machine)
        guard let begun = try begun(of: stack, on: machine) else { return }
        throw Failure(
            "the restore of the backup \(begun.backup) of \(stack.name) was cut short: its data are not whole",
            advice: "Restore \(begun.backup) again"
                + (begun.safety.map { ", or \($0), which has what was there before" } ?? "")
                + ". Until then nothing is backed up or deployed.")
    }

    // MARK: - Done

    static func isDone(_ backup: String, _ request: String, of stack: Stack, on machine: Machine) throws -> Bool {
        try machine.files.readIfPresent(path(stack, "restored")) == Array(text(backup, request).utf8)
    }

    static func remember(_ backup: String, _ request: String, of stack: Stack, on machine: Machine) throws {
        try write(stamp(backup, request), path(stack, "restored"), on: machine)
    }

    private static func stamp(_ backup: String, _ request: String) -> JSON {
        ["backup": .string(backup), "request": .string(request)]
    }
    private static func text(_ backup: String, _ request: String) -> String { stamp(backup, request).pretty }

    private static func write(_ json: JSON, _ path: FilePath, on machine: Machine) throws {
        try machine.files.createDirectories(path.removingLastComponent(), mode: 0o700)
        try machine.files.replace(path, with: Array(json.pretty.utf8), mode: 0o600)
    }
}
