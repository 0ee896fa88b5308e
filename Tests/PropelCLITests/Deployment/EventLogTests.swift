import Propel
import Testing

@testable import PropelCLI
import SSHTransport

/// The outcome that the events of a host add up to.
@Suite struct EventLogTests {
    private func result(_ mode: HostRun.Mode = .enforce, _ events: Event...) -> Outcome.Result {
        var log = EventLog(mode: mode)
        for event in events { log.add(event) }
        return log.outcome(of: "a", seconds: 0).result
    }

    @Test func `a run without failures has converged`() {
        #expect(result(.enforce, .ended(RunSummary(counts: [.ok: 3, .changed: 1]))) == .converged)
    }

    @Test func `a run with a failed property has failed`() {
        let report = PropertyReport(path: "x", status: .failed)
        #expect(result(.enforce, .property(report), .ended(RunSummary(counts: [.ok: 3, .failed: 1]))) == .failed)
    }

    @Test func `a skipped property is no failure`() {
        #expect(result(.enforce, .ended(RunSummary(counts: [.ok: 3, .skipped: 1]))) == .converged)
    }

    @Test func `a plan tells changes from no changes`() {
        #expect(result(.plan, .ended(RunSummary(counts: [.ok: 3]))) == .converged)
        #expect(result(.plan, .ended(RunSummary(counts: [.ok: 3, .wouldChange: 1]))) == .changesFound)
        #expect(result(.plan, .ended(RunSummary(counts: [.ok: 3, .unknown: 1]))) == .changesFound)
        #expect(result(.plan, .ended(RunSummary(counts: [.failed: 1, .wouldChange: 1]))) == .failed)
    }

    @Test func `changes that were put back give the status 5, beside nothing else that failed`() {
        var failure = Failure("put back, since no new connection can log in")
        failure.isPutBack = true
        let reports = ["x", "y"].map { PropertyReport(path: $0, status: .failed, failure: failure) }
        func outcome(failed: Int) -> Outcome {
            var log = EventLog(mode: .enforce)
            log.add(.confirm(token: "1f"))
            for report in reports { log.add(.property(report)) }
            log.add(.ended(RunSummary(counts: [.failed: failed, .skipped: 1])))
            return log.outcome(of: "a", seconds: 0)
        }
        #expect(ExitStatus.summing([outcome(failed: 2)]).rawValue == 5)
        #expect(!outcome(failed: 2).isRolledBack, "the version of hosts.conf is the one that runs")
        #expect(ExitStatus.summing([outcome(failed: 3)]).rawValue == 1)
    }

    @Test func `what goes back after it was reported as changed is counted once`() {
        var failure = Failure("put back, since web2 failed"), first = RunSummary(counts: [.changed: 1])
        failure.isPutBack = true
        first.restart = Restart(reason: "kernel", boot: "1")
        var log = EventLog(mode: .enforce)
        log.add(.property(PropertyReport(path: "a", status: .changed)))
        log.add(.ended(first))
        log.goOn()
        for report in [
            PropertyReport(path: "a", status: .ok), PropertyReport(path: "b", status: .changed),
            PropertyReport(path: "b", status: .failed, failure: failure),
        ] { log.add(.property(report)) }
        log.add(.ended(RunSummary(counts: [.ok: 1, .failed: 1])))
        let outcome = log.outcome(of: "a", seconds: 0)
        #expect(outcome.counts.counts == [.changed: 1, .failed: 1] && outcome.result == .rolledBack)
    }

    @Test func `a rollback is known beside a failure too`() {
        var failure = Failure("it was sick")
        failure.isRolledBack = true
        var report = PropertyReport(path: "x", status: .failed)
        report.failure = failure
        func outcome(failed: Int) -> Outcome {
            var log = EventLog(mode: .enforce)
            log.add(.started(run: "1", host: "a", system: "Debian", steps: 3))
            log.add(.property(report))
            log.add(.ended(RunSummary(counts: [.failed: failed])))
            return log.outcome(of: "a", seconds: 0)
        }
        #expect(outcome(failed: 1).result == .rolledBack && outcome(failed: 1).isRolledBack)
        #expect(outcome(failed: 2).result == .failed && outcome(failed: 2).isRolledBack)
    }

