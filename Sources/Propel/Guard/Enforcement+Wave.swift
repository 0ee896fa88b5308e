// The end of a run on a host that is deployed together with others: where one of them fails, what the others have
// changed goes back, as far as that is possible.

extension Enforcement {
    /// Waits until the other hosts of the wave are done, and lets the changes of this run stay or puts them back. A run
    /// that has failed itself does not wait.
    mutating func settleWithWave() async {
        guard let awaitWave, held != nil || reports.summary[.changed] > 0 else { return }
        var reason = reports.firstFailed.map { "“\($0)” failed" }
        if Task.isCancelled { reason = "the run was interrupted" }
        if reason == nil {
            emit(.ready)
            emit(.progress(path: "together", words: "waiting for the other hosts of its wave"))
            reason = await awaitWave()
        }
        if let reason { await putBackAll(because: reason) } else { await letStay() }
    }

    /// Lets what the run has changed so far stay, whatever other hosts do. Before a restart of the machine there is no
    /// other choice: the process does not survive it.
    mutating func letStay() async {
        guard awaitWave != nil else { return }
        // First: until then a power cut puts these back, and never what follows.
        if let held {
            self.held = nil
            await held.confirm()
        }
        for index in changed {
            guard let property = retractable(index) else { continue }
            if let failure = await settle(property) {
                machine.noteFollowUp(
                    "run again: it could not be recorded that \(steps[index].path) stays: \(failure.message)")
            }
        }
    }

    /// As in ``retract(_:because:)``: an interruption after the decision changes nothing.
    private func settle(_ property: any Retractable) async -> Failure? {
        let machine = machine
        do { try await Task { try await property.settle(on: machine) }.value } catch {
            return Failure(describing: error)
        }
        return nil
    }

    /// The indices of the steps that the run has changed.
    private var changed: [Int] { statuses.indices.filter { statuses[$0] == .changed } }

    /// The property of a step, if this run has applied it and can take that back.
    private func retractable(_ index: Int) -> (any Retractable)? {
        applied.contains(index) ? steps[index].property as? any Retractable : nil
    }

    /// Puts back what can be put back, the last change first, and notes what stays.
    private mutating func putBackAll(because reason: String) async {
        for index in changed.reversed() {
            guard let property = retractable(index) else { continue }
            let path = steps[index].path
            emit(.applying(path: path))
            machine.progress = { [emit] in emit(.progress(path: path, words: $0)) }
            let failure = await retract(property, because: reason)
            machine.progress = nil
            machine.forgetFacts()
            statuses[index] = .failed
            reports.retract(with: steps[index].report(failedWith: failure, seconds: 0))
        }
        if let held {
            self.held = nil
            await putBack(held, Unconfirmed(reason))
        }
        noteWhatStays()
    }

    /// In another task: one that was cancelled can run no program.
    private func retract(_ property: any Retractable, because reason: String) async -> Failure {
        let machine = machine
        do {
            return try await Task { try await property.retract(because: reason, on: machine) }.value
        } catch {
            var failure = Failure(describing: error)
            failure.message = "not put back, although \(reason): \(failure.message)"
            return failure
        }
    }

    private func noteWhatStays() {
        var kept = changed.map { steps[$0].path }.shortened
        if let restart = earlierRestarts.last { kept.append("what came before the restart for \(restart)") }
        guard !kept.isEmpty else { return }
        machine.noteFollowUp(
            "look at what was not put back, since only stacks and guarded changes can be: "
                + kept.joined(separator: ", "))
    }
}

extension Engine {
    /// Says in a plan what a run could not put back if another host failed.
    func whatWouldStay(_ survey: [Finding]) async -> [String] {
        var kept: [String] = []
        for (step, finding) in zip(steps, survey) where finding.mayChange {
            if step.property is any Retractable { continue }
            if (try? await step.isGuarded(on: machine)) != true { kept.append(step.path) }
        }
        guard !kept.isEmpty else { return [] }
        return [
            "know what stays if another host fails, since only stacks and guarded changes can be put back: "
                + kept.shortened.joined(separator: ", ")
        ]
    }
}

extension [String] {
    /// The first names, and how many there are besides.
    fileprivate var shortened: [String] {
        let limit = 20
        return count > limit ? Array(prefix(limit)) + ["\(count - limit) more"] : self
    }
}
