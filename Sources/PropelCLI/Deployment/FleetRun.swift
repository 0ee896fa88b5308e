import Propel

/// The same run on several hosts, a limited number of them at a time.
struct FleetRun {
    let session: Session
    let mode: HostRun.Mode
    let targets: [Target]
    let enforcers: Enforcers
    var options = RunOptions()
    /// The hosts that were never deployed before and therefore need all of their secrets.
    var newHosts: Set<String> = []
    /// The operation to perform instead of the description; nil for the description.
    var operation: HostOperation?
    /// The outcomes of hosts that failed before this run began.
    var earlierOutcomes: [Outcome] = []

    /// Runs on all hosts and reports.
    /// - Returns: the earlier outcomes, then those of the targets in their order.
    func perform() async throws -> [Outcome] {
        let interruption = session.interruption
        let reporter = session.reporter(for: targets.map(\.name) + earlierOutcomes.map(\.host))
        if mode == .enforce {
            let names = targets.map(\.name), isTogether = options.rollout.isTogether
            interruption.listen(session.listener(for: names, isTogether: isTogether) { reporter.pause($0) })
        } else {
            interruption.listen { reporter.pause($0) }
        }
        defer { interruption.end() }
        let clock = ContinuousClock(), start = clock.now

        earlierOutcomes.forEach(reporter.finish)
        let outcomes = earlierOutcomes + (await runTargets(reporter))
        reporter.summarize(RunReport(outcomes: outcomes, mode: mode, seconds: (clock.now - start).inSeconds))
        return outcomes
    }

    private func runTargets(_ reporter: any Reporter) async -> [Outcome] {
        var outcomes: [Int: Outcome] = [:]
        let waves = options.rollout.waves(of: targets.map(\.name))
        for wave in waves where options.rollout.mayBegin(after: earlierOutcomes) {
            outcomes.merge(await run(wave, after: Array(outcomes.values), reporter)) { $1 }
        }
        return targets.indices.map { index in
            if let outcome = outcomes[index] { return outcome }
            let outcome = Outcome(notTried: targets[index].name)
            reporter.finish(outcome)
            return outcome
        }
    }

    /// Runs on the hosts of a wave, until too many have failed.
    /// - Returns: the outcomes of those that were begun, by their indices.
    private func run(
        _ wave: [Int], after earlier: [Outcome], _ reporter: any Reporter
    ) async -> [Int: Outcome] {
        let together = options.rollout.isTogether && mode == .enforce ? Wave(wave.map { targets[$0].name }) : nil
        return await withTaskGroup(of: (Int, Outcome).self) { group in
            var waiting = wave.makeIterator()
            var outcomes: [Int: Outcome] = [:]
            func startNext() {
                let past = earlierOutcomes + earlier + outcomes.values
                guard mode != .enforce || options.rollout.mayContinue(after: past), let index = waiting.next() else {
                    return
                }
                let target = targets[index]
                var run = HostRun(
                    session: session, target: target, mode: mode, only: options.only, operation: operation,
                    enforcers: enforcers, isNew: newHosts.contains(target.name)
                ) { reporter.report($0, of: target.name) }
                (run.isTogether, run.wave) = (options.rollout.isTogether, together)
                group.addTask { [run] in
                    var outcome = await run.perform()
                    together?.finish(outcome)
                    if let followUp = together?.followUp(of: outcome) { outcome.counts.followUps.append(followUp) }
                    reporter.finish(outcome)
                    return (index, outcome)
                }
            }
            for _ in 0..<options.jobs { startNext() }
            while let (index, outcome) = await group.next() {
                outcomes[index] = outcome
                startNext()
            }
            return outcomes
        }
    }
}
