/// Plans or enforces the properties of one host on the machine that it runs on.
///
/// A run has two phases. The survey checks every property and changes nothing; its answers are the plan. Then each that is
/// not satisfied has its turn, in order: checked again where something has changed since, applied, checked again. So a run
/// that has nothing to change is the survey alone.
public struct Engine: Sendable {
    let steps: [Step]
    let machine: Machine
    let emit: @Sendable (Event) -> Void

    /// - Parameters:
    ///   - only: the names of properties or groups that the run is restricted to, with what they require; all where empty.
    ///   - emit: called for each event, in order.
    public init(host: Host, only: [String] = [], machine: Machine, emit: @escaping @Sendable (Event) -> Void) {
        steps = host.steps(only: only)
        self.machine = machine
        self.emit = emit
    }

    /// What a run would do, told without changing anything.
    public func plan() async -> RunEnding {
        let survey = await survey()
        var tally = Tally(emit: emit)
        for (step, finding) in zip(steps, survey) where !finding.isNotFor { tally.add(finding.prediction(for: step)) }
        for (action, asking) in actions {
            if let prediction = prediction(of: action, askedBy: asking, survey) { tally.add(prediction) }
        }
        return tally.ending
    }

    /// What a plan says of an action; nil where nothing asks for it.
    private func prediction(of action: any Action, askedBy asking: [Int], _ survey: [Finding]) -> PropertyReport? {
        do {
            let isLeftOver = try pending.contains(action)
            guard isLeftOver || asking.contains(where: { survey[$0].isChange }) else {
                guard asking.contains(where: { survey[$0].isUnknown }) else { return nil }
                return report(action, .unknown, "cannot tell before the properties are applied")
            }
            if action.waitsForAll, let open = asking.first(where: { survey[$0].isHopeless }) {
                return report(action, waitingFor: steps[open])
            }
            return report(action, .wouldChange, isLeftOver ? "left over from an earlier run" : "")
        } catch {
            return report(action, failedWith: error)
        }
    }

    /// Makes the properties hold.
    ///
    /// Cancelling the task ends the program that is running, with its process group, and leaves out the rest.
    public func enforce() async -> RunEnding {
        let survey = await survey()
        let needed = zip(steps, survey).flatMap { step, finding in finding.secrets(of: step) }
        // All with one request. Where they do not come, the properties that need them say so.
        try? await machine.secrets.fetch(needed)
        var enforcement = Enforcement(steps: steps, survey: survey, machine: machine, pending: pending, emit: emit)
        for index in steps.indices { await enforcement.enforce(index) }
        for (action, steps) in actions { await enforcement.perform(action, askedBy: steps) }
        return enforcement.tally.ending
    }

    private var pending: PendingActions { PendingActions(files: machine.files) }

    /// The actions in the order in which they are first asked for, each with the steps that ask for it.
    private var actions: [(any Action, [Int])] {
        var order: [String] = []
        var known: [String: (any Action, [Int])] = [:]
        for (index, step) in steps.enumerated() {
            for action in step.actions {
                if known[action.name] == nil { order.append(action.name) }
                known[action.name, default: (action, [])].1.append(index)
            }
        }
        return order.compactMap { known[$0] }
    }

    private func survey() async -> [Finding] {
        for step in steps { step.property.announce(to: machine) }
        var findings: [Finding] = []
        var open = false
        for step in steps {
            let clock = ContinuousClock(), start = clock.now
            var answer = await look(at: step, after: findings)
            // What cannot be looked at while other things are still to be done may well be there after them.
            if case .failed = answer, open { answer = .check(.unknown(until: "what comes before it is applied")) }
            let finding = Finding(answer: answer, seconds: (clock.now - start).inSeconds)
            if finding.isChange || finding.isUnknown { open = true }
            findings.append(finding)
        }
        return findings
    }

    private func look(at step: Step, after findings: [Finding]) async -> Finding.Answer {
        do {
            if !step.conditions.isEmpty {
                let system = try await machine.fact(OperatingSystem.self)
                if let other = step.conditions.first(where: { !$0.holds(system) }) { return .notFor(other.name) }
            }
            if let missing = step.requirements.sorted().first(where: { findings[$0].isHopeless }) {
                return .blocked(
                    "requires \(steps[missing].path), which \(findings[missing].isFailed ? "failed" : "was skipped")")
            }
            try Task.checkCancellation()
            return .check(try await step.property.check(on: machine))
        } catch {
            return Task.isCancelled ? .blocked("the run was interrupted") : .failed(Failure(describing: error))
        }
    }
}

extension Host {
    /// Those of `names` that no property and no group of this host has: a restriction to them would leave out what was meant.
    public func unknownNames(in names: [String]) -> [String] {
        let all = steps
        return names.filter { name in !all.contains { $0.isNamed(name) } }
    }

    /// The steps that a run is restricted to: those whose path has one of the names in it, and what they require.
    public func steps(only names: [String]) -> [Step] {
        let all = steps
        guard !names.isEmpty else { return all }
        var wanted = Set(all.indices.filter { index in names.contains { all[index].isNamed($0) } })
        var open = Array(wanted)
        while let index = open.popLast() {
            for requirement in all[index].requirements where wanted.insert(requirement).inserted {
                open.append(requirement)
            }
        }
        let kept = wanted.sorted()
        let position = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        return kept.map { index in
            var step = all[index]
            step.requirements = Set(step.requirements.compactMap { position[$0] })
            return step
        }
    }
}

extension Step {
    /// Whether `name` is this step's path, or the path or the name of a group around it.
    public func isNamed(_ name: String) -> Bool {
        path == name || path.hasPrefix(name + "/") || names.contains(name) || otherNames.contains(name)
    }
}

func report(
    _ action: any Action, _ status: PropertyReport.Status, _ detail: String = "", seconds: Double = 0
) -> PropertyReport {
    PropertyReport(path: action.name, status: status, seconds: seconds, detail: detail)
}

func report(_ action: any Action, waitingFor step: Step) -> PropertyReport {
    report(action, .skipped, "waits until \(step.path) holds; it stays to be done")
}

func report(_ action: any Action, failedWith error: any Error, seconds: Double = 0) -> PropertyReport {
    let failure = Failure(describing: error)
    return PropertyReport(
        path: action.name, status: .failed, seconds: seconds, detail: failure.message, failure: failure)
}
