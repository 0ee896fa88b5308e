import Foundation
import Propel

/// The same for several hosts, so many at a time.
struct FleetRun {
    let mode: Deployment.Mode
    let enforcers: Enforcers
    let targets: [Target]
    let options: HostOptions
    let output: OutputOptions
    let prompter: TerminalPrompter
    let decryption: SecretDecryption
    /// Those that were never deployed before, and so need all of their secrets.
    let newHosts: Set<String>
    /// What is done with them instead of making them be as described.
    var operation: HostOperation?
    /// How it ended for hosts that were asked for, and for which it was over before this.
    var given: [Outcome] = []

    /// Runs all of them, and shows what happens.
    /// - Returns: how it ended for each, those that were over before first, and the others in the order of the targets.
    func perform() async throws -> [Outcome] {
        let interruption = Interruption()
        let reporter = output.reporter(for: targets.map(\.name) + given.map(\.host))
        prompter.onQuestion { reporter.pause($0) }
        interruption.listen { reporter.pause($0) }
        defer { interruption.end() }
        let clock = ContinuousClock(), start = clock.now

        given.forEach(reporter.finish)
        let outcomes =
            given
            + (await withTaskGroup(of: (Int, Outcome).self) { group in
                var waiting = targets.enumerated().makeIterator()
                var outcomes: [Int: Outcome] = [:]
                func startNext() {
                    guard let (index, target) = waiting.next() else { return }
                    var deployment = Deployment(
                        target: target, mode: mode, only: options.only, enforcers: enforcers, decryption: decryption,
                        isNew: newHosts.contains(target.name), prompter: prompter, interruption: interruption
                    ) { reporter.report($0, of: target.name) }
                    deployment.operation = operation
                    group.addTask { [deployment] in
                        let outcome = await deployment.run()
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
            })
        reporter.summarize(outcomes, mode: mode, seconds: (clock.now - start).inSeconds)
        return outcomes
    }
}

extension OutputOptions {
    /// What shows the progress of these hosts to whoever is there.
    func reporter(for hosts: [String]) -> any Reporter {
        if json { return JSONReporter() }
        return Terminal.output.isInteractive
            ? LiveReporter(hosts: hosts, isVerbose: verbose) : PlainReporter(isVerbose: verbose, hosts: hosts)
    }
}
