/// The second phase of a run: what is not satisfied is applied, in order.
struct Enforcement {
    let steps: [Step]
    let survey: [Finding]
    let machine: Machine
    let pending: PendingActions
    var tally: Tally

    private let emit: @Sendable (Event) -> Void
    private var statuses: [PropertyReport.Status] = []
    /// Whether anything has been applied: from then on the survey's answers are out of date.
    private var isTouched = false
    /// The steps that an earlier one's batch has tried to apply. One that does not hold all the same has its turn alone.
    private var triedInBatch: Set<Int> = []
    /// The names of the actions that this run was the first to ask for: what else is pending is left over from an earlier one.
    private var asked: Set<String> = []

    init(
        steps: [Step], survey: [Finding], machine: Machine, pending: PendingActions,
        emit: @escaping @Sendable (Event) -> Void
    ) {
        self.steps = steps
        self.survey = survey
        self.machine = machine
        self.pending = pending
        self.emit = emit
        tally = Tally(emit: emit)
    }

    mutating func enforce(_ index: Int) async {
        let clock = ContinuousClock(), start = clock.now
        var report = await outcome(of: index)
        report.seconds = survey[index].seconds + (clock.now - start).inSeconds
        statuses.append(report.status)
        // What is for other machines is no business of this one.
        if !survey[index].isNotFor { tally.add(report) }
    }

    /// Whether what requires this has to be left out. What is for other machines is no obstacle on this one.
    private func isMissing(_ index: Int) -> Bool {
        !survey[index].isNotFor && (statuses[index] == .failed || statuses[index] == .skipped)
    }

    private mutating func outcome(of index: Int) async -> PropertyReport {
        let step = steps[index], finding = survey[index]
        if Task.isCancelled { return step.report(.skipped, seconds: 0, "the run was interrupted") }
        if case .notFor = finding.answer { return finding.prediction(for: step) }
        if let missing = step.requirements.sorted().first(where: isMissing) {
            return step.report(
                .skipped, seconds: 0,
                "requires \(steps[missing].path), which \(statuses[missing] == .failed ? "failed" : "was skipped")")
        }
        do {
            let check =
                if !isTouched, !finding.isUnknown, case .check(let check) = finding.answer { check } else {
                    try await step.property.check(on: machine)
                }
            switch check {
            case .satisfied:
                guard case .check(.unmet(let change)) = finding.answer else { return step.report(.ok, seconds: 0) }
                // Brought about by what came before: a batch, or something that another property did along the way.
                for action in step.actions { try remember(action) }
                return step.report(.changed, seconds: 0, change.reason, diff: change.diff)
            case .unmet(let change):
                try await apply(index)
                return try await confirm(index, change)
            case .unknown(let until):
                throw Failure(
                    "cannot tell until \(until), and nothing that came before has brought that about",
                    advice: "Declare what brings it about, and let this require it.")
            }
        } catch {
            // What an interrupted program says of its end is not the reason.
            return step.report(
                failedWith: Failure(describing: Task.isCancelled ? CancellationError() : error), seconds: 0)
        }
    }

    private mutating func remember(_ action: any Action) throws {
        if try !pending.contains(action) { asked.insert(action.name) }
        try pending.remember(action)
    }

    private mutating func apply(_ index: Int) async throws {
        let step = steps[index]
        emit(.applying(path: step.path))
        machine.progress = { [emit] in emit(.progress(path: step.path, words: $0)) }
        defer { machine.progress = nil }
        let together = batch(of: index)
        if !isTouched {
            // Also those of what comes later: this change may bring it about along the way, and a cut may come before its turn.
            for later in steps.indices where survey[later].isChange {
                for action in steps[later].actions { try remember(action) }
            }
        }
        for action in (together + [index]).flatMap({ steps[$0].actions }) { try remember(action) }
        isTouched = true
        defer { machine.forgetFacts() }
        guard let property = step.property as? any Batchable, !together.isEmpty else {
            return try await step.property.apply(on: machine)
        }
        let others = together.compactMap { steps[$0].property as? any Batchable }
        do {
            try await property.apply(with: others, on: machine)
        } catch {
            if Task.isCancelled { throw CancellationError() }
            // One of the others may be to blame. Each has its own turn.
            machine.forgetFacts()
            try await property.apply(on: machine)
        }
        triedInBatch.formUnion(together)
    }

    /// The later steps that can be applied together with this one: unmet, and with nothing before them to wait for.
    private func batch(of index: Int) -> [Int] {
        guard let batch = (steps[index].property as? any Batchable)?.batch, !triedInBatch.contains(index) else {
            return []
        }
        return steps.indices.filter { other in
            other > index && (steps[other].property as? any Batchable)?.batch == batch && survey[other].isChange
                && !triedInBatch.contains(other)
                && steps[other].requirements.allSatisfy { $0 < index && !isMissing($0) }
        }
    }

    /// The law: what was applied must hold now.
    private func confirm(_ index: Int, _ change: Change) async throws -> PropertyReport {
        let step = steps[index]
        switch try await step.property.check(on: machine) {
        case .satisfied: return step.report(.changed, seconds: 0, change.reason, diff: change.diff)
        case .unmet(let still):
            throw Failure(
                "applied without an error, but it still does not hold: \(still.reason)",
                advice:
                    "Something on the machine undoes it, or the property is wrong. Look at the machine, then run again."
            )
        case .unknown(let until):
            throw Failure("applied without an error, but it cannot be told whether it holds until \(until)")
        }
    }

    mutating func perform(_ action: any Action, askedBy asking: [Int]) async {
        let clock = ContinuousClock(), start = clock.now
        do {
            guard try pending.contains(action) else { return }
            if Task.isCancelled {
                return tally.add(report(action, .skipped, "the run was interrupted; it stays to be done"))
            }
            // What is left over from an earlier run was asked for by a change that may well have succeeded.
            let isDue = !asked.contains(action.name) || asking.contains { statuses[$0] == .changed }
            if let open = asking.first(where: isMissing), action.waitsForAll || !isDue {
                return tally.add(report(action, waitingFor: steps[open]))
            }
            emit(.applying(path: action.name))
            try await action.perform(on: machine)
            try pending.forget(action)
            machine.forgetFacts()
            tally.add(report(action, .changed, seconds: (clock.now - start).inSeconds))
        } catch {
            let error = Task.isCancelled ? CancellationError() : error
            tally.add(report(action, failedWith: error, seconds: (clock.now - start).inSeconds))
        }
    }
}
