import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Propel

/// A flag that this run can lower again, as a stack can be rolled back.
private struct RetractableFlag: Retractable {
    typealias Target = UnixLike

    let flag: Flag
    let log: Recorder
    let whileSettling: @Sendable (Machine) -> Void
    init(_ name: String, log: Recorder, whileSettling: @escaping @Sendable (Machine) -> Void = { _ in }) {
        flag = Flag(name)
        self.log = log
        self.whileSettling = whileSettling
    }

    var name: String { flag.name }
    func check(on machine: Machine) async throws -> Check { try await flag.check(on: machine) }
    func apply(on machine: Machine) async throws { try await flag.apply(on: machine) }

    func retract(because reason: String, on machine: Machine) async throws -> Failure {
        try Task.checkCancellation()
        log.add("retract \(name)")
        var failure = Failure("put back, since \(reason)")
        failure.isRolledBack = true
        return failure
    }

    func settle(on machine: Machine) async throws {
        try Task.checkCancellation()
        log.add("settle \(name)")
        whileSettling(machine)
        if name == "unsettled" { throw Failure("the disk is full") }
    }
}

/// The end of a run on a host that is deployed together with others.
@Suite(.recorded) struct DeployedTogetherTests {
    private let subject = GuardedMachine()
    private var fake: FakeMachine { subject.fake }
    private var log: Recorder { subject.log }

    private func host(_ last: Flag = Flag("plain")) -> Host {
        fake.host {
            GuardedFile(GuardedMachine.old).onChange(GuardedMachine.reload)
            RetractableFlag("first", log: log)
            GuardedFile(GuardedMachine.new)
            RetractableFlag("second", log: log)
            last
        }
    }

    /// - Parameter reason: why the changes go back; nil if they stay.
    private func enforce(
        _ host: Host, _ reason: String?, whileWaiting: @escaping @Sendable () async -> Void = {}
    ) async -> (reports: Reports, summary: RunSummary) {
        let reports = Reports()
        fake.machine.forgetFacts()
        var engine = subject.engine(.confirmed, host, reports)
        engine.awaitWave = { [log] in
            log.add("waited")
            await whileWaiting()
            return reason
        }
        return (reports, await engine.enforce())
    }

    @Test func `where all hosts have converged, everything stays, and nothing is left of the guard`() async {
        let (reports, summary) = await enforce(host(), nil)
        #expect(summary.counts == [.changed: 6])
        #expect(subject.texts == GuardedMachine.after && subject.leftovers == [])
        #expect(log.words == ["reload", "asked", "asked", "waited", "settle first", "settle second"])
        #expect(reports.events.count { $0 == .ready } == 1)
        #expect(summary.followUps == [])
    }

