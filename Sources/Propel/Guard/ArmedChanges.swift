import Synchronization

/// The callbacks of a guarded change while it is applied, before each thing that it does.
struct GuardWatch: Sendable {
    /// Called with each path before it is written.
    var willWrite: @Sendable (FilePath) throws -> Void
    /// Called with each command before it is run; nil while a property is applied, whose commands are not repeated.
    var willRun: (@Sendable (Invocation) async throws -> Void)?
}

/// How the guarded changes of a run are armed and confirmed.
package struct Guarding: Sendable {
    /// The enforcer that puts them back if the run cannot.
    var program: FilePath
    /// The ID of the run.
    var run: String
    var process: RunningProcess?
    /// Asks the deployer for a confirmation with a token, and waits for it. Returns why there is no confirmation, as
    /// far as the deployer's side tells; nil if there is one.
    var ask: @Sendable (_ token: String) async -> Unconfirmed?
    /// The paths of the properties that went back after a restart in this run, since nobody came.
    var lost: Set<String> = []
    /// The time in which a change of the network takes effect; see ``NetworkSettling``.
    var settling: Duration = .seconds(3)
}

/// The guarded changes of a run that wait for their confirmation.
final class ArmedChanges: Sendable {
    /// The indices of the steps.
    let indices = Mutex<[Int]>([])
    /// The indices of the steps that were confirmed, and go back only if another host of the wave fails.
    let held = Mutex<[Int]>([])
    private let machine: Machine
    private let program: FilePath
    private let safeguard: Safeguard
    private let record: Mutex<GuardRecord>
    /// Starts the timer again as long as this process lives.
    private let pulse: Task<Void, any Error>

    /// Arms the timer. Nothing is changed yet.
    init(_ guarding: Guarding, on machine: Machine) async throws {
        let safeguard = Safeguard(machine: machine)
        var record = GuardRecord(
            run: guarding.run, token: RequestID().description, boot: Boot.current(on: machine),
            process: guarding.process,
            user: machine.connection?.user)
        record.isTogether = machine.isDeployedTogether
        do {
            try await safeguard.begin(record, program: guarding.program)
        } catch {
            // Nothing was changed, so there is nothing to put back.
            let present = Result { try safeguard.record() }
            if case .success(let found) = present, found == nil || found?.token == record.token {
                await Self.discard(safeguard)
            }
            throw error
        }
        self.machine = machine
        program = guarding.program
        self.safeguard = safeguard
        self.record = Mutex(record)
        pulse = Task {
            while true {
                try await Task.sleep(for: GuardUnits.pulse)
                try? await GuardUnits(machine: machine).startTimer()
            }
        }
    }

    deinit { pulse.cancel() }

    var token: String { record.withLock(\.token) }
    var isConfirmed: Bool { get throws { try safeguard.isConfirmed(record.withLock { $0 }) } }

    /// Whether the network is changed.
    var concernNetwork: Bool {
        get throws {
            let commands = record.withLock { $0.commands + $0.repetitions }
            return try commands.contains(where: AccessFiles.concernNetwork)
                || safeguard.paths.contains(where: AccessFiles.concernNetwork)
        }
    }

    /// Adds a step, before it is applied.
    func add(_ index: Int, _ step: Step, _ restoration: Restoration) throws {
        try change { record in
            record.changes.append(step.path)
            record.first.add(restoration.first)
            record.commands.add(restoration.commands)
            record.repetitions.add(restoration.reloads)
        }
        indices.withLock { $0.append(index) }
        for path in restoration.paths { try safeguard.keep(path) }
    }

    /// Adds a step that the changes have brought about: it goes where they go.
    func include(_ index: Int) { indices.withLock { $0.append(index) } }

    /// Returns the watch over a property that is applied, or over an action that is performed.
    func watch(isAction: Bool) -> GuardWatch {
        var watch = GuardWatch { [safeguard] path in try safeguard.keep(path) }
        if isAction { watch.willRun = { [self] command in try await note(command) } }
        return watch
    }

    /// Records a command of an action, which is repeated when the files are back. A unit that it starts, and that did
    /// not run before, is stopped instead, as long as its file is there.
    private func note(_ command: Invocation) async throws {
        // A secret must not get into the record.
        guard command.input.isEmpty, !command.isQuestion else { return }
        let stopped = record.withLock { $0.first }
        let units = command.startedUnits.filter { !stopped.contains(.stopping($0)) }
        var idle: [String] = []
        for unit in units where try await machine.isIdle(unit) { idle.append(unit) }
        let isFirstStart = idle.count == units.count && !command.startedUnits.isEmpty
        try change { record in
            record.first.add(idle.map(Invocation.stopping))
            if !isFirstStart { record.repetitions.add([command]) }
        }
    }

    private func change(_ body: (inout GuardRecord) -> Void) throws {
        try record.withLock { record in
            let before = record
            body(&record)
            if record != before { try safeguard.write(record) }
        }
    }

    /// Keeps the changes, which were confirmed, armed until the other hosts of the wave are done. Those that follow
    /// need another confirmation.
    func hold() throws {
        try change { $0.token = RequestID().description }
        let confirmed = indices.withLock { indices in
            defer { indices = [] }
            return indices
        }
        held.withLock { $0 += confirmed }
    }

    /// Lets the changes stay.
    func confirm() async {
        pulse.cancel()
        await Self.discard(safeguard)
    }

    /// Keeps the changes, which were confirmed, armed over a restart of the machine.
    func keepOverRestart() async {
        pulse.cancel()
        let record = record.withLock { $0 }
        // Where that fails, they stay, since they were confirmed. As in `discard`, the task may be cancelled.
        _ = try? await Task { [safeguard, program] in
            try await safeguard.keepOverRestart(record, program: program)
        }.value
    }

    /// Forgets the record. Where that fails, the confirmation is on the disk and counts.
    private static func discard(_ safeguard: Safeguard) async {
        // A task that was cancelled can run no program.
        _ = try? await Task { try await safeguard.discard() }.value
    }

    /// Puts the changes back. Goes on if the run was interrupted.
    /// - Returns: what was done, each in a line.
    func putBack() async throws -> [String] {
        let record = record.withLock { $0 }
        // As in `discard`.
        let work = Task { [safeguard] in try await safeguard.putBack(record) }
        defer { pulse.cancel() }
        return try await work.value
    }
}

extension [Invocation] {
    /// Adds those that are not there yet.
    fileprivate mutating func add(_ others: [Invocation]) {
        for other in others where !contains(other) { append(other) }
    }
}
