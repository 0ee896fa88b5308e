extension Enforcement {
    /// Performs an action in its turn, if it is due then.
    mutating func perform(_ turn: ActionSchedule.Turn) async {
        if let armed {
            let isRestart = turn.action is any RestartingAction, isOther = !isArmed(turn) || isRestart
            if isOther, (try? pending.contains(turn.action)) != false {
                await settleArmed(isBeforeRestart: isRestart && isArmed(turn))
            }
            if !isOther { machine.watch = armed.watch(isAction: true) }
        }
        defer { machine.watch = nil }
        let result = await report(of: turn)
        if turn.action is any RestartingAction { await settleRestart() }
        guard let report = result else { return }
        self.report(report)
        if report.status == .failed { failedActions.insert(report.path) }
        if report.status == .changed { failedActions.remove(report.path) }
    }

    private mutating func report(of turn: ActionSchedule.Turn) async -> PropertyReport? {
        let stopwatch = Stopwatch(), action = turn.action
        let isImmediate = turn.place < steps.endIndex
        do {
            guard try pending.contains(action) else { return nil }
            let requesters = pastTurns.newRequesters(of: turn)
            let isLeftOver = leftOver.concern(
                action, requesters, of: steps, isFirst: !pastTurns.hasHad(action), isEnd: !isImmediate)
            let isDue = isLeftOver || requesters.contains { statuses[$0] == .changed }
            // Of a step whose check failed nothing has changed.
            guard isDue || requesters.contains(where: { blocksDependents($0) && !survey[$0].cannotSucceed }) else {
                return nil
            }
            pastTurns.note(turn)
            let preceded = turn.precededSteps(in: steps)
            for index in preceded { unperformed[index] = action.name }
            if Task.isCancelled {
                return PropertyReport(action, .skipped, "\(stopped); it stays pending")
            }
            if let open = turn.requesters.first(where: blocksDependents), action.waitsForAll || !isDue {
                return PropertyReport(action, waitingFor: steps[open])
            }
            let isRestart = isImmediate && action is any RestartingAction
            if isRestart {
                try refuseSecondRestart(for: steps[turn.place].path)
                try await settle(after: turn.place)
                await letStay()
            }
            emit(.applying(path: action.name, usual: usualSeconds(action.name)))
            try await beginChanges()
            // Also if it fails: by then it may have changed something.
            defer { machine.forgetFacts() }
            try await action.perform(on: machine)
            if isImmediate {
                // What a later step has already requested stays recorded.
                try pending.settle(
                    action, for: Set(turn.requesters.map { steps[$0].path }).union([PendingActions.anybody]))
            } else {
                try pending.forget(action)
            }
            if isRestart { restart = steps[turn.place].path }
            for index in preceded { unperformed[index] = nil }
            return PropertyReport(action, .changed, steps.restartDetail(of: turn), seconds: stopwatch.seconds)
        } catch {
            for index in turn.precededSteps(in: steps) { unperformed[index] = action.name }
            pastTurns.note(turn)
            return PropertyReport(action, failedWith: Self.cause(of: error), seconds: stopwatch.seconds)
        }
    }

    /// Performs all actions that have been requested so far, before the machine restarts.
    /// - Throws: ``Failure`` if one fails.
    mutating func settle(after index: Int) async throws {
        for turn in schedule.turns(beforeRestartAfter: index) {
            await perform(turn)
            guard !failedActions.contains(turn.action.name) else {
                throw Failure(
                    "the machine was not restarted, since “\(turn.action.name)” failed before",
                    advice: "Put that right, then run again.")
            }
        }
    }

    /// Whether an action may be performed between a step and the next one.
    func mayAct(after index: Int) -> Bool {
        if steps[index].isRestart, survey[index].mayChange { return true }
        return schedule.turns(after: index).contains { turn in
            turn.requesters.contains { survey[$0].mayChange }
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