    @Test func `where another host has failed, everything goes back that can, and the rest is named`() async throws {
        let (reports, summary) = await enforce(host(), "web2 failed")
        #expect(subject.texts == GuardedMachine.before && subject.leftovers == [])
        #expect(
            log.words == ["reload", "asked", "asked", "waited", "retract second", "retract first", "reload"],
            "the last change goes back first")
        // The action and the flag have stayed.
        #expect(summary.counts == [.changed: 2, .failed: 4])
        let failure = try #require(reports["guarded /srv/old.conf"]?.failure)
        #expect(failure.message == "put back, since web2 failed" && failure.isPutBack)
        #expect(failure.output.contains("restored /srv/old.conf"))
        #expect(reports["guarded /srv/new.conf"]?.failure?.message == "put back, since web2 failed")
        #expect(reports["first"]?.failure?.isRolledBack == true)
        #expect(
            summary.followUps == [
                "look at what was not put back, since only stacks and guarded changes can be: plain"
            ])
    }

    @Test func `what this run has not deployed itself does not go back`() async {
        let host = fake.host {
            Flag("maker") { machine in try machine.set("first") }
            RetractableFlag("first", log: log)
        }
        let (reports, _) = await enforce(host, "web2 failed")
        #expect(log.words == ["waited"])
        #expect(reports["first"]?.status == .changed)
    }

    @Test func `a plan names what could not be put back`() async {
        fake.machine.isDeployedTogether = true
        let plan = await Engine(host: host(), machine: fake.machine) { _ in }.plan()
        #expect(
            plan.followUps == [
                "know what stays if another host fails, since only stacks and guarded changes can be put back: plain"
            ])
        fake.machine.isDeployedTogether = false
        #expect(await Engine(host: host(), machine: fake.machine) { _ in }.plan().followUps == [])
    }

    /// The change is confirmed, but until all have decided nobody may rely on it.
    @Test func `a power cut while it waits puts the guarded changes back`() async throws {
        let safeguard = subject.safeguard, texts = Mutex<[String?]>([]), told = Mutex<String?>(nil)
        _ = await enforce(host(), nil) { [subject] in
            #expect(subject.texts == GuardedMachine.after && !subject.leftovers.isEmpty)
            let putBack = try? await safeguard.recover()
            told.withLock { $0 = putBack?.lines.first }
            texts.withLock { $0 = subject.texts }
        }
        #expect(texts.withLock(\.self) == GuardedMachine.before)
        #expect(
            told.withLock(\.self)
                == "put back, since the run ended before it was decided: guarded /srv/old.conf, guarded /srv/new.conf")
    }

    @Test func `a run that has failed itself puts its changes back without waiting`() async {
        let (reports, summary) = await enforce(host(Flag("plain") { _ in throw Failure("no luck") }), nil)
        #expect(!log.words.contains("waited") && !reports.events.contains(.ready))
        #expect(subject.texts == GuardedMachine.before && subject.leftovers == [])
        #expect(reports["first"]?.failure?.message == "put back, since “plain” failed")
        #expect(summary[.failed] == 5)
    }

    @Test func `a later change that nobody confirms takes the earlier ones with it`() async {
        let reports = Reports(), safeguard = subject.safeguard, asked = Mutex(0)
        var engine = subject.engine(.confirmed, host(), reports)
        engine.guarding?.ask = { token in
            let isFirst = asked.withLock { asked in
                asked += 1
                return asked == 1
            }
            guard isFirst else { return GuardedMachine.refusal }
            try? safeguard.confirm(token, by: "anna")
            return nil
        }
        engine.awaitWave = { nil }
        let summary = await engine.enforce()
        #expect(subject.texts == GuardedMachine.before && subject.leftovers == [])
        #expect(reports.statuses["guarded /srv/old.conf"] == .failed)
        #expect(summary[.failed] == 4, "both files and both flags")
    }

    @Test func `a run without a change does not wait`() async {
        _ = await enforce(host(), nil)
        let (reports, summary) = await enforce(host(), "web2 failed")
        #expect(summary.counts == [.ok: 5] && !reports.events.contains(.ready))
    }

    @Test func `an interrupted run puts back what it has changed`() async {
        let reports = Reports(), log = log
        var engine = subject.engine(.confirmed, host(), reports)
        engine.awaitWave = {
            withUnsafeCurrentTask { $0?.cancel() }
            return "the run was interrupted"
        }
        let prepared = engine
        let summary = await Task { await prepared.enforce() }.value
        #expect(summary.isInterrupted)
        #expect(subject.texts == GuardedMachine.before && subject.leftovers == [])
        #expect(log.words.contains("retract first"), "one that was cancelled can run no program")
    }

    @Test func `an interruption after the decision lets everything stay`() async {
        let reports = Reports(), log = log
        var engine = subject.engine(.confirmed, host(), reports)
        engine.awaitWave = {
            withUnsafeCurrentTask { $0?.cancel() }
            return nil
        }
        let prepared = engine
        _ = await Task { await prepared.enforce() }.value
        #expect(subject.texts == GuardedMachine.after && subject.leftovers == [])
        #expect(log.words.suffix(2) == ["settle first", "settle second"])
    }

    /// A power cut in between would put back the one, and never the other.
    @Test func `guarded changes stay before anything else that is decided`() async {
        let wasArmed = Mutex<Bool?>(nil)
        let host = fake.host {
            GuardedFile(GuardedMachine.old)
            RetractableFlag("first", log: log) { machine in
                let record = try? machine.files.status(of: GuardedMachine.record)
                wasArmed.withLock { $0 = record != nil }
            }
        }
        _ = await enforce(host, nil)
        #expect(wasArmed.withLock(\.self) == false)
    }

    @Test func `what cannot be settled is left to do`() async {
        let host = fake.host {
            RetractableFlag("unsettled", log: log)
            RetractableFlag("second", log: log)
        }
        let (_, summary) = await enforce(host, nil)
        #expect(summary.counts == [.changed: 2] && log.words.last == "settle second")
        #expect(
            summary.followUps == ["run again: it could not be recorded that unsettled stays: the disk is full"])
    }

    /// The process does not survive it.
    @Test func `what comes before a restart of the machine stays`() async {
        let host = fake.host {
            GuardedFile(GuardedMachine.old)
            RetractableFlag("first", log: log)
            Flag("kernel").onChangeNow(FakeRestart(log: log))
        }
        _ = await enforce(host, "web2 failed")
        #expect(log.words == ["asked", "asked", "settle first", "restart"])
        #expect(subject.texts[0] == "new\n")
    }

    @Test(arguments: [Fault.kill, .powerCut])
    func `whatever ends the run while it is not decided, the guarded changes go back`(_ fault: Fault) async throws {
        try await atEveryOperation(of: { GuardedMachine() }, \.fake, fault) { subject in
            let host = subject.fake.host {
                GuardedFile(GuardedMachine.old)
                Flag("plain")
                GuardedFile(GuardedMachine.new)
            }
            var engine = subject.engine(.confirmed, host, Reports())
            engine.awaitWave = { [log = subject.log] in
                log.add("decided")
                return nil
            }
            _ = await engine.enforce()
        } judge: { subject in
            _ = try await subject.safeguard.recover()
            let texts = subject.texts
            if texts != GuardedMachine.before, !subject.log.words.contains("decided") {
                throw LawBroken("\(texts) stays, and nothing was decided")
            }
            if !subject.leftovers.isEmpty { throw LawBroken("left behind: \(subject.leftovers)") }
        }
    }
}
