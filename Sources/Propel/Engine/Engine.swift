/// Plans or enforces the properties of one host on the machine that it runs on.
///
/// A run has two phases. The survey checks every property and changes nothing; its result is the plan. Then each
/// property that is not satisfied is applied in order: checked again if something has changed since, applied, checked
/// again. So a run that has nothing to change consists of the survey alone.
public struct Engine: Sendable {
    let steps: [Step]
    let machine: Machine
    let emit: @Sendable (Event) -> Void
    private let usualSeconds: @Sendable (String) -> Double?
    /// Whether these are all steps of the host.
    private let isWhole: Bool
    private let isDescription: Bool
    private let earlierRestarts: [String]
    private let claimedSubjects: Set<String>
    private let schedule: ActionSchedule
    /// How guarded changes are confirmed; nil if they need no confirmation.
    package var guarding: Guarding?
    /// Waits until the other hosts of the wave are done. Returns why the changes of this run go back; nil if they stay.
    /// Itself nil if the run does not depend on other hosts.
    package var awaitWave: (@Sendable () async -> String?)?
    /// Whether announced facts that a program tells are read beside the first checks; see ``EarlyFact``. Off by
    /// default, so that the operations of a test have an order.
    package var readsEarly = false

    /// - Parameters:
    ///   - host: the host, with its properties.
    ///   - only: the names of the properties or groups that the run is restricted to, with their requirements; all if
    ///     empty.
    ///   - machine: the machine that they are applied to.
    ///   - earlierRestarts: the reasons of the restarts in earlier parts of the run; none by default.
    ///   - usualSeconds: how long the property with a path, or an action, took in earlier runs; not known by default.
    ///   - emit: called for each event, in order.
    public init(
        host: Host, only: [String] = [], machine: Machine, earlierRestarts: [String] = [],
        usualSeconds: @escaping @Sendable (_ path: String) -> Double? = { _ in nil },
        emit: @escaping @Sendable (Event) -> Void
    ) {
        steps = host.steps(only: only)
        schedule = ActionSchedule(steps)
        self.machine = machine
        isWhole = only.isEmpty
        isDescription = host.isDescription
        self.earlierRestarts = earlierRestarts
        claimedSubjects = isDescription ? host.claimedSubjects(in: machine.repository.manifest) : []
        self.usualSeconds = usualSeconds
        self.emit = emit
    }

    /// Reports what a run would change, without changing anything.
    public func plan() async -> RunSummary {
        var (survey, actions) = await survey(LastDescription(on: machine))
        var reports = ReportCollector(emit: emit)
        for (index, finding) in survey.enumerated() {
            if !finding.isNotFor, !finding.isExpected { reports.add(finding.prediction(for: steps[index])) }
            for report in actions.reports[index, default: []] { reports.add(report) }
        }
        for turn in schedule.final {
            if let report = actions.report(of: turn) { reports.add(report) }
        }
        // After a run without changes they are as they are now.
        let isChanging = reports.summary[.wouldChange] + reports.summary[.unknown] > 0
        for (step, finding) in zip(steps, survey) where finding.isExpected {
            reports.add(isChanging ? finding.prediction(for: step) : await step.lookOnce(on: machine))
        }
        var summary = reports.summary
        if machine.isDeployedTogether { summary.followUps = await whatWouldStay(survey) }
        summary.forgotten = await forgotten()
        return summary
    }

    /// Applies the properties that are not satisfied.
    ///
    /// Cancelling the task terminates the program that is running, with its process group, and skips the rest.
    public func enforce() async -> RunSummary {
        machine.isDeployedTogether = awaitWave != nil
        var last = LastDescription(on: machine)
        let (survey, _) = await survey(last)
        let needed = zip(steps, survey).flatMap { step, finding in finding.secrets(of: step) }
        // In one request for all. If they do not arrive, the properties that need them report it.
        try? await machine.secrets.fetch(needed)
        await fetchContents(survey)
        var enforcement = Enforcement(
            steps: steps, survey: survey, machine: machine, pending: pending, schedule: schedule,
            earlierRestarts: earlierRestarts, isDescription: isDescription, guarding: guarding,
            usualSeconds: usualSeconds, emit: emit)
        enforcement.awaitWave = awaitWave
        // One that cannot be read is reported by its action.
        enforcement.leftOver =
            (try? LeftOverRequests(of: schedule.final.map(\.action), in: pending)) ?? LeftOverRequests()
        for index in steps.indices where enforcement.restart == nil { await enforcement.enforce(index) }
        await enforcement.settleArmed()
        if enforcement.restart == nil {
            for turn in schedule.final { await enforcement.perform(turn) }
            for index in steps.indices { await enforcement.expect(index) }
            await enforcement.settleWithWave()
        }
        if isDescription {
            // After a restart the rest of the run tells about the steps that it has not come to.
            let isWhole = isWhole && enforcement.restart == nil
            last.remember(steps, enforcement.statuses, isWhole: isWhole, on: machine)
        }
        // The rest of the run may need what was fetched for it.
        if enforcement.restart == nil { try? machine.forgetFetchedContents() }
        var summary = enforcement.reports.summary
        summary.restart = enforcement.restart.map { Restart(reason: $0, boot: Boot.current(on: machine)) }
        summary.followUps = machine.followUps
        if summary.restart == nil, !Task.isCancelled {
            await enforcement.placements.forgetGone(besides: claimedSubjects, on: machine)
            summary.forgotten = await forgotten()
        }
        return summary
    }

