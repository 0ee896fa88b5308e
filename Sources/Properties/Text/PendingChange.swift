/// A change of a file that its program has not read yet. A run may be cut between the two, so a file in `/run` stands
/// for it; a restart of the machine, at which the program reads all of its files, removes that.
struct PendingChange: Sendable {
    /// There while the change is pending.
    let marker: FilePath

    /// - Parameter subject: what has changed, in a few words with dashes between them.
    init(of subject: String) { marker = FilePath("/run").appending(escaping: "propel-\(subject)") }

    /// - Parameters:
    ///   - file: whether the file is as declared.
    ///   - reason: the reason of a run if it is, and its program has not read it.
    func check(_ file: Check, _ reason: String, on machine: Machine) throws -> Check {
        guard file == .satisfied, try machine.files.status(of: marker) != nil else { return file }
        return .unmet(reason)
    }

    /// Changes a file, and has its program read it.
    /// - Throws: what either does; then it is read in the next run.
    func read(by commands: [Invocation], on machine: Machine, _ change: () async throws -> Void) async throws {
        try machine.files.replace(marker, with: [], mode: 0o600)
        try await change()
        try await finish(by: commands, on: machine)
    }

    /// Has its program read a change that was noted and made before.
    /// - Throws: what a command does; then it is read in the next run.
    func finish(by commands: [Invocation], on machine: Machine) async throws {
        for command in commands { try await machine.succeed(command) }
        try machine.files.remove(marker)
    }
}
