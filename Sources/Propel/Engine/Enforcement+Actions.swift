extension Enforcement {
    /// Performs an action in its turn, if it is due then.
    mutating func perform(_ turn: ActionSchedule.Turn) async {
        let clock = ContinuousClock(), start = clock.now
        let action = turn.action
        let isImmediate = turn.place < steps.endIndex
        do {
            guard try pending.contains(action) else { return }
            let requesters = pastTurns.newRequesters(of: turn)
            // One left over from an earlier run may have been requested by a change that succeeded.
            let isLeftOver = !pastTurns.hasHad(action) && !requestedActions.contains(action.name)
            let isDue = isLeftOver || requesters.contains { statuses[$0] == .changed }
            // Of a step whose check failed nothing has changed.
            guard isDue || requesters.contains(where: { blocksDependents($0) && !survey[$0].cannotSucceed }) else {
                return
            }
            pastTurns.note(turn)
            let dependees = isImmediate ? turn.immediateRequesters(in: steps) : []
            for index in dependees { unperformed[index] = action.name }
            if Task.isCancelled {
                return reports.add(PropertyReport(action, .skipped, "\(stopped); it stays pending"))
            }
            if let open = turn.requesters.first(where: blocksDependents), action.waitsForAll || !isDue {
                return reports.add(PropertyReport(action, waitingFor: steps[open]))
            }
            let isRestart = isImmediate && action is any RestartingAction
            if isRestart { try refuseSecondRestart(for: steps[turn.place].path) }
            emit(.applying(path: action.name, usual: usualSeconds(action.name)))
            try await beginChanges()
            try await action.perform(on: machine)
            machine.forgetFacts()
            // What a later step has already requested stays recorded. A restart is looked at again after it.
            if isRestart || !schedule.requesters(after: turn).contains(where: { survey[$0].isChange }) {
                try pending.forget(action)
            }
            if isRestart { restart = steps[turn.place].path }
            for index in dependees { unperformed[index] = nil }
            reports.add(
                PropertyReport(
                    action, .changed, steps.restartDetail(of: turn), seconds: (clock.now - start).inSeconds))
        } catch {
            if isImmediate {
                for index in turn.immediateRequesters(in: steps) { unperformed[index] = action.name }
            }
            pastTurns.note(turn)
            let error = Task.isCancelled ? CancellationError() : error
            reports.add(PropertyReport(action, failedWith: error, seconds: (clock.now - start).inSeconds))
        }
    }

    /// Whether an action may be performed between a step and the next one.
    func mayAct(after index: Int) -> Bool {
        schedule.turns(after: index).contains { turn in
            turn.requesters.contains { survey[$0].isChange || survey[$0].isUnknown }
                || (try? pending.contains(turn.action)) != false
        }
    }

    /// - Throws: ``Failure`` if the machine was restarted for this already: it would be in every part of the run.
    func refuseSecondRestart(for path: String) throws {
        guard earlierRestarts.contains(path) else { return }
        throw Failure(
            "the machine was restarted for this in the same run, and a restart is required again",
            advice: "What requires it does not last over a restart. Look at why, then run again.")
    }
}

extension Step {
    /// Why the step is skipped, if it requires one after which an action was not performed; nil if it does not.
    func reason(toSkipAfter unperformed: [Int: String], _ steps: [Step]) -> String? {
        for index in requirements.sorted() {
            if let action = unperformed[index] {
                return "requires \(steps[index].path), after which “\(action)” is not performed"
            }
        }
        return nil
    }
}

extension [Step] {
    /// When a restart comes, and what follows it; empty for any other action.
    func restartDetail(of turn: ActionSchedule.Turn) -> String {
        guard turn.action is any RestartingAction else { return "" }
        guard turn.place < endIndex else { return "when the run is over" }
        return turn.place + 1 < endIndex ? "then go on with \(self[turn.place + 1].path)" : "then the run is over"
    }
}