    @Test func `the parts of a run with a restart are one run`() {
        var log = EventLog(mode: .enforce)
        func ok(_ path: String) -> Event { .property(PropertyReport(path: path, status: .ok)) }
        func changed(_ path: String) -> Event { .property(PropertyReport(path: path, status: .changed)) }
        log.begin()
        var first = RunSummary(counts: [.ok: 1, .changed: 1])
        first.restart = Restart(reason: "kernel", boot: "1")
        first.followUps = ["log in again"]
        for event in [ok("a"), changed("kernel"), .ended(first)] {
            #expect(!log.isRepetition(event))
            log.add(event)
        }
        #expect(log.isComplete && log.awaitsRestart)
        log.goOn()
        // The machine has not gone down yet.
        log.add(.restarting)
        #expect(log.isComplete && log.awaitsRestart)
        log.goOn()
        let started = Event.started(run: "2", host: "a", system: "Debian", steps: 3)
        #expect(log.isRepetition(started) && log.isRepetition(ok("a")) && log.isRepetition(ok("kernel")))
        #expect(!log.isRepetition(changed("stack")))
        for event in [
            started, ok("a"), ok("kernel"), changed("stack"), .ended(RunSummary(counts: [.ok: 2, .changed: 1])),
        ] {
            log.add(event)
        }
        let outcome = log.outcome(of: "a", seconds: 0)
        #expect(outcome.result == .converged)
        #expect(outcome.counts.counts == [.ok: 1, .changed: 2])
        #expect(outcome.counts.followUps == ["log in again"])
    }

    @Test func `what failed before a restart may succeed after it`() {
        var log = EventLog(mode: .enforce)
        var first = RunSummary(counts: [.failed: 1, .changed: 1])
        first.restart = Restart(reason: "kernel", boot: "1")
        log.add(.property(PropertyReport(path: "a", status: .failed)))
        log.add(.property(PropertyReport(path: "kernel", status: .changed)))
        log.add(.ended(first))
        log.goOn()
        log.add(.property(PropertyReport(path: "a", status: .changed)))
        log.add(.property(PropertyReport(path: "kernel", status: .ok)))
        log.add(.ended(RunSummary(counts: [.ok: 1, .changed: 1])))
        let outcome = log.outcome(of: "a", seconds: 0)
        #expect(outcome.result == .converged && outcome.failed.isEmpty)
        #expect(outcome.counts.counts == [.changed: 2])
    }

