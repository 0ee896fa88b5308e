extension Enforcement {
    /// Looks at what must hold when the run is over.
    mutating func expect(_ index: Int) async {
        guard survey[index].isExpected, let expectation = steps[index].property as? any Expectation else { return }
        let step = steps[index], stopwatch = Stopwatch()
        if Task.isCancelled { return reports.add(step.report(.skipped, seconds: 0, stopped)) }
        if let reason = reasonToSkip(step) { return reports.add(step.report(.skipped, seconds: 0, reason)) }
        var isTold = false
        do {
            let tell: (String) -> Void = { [emit] reason in
                if !isTold { emit(.applying(path: step.path)) }
                isTold = true
                emit(.progress(path: step.path, words: reason))
            }
            let reason = try await expectation.reasonNotToHold(on: machine, waiting: tell)
            let seconds = stopwatch.seconds
            reports.add(
                reason.map { step.report(failedWith: expectation.failure($0), seconds: seconds) }
                    ?? step.report(.ok, seconds: seconds))
        } catch {
            reports.add(step.report(failedWith: Self.cause(of: error), seconds: stopwatch.seconds))
        }
    }
}

extension Step {
    /// Looks once at what must hold after a run, for a plan that finds nothing to change.
    func lookOnce(on machine: Machine) async -> PropertyReport {
        let stopwatch = Stopwatch()
        do {
            let check = try await property.evaluate(on: machine)
            let seconds = stopwatch.seconds
            switch (check, property as? any Expectation) {
            case (.satisfied, _): return report(.ok, seconds: seconds)
            case (.unmet(let change), let expectation?):
                return report(failedWith: expectation.failure(change.reason, isPlan: true), seconds: seconds)
            case (.unmet(let change), nil): return report(.wouldChange, seconds: seconds, change.reason)
            case (.unknown(let until), _): return report(.unknown, seconds: seconds, "cannot tell until \(until)")
            }
        } catch {
            return report(failedWith: error, seconds: stopwatch.seconds)
        }
    }
}

extension Expectation {
    /// The failure of a run after which it does not hold.
    fileprivate func failure(_ reason: String, isPlan: Bool = false) -> Failure {
        Failure(
            "expected of the machine: \(name); \(reason)",
            advice: isPlan
                ? "A run would change nothing about it. Look at what serves it on the machine."
                : "Looked at for \(timeout.inWords) after the run. Look at what serves it on the machine, or give it "
                    + "more time.")
    }
}
