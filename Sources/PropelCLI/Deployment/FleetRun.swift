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
        interruption.listen { reporter.pause($0) }
        defer { interruption.end() }
        let clock = ContinuousClock(), start = clock.now

        earlierOutcomes.forEach(reporter.finish)
        let outcomes = earlierOutcomes + (await runTargets(reporter))
        reporter.summarize(RunReport(outcomes: outcomes, mode: mode, seconds: (clock.now - start).inSeconds))
        return outcomes
    }

    private func runTargets(_ reporter: any Reporter) async -> [Outcome] {
        await withTaskGroup(of: (Int, Outcome).self) { group in
            var waiting = targets.enumerated().makeIterator()
            var outcomes: [Int: Outcome] = [:]
            func startNext() {
                guard let (index, target) = waiting.next() else { return }
                let run = HostRun(
                    session: session, target: target, mode: mode, only: options.only, operation: operation,
                    enforcers: enforcers, isNew: newHosts.contains(target.name)
                ) { reporter.report($0, of: target.name) }
                group.addTask {
                    let outcome = await run.perform()
                    reporter.finish(outcome)
                    return (index, outcome)
                }
            }
            for _ in 0..<options.jobs { startNext() }
            while let (index, outcome) = await group.next() {
                outcomes[index] = outcome
                startNext()
            }
            return outcomes.sorted { $0.key < $1.key }.map(\.value)
        }
    }
}
