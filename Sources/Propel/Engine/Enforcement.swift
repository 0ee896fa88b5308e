/// The second phase of a run: applies in order what the survey found unsatisfied.
struct Enforcement {
    let steps: [Step]
    let survey: [Finding]
    let machine: Machine
    let pending: PendingActions
    var reports: ReportCollector

    let emit: @Sendable (Event) -> Void
    let usualSeconds: @Sendable (String) -> Double?
    let schedule: ActionSchedule
    /// The reasons of the restarts in earlier parts of this run.
    let earlierRestarts: [String]
    /// The record of what the run puts in place.
    var placements: Placements
    /// The results of the steps so far, in their order.
    var statuses: [PropertyReport.Status] = []
    /// Whether anything has been applied: from then on the survey is out of date.
    private(set) var hasApplied = false
    /// The steps that were applied, whatever came of it.
    private(set) var applied: Set<Int> = []
    /// The steps that were already tried in the batch of an earlier step. If unsatisfied after that, they are applied
    /// alone.
    private var triedInBatch: Set<Int> = []
    /// The requests that earlier runs have left over.
    var leftOver = LeftOverRequests()
    var pastTurns = PastTurns()
    /// The steps after which an action was due at once and was not performed, each with the name of the action.
    var unperformed: [Int: String] = [:]
    /// The names of the actions that have failed in this run.
    var failedActions: Set<String> = []
    /// How guarded changes are confirmed; nil if they need no confirmation.
    let guarding: Guarding?
    /// The guarded changes that wait for their confirmation; nil if there are no such changes.
    var armed: ArmedChanges?
    /// The changes that were confirmed, and for which the machine restarts now.
    var armedForRestart: ArmedChanges?
    /// Waits for the other hosts of the wave; see ``Engine/awaitWave``.
    var awaitWave: (@Sendable () async -> String?)?
    /// The guarded changes that were confirmed and stay armed until the other hosts of the wave are done.
    var held: ArmedChanges?
    /// The reports that wait with them, each with the index of its step, or nil for an action.
    var waitingReports: [(index: Int?, report: PropertyReport)] = []
    /// The reason of the restart that is about to happen, and after which the run goes on; nil without one.
    var restart: String?

    init(
        steps: [Step], survey: [Finding], machine: Machine, pending: PendingActions,
        schedule: ActionSchedule, earlierRestarts: [String] = [], isDescription: Bool = true,
        guarding: Guarding? = nil,
        usualSeconds: @escaping @Sendable (String) -> Double?, emit: @escaping @Sendable (Event) -> Void
    ) {
        self.steps = steps
        self.survey = survey
        self.machine = machine
        self.pending = pending
        self.schedule = schedule
        self.earlierRestarts = earlierRestarts
        placements = Placements(isRecorded: isDescription)
        self.guarding = guarding
        self.usualSeconds = usualSeconds
        self.emit = emit
        reports = ReportCollector(emit: emit)
    }

    mutating func enforce(_ index: Int) async {
        let stopwatch = Stopwatch()
        var report = await outcome(of: index)
        report.seconds = survey[index].seconds + stopwatch.seconds
        report.isDrift = survey[index].isDrift
        statuses.append(report.status)
        // Steps for other platforms are not reported.
        if !survey[index].isNotFor, !survey[index].isExpected { self.report(report, of: index) }
        if report.status == .failed, isArmed(index) { await settleArmed(after: report.path) }
        for turn in schedule.turns(after: index) where restart == nil { await perform(turn) }
    }

    /// Whether dependents must be skipped. Steps for other platforms do not block.
    func blocksDependents(_ index: Int) -> Bool {
        !survey[index].isNotFor && (statuses[index] == .failed || statuses[index] == .skipped)
    }

    /// Why the step is skipped, if it requires one that has failed or was skipped; nil if it does not.
    func reasonToSkip(_ step: Step) -> String? {
        step.requirements.sorted().first(where: blocksDependents).map { missing in
            "requires \(steps[missing].path), which \(statuses[missing] == .failed ? "failed" : "was skipped")"
        }
    }

    /// The reason why the rest is skipped. A run that is stopped for a secret that cannot be decrypted has not begun.
    var stopped: String {
        hasApplied ? "the run was interrupted" : "the run was stopped before it began"
    }

    private mutating func outcome(of index: Int) async -> PropertyReport {
        let step = steps[index], finding = survey[index]
        if Task.isCancelled, !finding.isExpected { return step.report(.skipped, seconds: 0, stopped) }
        if case .notFor = finding.answer { return finding.prediction(for: step) }
        // It blocks nothing, and is looked at after everything else.
        if case .expected = finding.answer { return step.report(.ok, seconds: 0) }
        if let reason = reasonToSkip(step) ?? step.reason(toSkipAfter: unperformed, steps) {
            return step.report(.skipped, seconds: 0, reason)
        }
        do {
            switch try await check(of: index) {
            case .satisfied: return try reportOfSatisfied(index)
            case .unmet(let change): return try await bringAbout(change, of: index)
            case .unknown(let until):
                throw Failure(
                    "cannot tell until \(until), and no earlier property has brought that about",
                    advice: "Declare the property that does, and let this one require it.")
            }
        } catch {
            if hasArmedOthers(than: index), !Task.isCancelled {
                // The reason may be that the machine is cut off.
                await settleArmed()
                return await outcome(of: index)
            }
            return step.report(failedWith: Self.cause(of: error), seconds: 0)
        }
    }

