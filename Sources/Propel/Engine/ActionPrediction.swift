/// Tells which actions a run would perform, as far as its survey has come.
struct ActionPrediction {
    let steps: [Step]
    let pending: PendingActions
    private var survey: [Finding] = []
    private var pastTurns = PastTurns()
    /// The reports of the actions that are due after each step.
    private(set) var reports: [Int: [PropertyReport]] = [:]
    /// The steps after which an action is due at once and is not performed, each with the name of the action.
    private(set) var unperformed: [Int: String] = [:]

    init(steps: [Step], pending: PendingActions) {
        self.steps = steps
        self.pending = pending
    }

    /// Adds what the survey has found for the next step, and the turns of actions after it.
    mutating func add(_ finding: Finding, _ schedule: ActionSchedule) {
        let index = survey.count
        survey.append(finding)
        if steps[index].isRestart, finding.isChange {
            for turn in schedule.turns(beforeRestartAfter: index - 1) { note(report(of: turn), of: turn) }
        }
        for turn in schedule.turns(after: index) {
            let report = report(of: turn)
            if turn.action is any RestartingAction, report?.status == .wouldChange {
                for turn in schedule.turns(beforeRestartAfter: index) { note(self.report(of: turn), of: turn) }
            }
            note(report, of: turn)
            guard report?.status == .skipped || report?.status == .failed else { continue }
            for index in turn.precededSteps(in: steps) { unperformed[index] = turn.action.name }
        }
    }

    private mutating func note(_ report: PropertyReport?, of turn: ActionSchedule.Turn) {
        if let report { reports[turn.place, default: []].append(report) }
    }

    /// The report of an action in its turn; nil if nothing requests it.
    mutating func report(of turn: ActionSchedule.Turn) -> PropertyReport? {
        let action = turn.action
        do {
            let requesters = pastTurns.newRequesters(of: turn)
            let isLeftOver = try LeftOverRequests(of: [action], in: pending).concern(
                action, requesters, of: steps, isFirst: !pastTurns.hasHad(action), isEnd: turn.place == steps.endIndex)
            guard isLeftOver || requesters.contains(where: { survey[$0].isChange }) else {
                guard requesters.contains(where: { survey[$0].isUnknown }) else { return nil }
                pastTurns.note(turn)
                return PropertyReport(action, .unknown, "cannot tell before the properties are applied")
            }
            pastTurns.note(turn)
            if action.waitsForAll, let open = turn.requesters.first(where: { survey[$0].cannotSucceed }) {
                return PropertyReport(action, waitingFor: steps[open])
            }
            let details = [isLeftOver ? "left over from an earlier run" : "", steps.restartDetail(of: turn)]
            return PropertyReport(action, .wouldChange, details.filter { !$0.isEmpty }.joined(separator: "; "))
        } catch {
            pastTurns.note(turn)
            return PropertyReport(action, failedWith: error)
        }
    }
}
