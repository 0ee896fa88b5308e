/// The files that the machine keeps of guarded changes until they are confirmed, readable by root only.
///
/// The record is written before the first change, and what is at a path is kept before it is written. The holder of the
/// lock of the machine decides, once: changes with a confirmation stay, others go back. The record is removed last when
/// they go back, and first when they stay, so that a power cut at any moment leads to one of the two.
struct Safeguard: Sendable {
    static let directory = Machine.state.appending("guard")
    static let path = directory.appending("record.json")
    private static let confirmation = directory.appending("confirmation")

    let machine: Machine

    var files: any FileSystem { machine.files }
    var units: GuardUnits { GuardUnits(machine: machine) }
    /// The files as they were before the changes.
    private var originals: Originals {
        Originals(files: files, directory: Self.directory.appending("originals"))
    }

    // MARK: The record

    /// The record of changes that are neither confirmed nor put back; nil if there are no such changes.
    ///
    /// One that cannot be read is that of a run that nobody can confirm.
    func record() throws -> GuardRecord? {
        guard let bytes = try files.readIfPresent(Self.path) else { return nil }
        return (try? JSON(parsing: bytes)).flatMap { try? GuardRecord($0) }
            ?? GuardRecord(run: "", token: "", boot: Boot.current(on: machine))
    }

    func write(_ record: GuardRecord) throws {
        try files.writeRecord(record.json, to: Self.path)
    }

    /// Arms the timer for a new record, before anything is changed.
    /// - Parameter program: the enforcer that puts the changes back if this process cannot.
    func begin(_ record: GuardRecord, program: FilePath) async throws {
        guard try self.record() == nil else {
            throw Failure(
                "guarded changes from before are not put back yet",
                advice: "`systemctl status \(GuardUnits.service)` on the machine tells why. Then run again.")
        }
        try wipe()
        try files.createDirectories(Self.directory, mode: 0o700)
        try await units.install(program)
        try write(record)
        try await units.startTimer()
    }

    /// The paths that the changes have written.
    var paths: [FilePath] { get throws { try originals.paths } }

    /// Keeps what is at a path, before it is changed for the first time since the record was begun.
    func keep(_ path: FilePath) throws { try originals.keep(path) }

    /// Forgets the record: what it is about stays as it is now.
    func discard() async throws {
        try files.remove(Self.path)
        // What is left without a record has no effect, and goes with the next run.
        try? await tidy()
    }

    /// Removes what is left of a record that is gone.
    func tidy() async throws {
        try wipe()
        try await units.remove()
        try files.remove(Self.directory)
    }

    /// Removes everything from the directory, also a file that a crash has left half written.
    private func wipe() throws {
        for directory in [Self.directory.appending("originals"), Self.directory]
        where try files.status(of: directory) != nil {
            for name in try files.list(directory) { try files.remove(directory.appending(name)) }
        }
    }

    // MARK: The confirmation

    /// Accepts the confirmation of a new connection.
    /// - Parameters:
    ///   - token: the token that it delivers.
    ///   - user: its login; nil if that is not known.
    /// - Throws: ``Failure`` if it confirms nothing.
    func confirm(_ token: String, by user: String?) throws {
        guard let record = try record(), !record.token.isEmpty, record.token == token, !record.isReturning else {
            throw Failure("no change waits for this confirmation")
        }
        if let expected = record.user, let user, user != expected {
            throw Failure("the run was started by a login as \(expected), and this is one as \(user)")
        }
        try files.replacePrivate(Self.confirmation, with: Array(token.utf8))
    }

    /// Whether the changes of a record are confirmed.
    func isConfirmed(_ record: GuardRecord) throws -> Bool {
        guard !record.isReturning, !record.token.isEmpty else { return false }
        return try files.readIfPresent(Self.confirmation) == Array(record.token.utf8)
    }

    // MARK: Putting back

    /// Settles the changes of a run that is gone: those that were confirmed stay, others go back.
    /// - Parameter caller: the unit by default.
    /// - Returns: what was put back; nil if there were no such changes.
    func recover(for caller: Caller = .unit) async throws -> PutBack? {
        guard let record = try record() else {
            try await tidy()
            return nil
        }
        if let ended = record.restartedFrom, try await survives(record, restartFrom: ended, caller) { return nil }
        guard try record.isTogether || !isConfirmed(record) else {
            try await discard()
            return nil
        }
        let isByUnit = if case .unit = caller { true } else { false }
        let done = try await putBack(record, isByUnit: isByUnit)
        return PutBack(
            changes: record.changes, done: done, isTogether: record.isTogether,
            needsRestart: record.restartedFrom != nil)
    }

