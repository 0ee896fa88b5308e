// The guarded changes of a run; see `Guarded`. While there are any that nobody has confirmed, nothing else is applied:
// it might need what they have cut off, and what goes back must not take another change with it.

extension Enforcement {
    /// Whether a change of the step must be confirmed.
    func mustBeConfirmed(_ step: Step) async throws -> Bool {
        guard guarding != nil else { return false }
        return try await step.isGuarded(on: machine)
    }

    /// Arms the change of a step, which is applied next.
    mutating func arm(_ index: Int) async throws {
        guard let guarding else { return }
        let property = steps[index].property as? any Guarded
        let restoration = try await property?.restoration(on: machine) ?? Restoration()
        let armed: ArmedChanges
        if let present = self.armed ?? held {
            armed = present
            self.armed = armed
            held = nil
        } else {
            armed = try await ArmedChanges(guarding, on: machine)
            self.armed = armed
        }
        try armed.add(index, steps[index], restoration)
        machine.watch = armed.watch(isAction: false)
    }

    /// Whether the change of a step waits for its confirmation.
    func isArmed(_ index: Int) -> Bool { armed?.indices.withLock { $0.contains(index) } ?? false }

    /// Whether changes of other steps wait for their confirmation, and none of this one.
    func hasArmedOthers(than index: Int) -> Bool {
        armed?.indices.withLock { !$0.isEmpty && !$0.contains(index) } ?? false
    }

    /// Whether an action belongs to a change that waits for its confirmation.
    func isArmed(_ turn: ActionSchedule.Turn) -> Bool { turn.requesters.contains(where: isArmed) }

    /// Adds a report. Those of changes that are not confirmed yet, and what comes after them, wait.
    mutating func report(_ report: PropertyReport, of index: Int? = nil) {
        if armed == nil { reports.add(report) } else { waitingReports.append((index, report)) }
    }

    /// Has the changes confirmed that wait for it, once their actions are performed. Without a confirmation they are
    /// put back, and their steps have failed.
    /// - Parameters:
    ///   - failed: the path of one of them that has failed, so that nobody is asked; nil if there is none.
    ///   - isBeforeRestart: whether the machine is about to restart for them.
    mutating func settleArmed(after failed: String? = nil, isBeforeRestart: Bool = false) async {
        guard let armed else { return }
        let indices = armed.indices.withLock { $0 }
        // What could not be armed was not changed.
        if indices.isEmpty {
            if armed.held.withLock({ $0.isEmpty }) { await armed.confirm() } else { held = armed }
            return disarm()
        }
        var cause: Unconfirmed? =
            if let failed { Unconfirmed("“\(failed)” failed") } else {
                await reasonNotToKeep(armed, path: steps[indices[0]].path)
            }
        if cause == nil, !isBeforeRestart { cause = await keep(armed) }
        if let cause {
            await putBack(armed, cause)
        } else if isBeforeRestart {
            armedForRestart = armed
        }
        disarm()
    }

    /// Brings changes into effect, and asks for their confirmation.
    /// - Parameter path: the path of the first of them, for messages.
    /// - Returns: the reason to put them back; nil if they are confirmed.
    private mutating func reasonNotToKeep(_ armed: ArmedChanges, path: String) async -> Unconfirmed? {
        if let reason = await performActions(of: armed) { return reason }
        if let guarding, (try? armed.concernNetwork) != false {
            emit(.progress(path: path, words: "waiting until the network is configured"))
            await NetworkSettling(machine: machine, minimum: guarding.settling).wait()
        }
        emit(.progress(path: path, words: "waiting for the confirmation by a new connection"))
        let refusal = await guarding?.ask(armed.token)
        // What is on the disk decides: it may have arrived at the last moment.
        if (try? armed.isConfirmed) == true { return nil }
        return refusal ?? Unconfirmed("the confirmation did not reach the disk")
    }

    /// Adds the reports that have waited: nothing waits for a confirmation any longer.
    private mutating func disarm() {
        armed = nil
        for (_, report) in waitingReports { reports.add(report) }
        waitingReports = []
    }

    /// Decides about changes that were confirmed before a restart: it is due now, or was not begun.
    mutating func settleRestart() async {
        guard let armedForRestart else { return }
        self.armedForRestart = nil
        if restart != nil { return await armedForRestart.keepOverRestart() }
        // They were confirmed, so there is no other reason for them to go back.
        if await keep(armedForRestart) != nil { await armedForRestart.confirm() }
    }

    /// Lets changes stay that were confirmed; until the end of the run only, if other hosts decide about them.
    /// - Returns: the reason to put them back, if they cannot be kept armed.
    private mutating func keep(_ armed: ArmedChanges) async -> Unconfirmed? {
        guard awaitWave != nil else {
            await armed.confirm()
            return nil
        }
        do { try armed.hold() } catch { return Unconfirmed(Failure(describing: error).message) }
        held = armed
        return nil
    }

    /// Performs the actions that the changes request: only then they are in effect.
    /// - Returns: the reason to put the changes back, if one was not performed.
    private mutating func performActions(of armed: ArmedChanges) async -> Unconfirmed? {
        for turn in schedule.turns(beforeRestartAfter: statuses.count - 1) where isArmed(turn) { await perform(turn) }
        if Task.isCancelled { return Unconfirmed("the run was interrupted") }
        for index in armed.indices.withLock({ $0 }) {
            for action in steps[index].requestedActions where !(action is any RestartingAction) {
                if (try? pending.contains(action)) != false { return Unconfirmed("“\(action.name)” was not performed") }
            }
        }
        return nil
    }

    /// Puts changes back, and reports that of each of their steps.
    mutating func putBack(_ armed: ArmedChanges, _ cause: Unconfirmed) async {
        let held = armed.held.withLock(\.self)
        var failure: Failure
        do {
            failure = Failure(putBackBecause: cause, try await armed.putBack())
        } catch {
            failure = Failure(describing: error)
            failure.message += "; it was tried since \(cause.words)"
        }
        machine.forgetFacts(lasting: true)
        for index in held + armed.indices.withLock(\.self) {
            let former = statuses.indices.contains(index) ? statuses[index] : nil, isFailed = former == .failed
            if former != nil { statuses[index] = .failed }
            guard let place = waitingReports.firstIndex(where: { $0.index == index }) else {
                guard held.contains(index), former == .changed else { continue }
                reports.retract(with: steps[index].report(failedWith: failure, seconds: 0))
                failure.output = []
                continue
            }
            if isFailed {
                waitingReports[place].report.failure?.output += failure.output
            } else {
                let seconds = waitingReports[place].report.seconds
                waitingReports[place].report = steps[index].report(failedWith: failure, seconds: seconds)
            }
            // Once is enough to read.
            failure.output = []
        }
    }
}