    /// Fetches the files of the repository that the run will need, so that it no longer depends on the connection. If
    /// they do not arrive, the properties that need them report it.
    private func fetchContents(_ survey: [Finding]) async {
        let manifest = machine.repository.manifest
        let needed = zip(steps, survey).flatMap { step, finding in finding.contents(of: step, manifest) }
        guard !needed.isEmpty else { return }
        machine.progress = { [emit] in emit(.progress(path: "files of the repository", words: $0)) }
        defer { machine.progress = nil }
        try? await machine.fetch(needed)
    }

    /// Reads the templates with one request, since every check of one needs its text.
    private func readTemplates() async {
        let templates = steps.flatMap(\.sources).compactMap { source in
            if case .template(let template) = source { template.file } else { nil }
        }
        let contents = templates.compactMap { try? machine.repository.manifest.content(of: $0) }
        try? await machine.repository.read(contents)
    }

    /// The things on the machine that are no longer declared. A record that cannot be read is no reason to fail.
    private func forgotten() async -> [Forgotten] {
        guard isDescription else { return [] }
        return (try? await PlacedRecord(on: machine).forgotten(besides: claimedSubjects, on: machine)) ?? []
    }

    private var pending: PendingActions { PendingActions(files: machine.files) }

    private func survey(_ last: LastDescription) async -> ([Finding], ActionPrediction) {
        await readTemplates()
        machine.beginSurvey()
        defer { machine.endSurvey() }
        for step in steps { step.property.announce(to: machine) }
        if readsEarly { machine.earlyFacts.begin(on: machine) }
        var findings: [Finding] = []
        var isChangePending = false
        var actions = ActionPrediction(steps: steps, pending: pending)
        for step in steps {
            let stopwatch = Stopwatch()
            var answer = await look(at: step, after: findings, actions)
            // A check that fails now may succeed after the earlier changes.
            if case .failed = answer, isChangePending {
                answer = .check(.unknown(until: "what comes before it is applied"))
            }
            var finding = Finding(answer: answer, seconds: stopwatch.seconds)
            finding.isDrift = finding.isChange && last.has(step, on: machine)
            if finding.mayChange { isChangePending = true }
            let turns = schedule.turns(after: findings.count)
            if turns.contains(where: { (try? pending.contains($0.action)) == true }) { isChangePending = true }
            findings.append(finding)
            actions.add(finding, schedule)
        }
        return (findings, actions)
    }

    private func look(
        at step: Step, after findings: [Finding], _ actions: ActionPrediction
    ) async -> Finding.Answer {
        do {
            for condition in step.conditions {
                guard try await condition.holds(machine) else { return .notFor(condition.name) }
            }
            if let missing = step.requirements.sorted().first(where: { findings[$0].cannotSucceed }) {
                return .blocked(
                    "requires \(steps[missing].path), which \(findings[missing].isFailed ? "failed" : "was skipped")")
            }
            if step.property is any Expectation { return .expected }
            if let reason = step.reason(toSkipAfter: actions.unperformed, steps) { return .blocked(reason) }
            try Task.checkCancellation()
            return .check(try await step.property.evaluate(on: machine))
        } catch let error as Undetermined {
            return .check(.unknown(until: error.until))
        } catch {
            return Task.isCancelled
                ? .blocked("the run was stopped before it began") : .failed(Failure(describing: error))
        }
    }
}

extension Host {
    /// The `names` that no property or group of this host has.
    public func unknownNames(in names: [String]) -> [String] {
        names.filter { name in !steps.contains { $0.isNamed(name) } }
    }

    /// The steps with one of these names in their paths, and their requirements; all steps if there are no names.
    public func steps(only names: [String]) -> [Step] {
        guard !names.isEmpty else { return steps }
        var wanted = Set(steps.indices.filter { index in names.contains { steps[index].isNamed($0) } })
        var open = Array(wanted)
        while let index = open.popLast() {
            for requirement in steps[index].requirements where wanted.insert(requirement).inserted {
                open.append(requirement)
            }
        }
        let kept = wanted.sorted()
        let position = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        return kept.map { index in
            var step = steps[index]
            step.requirements = Set(step.requirements.compactMap { position[$0] })
            return step
        }
    }
}

extension Step {
    /// Whether `name` is the path of this step, or the path or the name of a group around it.
    public func isNamed(_ name: String) -> Bool {
        path == name || path.hasPrefix(name + "/") || names.contains(name) || otherNames.contains(name)
    }
}