    /// The cause of an error. An interrupted program reports some error; the interruption is its cause.
    static func cause(of error: any Error) -> any Error { Task.isCancelled ? CancellationError() : error }

    /// The answer of the survey as long as nothing has changed since, and after that a new one.
    private func check(of index: Int) async throws -> Check {
        if !hasApplied, case .check(let check) = survey[index].answer, !survey[index].isUnknown { return check }
        return try await steps[index].property.evaluate(on: machine)
    }

    /// The report of a step that is satisfied in its turn.
    private func reportOfSatisfied(_ index: Int) throws -> PropertyReport {
        let step = steps[index]
        guard case .check(.unmet(let change)) = survey[index].answer else { return step.report(.ok, seconds: 0) }
        // An earlier step brought it about: its batch, or a side effect.
        for action in step.requestedActions { try pending.remember(action, for: [step.path]) }
        // What guarded changes have brought about goes where they go.
        if !triedInBatch.contains(index) { armed?.include(index) }
        return step.report(.changed, seconds: 0, change.reason, diff: change.diff)
    }

    /// Applies a step that is unmet, after what has to come before it.
    private mutating func bringAbout(_ change: Change, of index: Int) async throws -> PropertyReport {
        let step = steps[index]
        if guarding?.lost.contains(step.path) == true {
            return step.report(failedWith: Failure.putBackAfterRestart, seconds: 0)
        }
        let isGuarded = try await mustBeConfirmed(step)
        if armed != nil, !isGuarded || step.isRestart {
            await settleArmed()
            // What was put back may change the answer.
            return await outcome(of: index)
        }
        if step.isRestart {
            try refuseSecondRestart(for: step.path)
            try await settle(after: index - 1)
            await letStay()
        }
        if isGuarded { try await arm(index) }
        defer { machine.watch = nil }
        try await apply(index)
        let report = try await confirm(index, change)
        if step.isRestart { restart = step.path }
        return report
    }

    private mutating func apply(_ index: Int) async throws {
        let step = steps[index], others = batch(of: index)
        // Without the others, the time of all would be taken for that of the first.
        let path = others.isEmpty ? step.path : "\(step.path) and \(others.count) more"
        emit(.applying(path: path, usual: others.isEmpty ? usualSeconds(path) : nil))
        machine.progress = { [emit] in emit(.progress(path: path, words: $0)) }
        defer { machine.progress = nil }
        try await beginChanges()
        try await placements.note((others + [index]).map { steps[$0] }, on: machine)
        try request(others + [index])
        applied.insert(index)
        defer { machine.forgetFacts() }
        guard let property = step.property as? any Batchable, !others.isEmpty else {
            return try await step.property.apply(on: machine)
        }
        do {
            try await property.apply(
                with: others.compactMap { steps[$0].property as? any Batchable }, on: machine)
        } catch {
            if Task.isCancelled { throw CancellationError() }
            // One of the others may be the cause. Each is tried alone later.
            machine.forgetFacts()
            try await property.apply(on: machine)
        }
        triedInBatch.formUnion(others)
    }

    /// Records the actions of everything that the survey found unmet, before the first change: one change may bring
    /// another about, and a power cut may come before its turn.
    mutating func beginChanges() async throws {
        guard !hasApplied else { return }
        // With those that are not known yet: what one of them brings about is in the record before it is there.
        let open = steps.indices.filter { survey[$0].mayChange }
        try await placements.note(open.map { steps[$0] }, on: machine)
        try request(steps.indices.filter { survey[$0].isChange })
        hasApplied = true
    }

    /// Records the actions that changes of these steps request, each with one write.
    private func request(_ requesters: [Int]) throws {
        var actions: [String: (action: any Action, paths: [String])] = [:]
        for index in requesters {
            for action in steps[index].requestedActions {
                actions[action.name, default: (action, [])].paths.append(steps[index].path)
            }
        }
        for (_, request) in actions.sorted(by: { $0.key < $1.key }) {
            try pending.remember(request.action, for: request.paths)
        }
    }

    /// The later steps that can be applied together with this one: unmet, without a requirement that is still open, and
    /// before the next action that is performed in between.
    private func batch(of index: Int) -> [Int] {
        guard let batch = (steps[index].property as? any Batchable)?.batch, !triedInBatch.contains(index),
            !steps[index].isDeclaredGuarded
        else { return [] }
        let limit = steps.indices.first { $0 >= index && mayAct(after: $0) } ?? steps.endIndex
        return steps.indices.filter { other in
            other > index && other <= limit && (steps[other].property as? any Batchable)?.batch == batch
                && survey[other].isChange && !steps[other].isDeclaredGuarded
                && !triedInBatch.contains(other)
                && steps[other].requirements.allSatisfy { $0 < index && !blocksDependents($0) }
        }
    }

    /// Checks the law: what was applied must hold now.
    private func confirm(_ index: Int, _ change: Change) async throws -> PropertyReport {
        let step = steps[index]
        switch try await step.property.evaluate(on: machine) {
        case .satisfied: return step.report(.changed, seconds: 0, change.reason, diff: change.diff)
        case .unmet(let still):
            throw Failure(
                "applied without an error, but still not satisfied: \(still.reason)",
                advice:
                    "Something on the machine undoes it, or the property has a bug. Look at the machine, then run "
                    + "again."
            )
        case .unknown(let until):
            throw Failure("applied without an error, but cannot tell whether it is satisfied until \(until)")
        }
    }
}
