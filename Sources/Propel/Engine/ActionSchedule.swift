/// The turns of the actions of a run: some between the steps, the others at the end.
struct ActionSchedule {
    /// A moment at which an action is performed if it is pending.
    struct Turn {
        var action: any Action
        /// The index of the step after which it is; the number of steps for the end.
        var place: Int
        /// The steps up to there that request the action, in their order.
        var requesters: [Int]

        /// The steps after which the action has to be performed before what requires them; none at the end.
        func precededSteps(in steps: [Step]) -> [Int] {
            guard place < steps.endIndex else { return [] }
            return (0...place).filter { steps[$0].immediateActions.contains { $0.action.name == action.name } }
        }
    }

    /// The turns after each step.
    private var immediate: [Int: [Turn]] = [:]
    /// The turns at the end, in the order of the first request of their actions.
    private(set) var final: [Turn] = []

    init(_ steps: [Step]) {
        var order: [String] = []
        var known: [String: (action: any Action, requesters: [Int])] = [:]
        for (index, step) in steps.enumerated() {
            for action in step.requestedActions {
                if known[action.name] == nil { order.append(action.name) }
                known[action.name, default: (action, [])].requesters.append(index)
            }
        }
        var places: [Int: Int] = [:]
        for (index, step) in steps.enumerated() {
            for immediate in step.immediateActions { places[immediate.declaration] = index }
        }
        for (index, step) in steps.enumerated() {
            for each in step.immediateActions where places[each.declaration] == index {
                let requesters = known[each.action.name]?.requesters.filter { $0 <= index } ?? []
                immediate[index, default: []].append(
                    Turn(action: each.action, place: index, requesters: requesters))
            }
        }
        final = order.compactMap { name in
            known[name].map { Turn(action: $0.action, place: steps.count, requesters: $0.requesters) }
        }
    }

    /// The turns of all actions that steps up to one have requested, before the machine restarts: what they do may be
    /// what the restart is for.
    func turns(beforeRestartAfter index: Int) -> [Turn] {
        final.filter { !($0.action is any RestartingAction) }.compactMap { turn in
            let requesters = turn.requesters.filter { $0 <= index }
            return requesters.isEmpty ? nil : Turn(action: turn.action, place: index, requesters: requesters)
        }
    }

    /// The turns between a step and the next one.
    func turns(after index: Int) -> [Turn] { immediate[index, default: []] }
}

/// The turns that actions have had in a run or a plan, whether they were performed then or not.
struct PastTurns {
    private var places: [String: Int] = [:]

    func hasHad(_ action: any Action) -> Bool { places[action.name] != nil }

    mutating func note(_ turn: ActionSchedule.Turn) { places[turn.action.name] = turn.place }

    /// The steps that request the action of a turn and have had no turn of it yet.
    func newRequesters(of turn: ActionSchedule.Turn) -> [Int] {
        turn.requesters.filter { $0 > places[turn.action.name] ?? -1 }
    }
}

extension Step {
    /// The actions that a change of it requests, at whatever time.
    var requestedActions: [any Action] { actions + immediateActions.filter(\.isRequested).map(\.action) }

    /// Whether applying it restarts the machine before what is declared next.
    var isRestart: Bool { (property as? any RestartingProperty)?.goesOnAfterRestart == true }
}