    /// The one that settles the changes.
    enum Caller: Sendable {
        /// The unit, at its deadline or at boot.
        case unit
        /// A run, which goes on after restarts that have ended these boots.
        case run(after: [String])
    }

    /// Guarded changes that were put back.
    struct PutBack: Sendable, Equatable {
        /// The paths of the properties.
        var changes: [String]
        /// The things that were done, each in a line.
        var done: [String]
        /// Whether hosts that are deployed together had to decide about them: they may have been confirmed.
        var isTogether = false
        /// Whether the machine was restarted for the changes, and must be restarted again.
        var needsRestart = false

        var lines: [String] {
            let reason = isTogether ? "the run ended before it was decided" : "nobody has confirmed it"
            return ["put back, since \(reason): \(changes.joined(separator: ", "))"] + done
        }
    }

    /// Puts back what the changes of a record have changed. After a crash in the middle it can be done again.
    /// - Parameters:
    ///   - record: the record.
    ///   - isByUnit: whether the unit does it, which at boot comes before the services; no by default.
    /// - Returns: what was done, each in a line.
    /// - Throws: ``Failure`` if something cannot be put back; the record stays then.
    func putBack(_ record: GuardRecord, isByUnit: Bool = false) async throws -> [String] {
        let boot = Boot.current(on: machine)
        let isAtBoot = isByUnit && record.boot != boot, isFirstTry = !record.isReturning
        if isFirstTry || isAtBoot {
            var record = record
            record.isReturning = true
            // Another try in this boot finds services that have started.
            record.boot = boot
            // What does it now needs not to be ended for it.
            record.process = nil
            try write(record)
        }
        var errors: [any Error] = []
        // What a try before this one has stopped may be gone with its file.
        var done = try await run(record.first, isAtBoot) { if isFirstTry { errors.append($0) } }
        do { done += try restoreFiles { errors.append($0) } } catch { errors.append(error) }
        machine.forgetFacts(lasting: true)
        do { try await units.reload() } catch { errors.append(error) }
        done += try await run(record.commands, isAtBoot) { errors.append($0) }
        // At boot the services have not started yet, and will find the former files.
        var failed: [String] = []
        if !isAtBoot {
            done += try await run(record.repetitions, isAtBoot) { failed.append("\($0.command): \($0.result.ending)") }
        }
        done += failed
        machine.forgetFacts(lasting: true)
        if let first = errors.first {
            var failure = Failure(describing: first)
            failure.message = "cannot put everything back: \(failure.message)"
            failure.advice =
                "The machine tries again by itself, and so does the next run. "
                + "`systemctl status \(GuardUnits.service)` on the machine tells how it went."
            throw failure
        }
        if let ended = record.restartedFrom { try note(lost: record.changes, after: ended) }
        try await discard()
        return done
    }

    /// Runs commands.
    /// - Returns: those that succeeded, each in a line.
    private func run(
        _ commands: [Invocation], _ isAtBoot: Bool, failing: (CommandFailure) -> Void
    ) async throws -> [String] {
        var done: [String] = []
        for command in commands {
            let command = isAtBoot ? command.withoutWaiting : command, result = try await machine.run(command)
            if result.succeeded {
                done.append("ran \(command)")
            } else {
                failing(CommandFailure(command: command, result: result))
            }
        }
        return done
    }

    /// Restores the files that are not as they were.
    private func restoreFiles(failing: (any Error) -> Void) throws -> [String] {
        let paths = try originals.paths
        var done: [String] = []
        // New entries go before their directories, and directories come before their entries.
        let new = try paths.filter { try originals.wasAbsent($0) }
        for path in new.reversed() + paths.filter({ !new.contains($0) }) {
            do {
                guard try originals.differs(path) else {
                    try originals.forget(path)
                    continue
                }
                try originals.restore(path)
                if !path.starts(with: Machine.state) { done.append("restored \(path)") }
            } catch let error as FileError where error.cause == .directoryNotEmpty {
                // Somebody else has put something there since.
                try originals.forget(path)
            } catch {
                failing(error)
            }
        }
        return done
    }
}

extension Invocation {
    /// The command for the early boot, when a job that has to wait for this process would never end.
    fileprivate var withoutWaiting: Invocation {
        guard program == "systemctl" else { return self }
        var command = self
        command.arguments.insert("--no-block", at: 0)
        return command
    }
}