    @Test func `a machine that does not come back is unreachable`() {
        var log = EventLog(mode: .enforce)
        log.begin()
        let error = StillRestarting(
            restart: Restart(reason: "kernel", boot: "1"), limit: .minutes(10), last: "connection refused")
        log.fail(error, on: "a", isInterrupted: false)
        let outcome = log.outcome(of: "a", seconds: 0)
        #expect(outcome.result == .unreachable)
        #expect(ExitStatus.summing([outcome]) == .unreachable)
        #expect(
            outcome.failure?.message == "not back within 10 minutes after the restart for kernel: connection refused")
        #expect(outcome.failure?.advice?.contains("`propel a` goes on from there") == true)
    }

    @Test func `a wrong host key is told at once after a restart`() {
        #expect(!TransportError.hostKeyChanged(host: "a", presented: "x", expected: []).mayPassWithRestart)
        #expect(TransportError.linkLost(host: "a", reason: "gone").mayPassWithRestart)
        #expect(
            TransportError.authenticationFailed(host: "a", user: "pi", tried: [], accepted: []).mayPassWithRestart)
    }

    @Test func `a run that is refused or locked out has not begun`() {
        func hasBegun(isAskedFor: Bool = true, _ events: Event...) -> Bool {
            var log = EventLog(mode: .enforce)
            if isAskedFor { log.begin() }
            for event in events { log.add(event) }
            log.fail(TransportError.linkLost(host: "a", reason: "gone"), on: "a", isInterrupted: false)
            return log.outcome(of: "a", seconds: 0).hasBegun
        }
        #expect(!hasBegun(isAskedFor: false))
        #expect(!hasBegun(.locked(LockHolder(deployer: "anna", since: "now", run: ""))))
        #expect(!hasBegun(.refused(Failure("no"))))
        // Whose link is lost goes on there, also where nothing was heard of it yet.
        #expect(hasBegun())
        #expect(hasBegun(.started(run: "1", host: "a", system: "Debian", steps: 3)))
    }

    @Test func `what comes after the end of a run does not hide how it ended`() {
        let ends: [(Event, Outcome.Result)] = [
            (.ended(RunSummary(counts: [.changed: 1])), .converged),
            (.ended(RunSummary(counts: [.failed: 1])), .failed),
            (.locked(LockHolder(deployer: "anna", since: "now", run: "")), .locked),
            (.refused(Failure("no")), .failed),
        ]
        let errors: [any Error] = [Interrupted(), TransportError.linkLost(host: "a", reason: "gone")]
        for (end, result) in ends {
            for error in errors {
                var log = EventLog(mode: .enforce)
                log.begin()
                log.add(end)
                let told = log.outcome(of: "a", seconds: 0)
                log.fail(error, on: "a", isInterrupted: true, isLeft: true, in: .putBack(because: "b failed"))
                let outcome = log.outcome(of: "a", seconds: 0)
                #expect(outcome.result == result)
                #expect(outcome.failure?.message == told.failure?.message)
                #expect(outcome.goesBack == told.goesBack)
            }
        }
    }

    @Test func `a run without its last event has failed`() {
        var log = EventLog(mode: .enforce)
        log.add(.property(PropertyReport(path: "x", status: .ok)))
        #expect(!log.isComplete)
        #expect(log.outcome(of: "a", seconds: 0).result == .failed)
    }

    @Test func `an unreachable host has not failed`() {
        var log = EventLog(mode: .enforce)
        log.fail(TransportError.unreachable(host: "a", attempts: []), on: "a", isInterrupted: false)
        let outcome = log.outcome(of: "a", seconds: 0)
        #expect(outcome.result == .unreachable)
        #expect(outcome.failure?.message.hasPrefix("a:") == false, "reports name the host themselves")
        #expect(outcome.failure?.advice?.isEmpty == false)
    }

    @Test func `Ctrl-D at a question interrupts`() {
        var log = EventLog(mode: .enforce)
        log.fail(Interrupted(), on: "a", isInterrupted: false)
        let outcome = log.outcome(of: "a", seconds: 0)
        #expect(outcome.result == .interrupted)
        #expect(outcome.failure?.message == "before it began")
    }

    @Test func `an interrupted run whose end was not heard may have begun`() {
        var log = EventLog(mode: .enforce)
        log.add(.applying(path: "x"))
        log.fail(TransportError.linkLost(host: "a", reason: "the connection is closed"), on: "a", isInterrupted: true)
        let outcome = log.outcome(of: "a", seconds: 0)
        #expect(outcome.result == .interrupted)
        #expect(outcome.failure?.message.contains("begun") == false)
        #expect(outcome.failure?.advice?.isEmpty == false)
    }

    @Test func `a run that was left going is named, and a host that was not reached began nothing`() {
        func outcome(isAskedFor: Bool) -> Outcome {
            var log = EventLog(mode: .enforce)
            if isAskedFor { log.begin() }
            log.fail(
                TransportError.linkLost(host: "a", reason: "the connection is closed"), on: "a", isInterrupted: true,
                isLeft: true)
            return log.outcome(of: "a", seconds: 0)
        }
        #expect(ExitStatus.summing([outcome(isAskedFor: true)]).rawValue == 130)
        #expect(outcome(isAskedFor: true).failure?.message == "left, and the run goes on")
        #expect(outcome(isAskedFor: true).failure?.advice?.contains("`propel attach a`") == true)
        #expect(outcome(isAskedFor: false).failure?.message == "before it began")
    }

    @Test func `the lock names its holder`() {
        var log = EventLog(mode: .enforce)
        log.add(.locked(LockHolder(deployer: "anna@laptop", since: "2025-01-31T12:00:00Z", run: "1")))
        let outcome = log.outcome(of: "a", seconds: 0)
        #expect(outcome.result == .locked)
        #expect(outcome.failure?.message.contains("anna@laptop") == true)
        #expect(outcome.failure?.message.contains("2025-01-31T12:00:00Z") == true)
    }

    @Test func `the worst host decides the exit status`() {
        func status(_ results: Outcome.Result...) -> PropelCLI.ExitStatus {
            .summing(results.map { Outcome(host: "a", result: $0, counts: RunSummary(counts: [:]), seconds: 0) })
        }
        #expect(status() == .converged)
        #expect(status(.converged, .changesFound) == .changesFound)
        #expect(status(.changesFound, .locked) == .locked)
        #expect(status(.locked, .unreachable) == .unreachable)
        #expect(status(.unreachable, .failed) == .failed)
        #expect(status(.failed, .interrupted) == .interrupted)
    }
}
