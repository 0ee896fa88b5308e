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

    @Test func `a lost link tells whether the run goes on`() {
        let lost = TransportError.linkLost(host: "a", reason: "nothing was heard for 20 seconds")
        for mode in [HostRun.Mode.enforce, .plan] {
            for hasBegun in [false, true] {
                var log = EventLog(mode: mode)
                if hasBegun { log.add(.started(run: "1", host: "a", system: "Debian", steps: 3)) }
                log.fail(lost, on: "a", isInterrupted: false)
                let outcome = log.outcome(of: "a", seconds: 0)
                #expect(outcome.result == .unreachable)
                #expect(outcome.failure?.advice?.contains("The run continues") == (mode == .enforce && hasBegun))
            }
        }
    }

    @Test func `a link that is lost before the request began nothing`() {
        let lost = TransportError.linkLost(host: "a", reason: "Connection reset by peer")
        func advice(_ mode: HostRun.Mode, isAskedFor: Bool) -> String? {
            var log = EventLog(mode: mode)
            if isAskedFor { log.begin() }
            log.fail(lost, on: "a", isInterrupted: false)
            return log.outcome(of: "a", seconds: 0).failure?.advice
        }
        #expect(advice(.enforce, isAskedFor: false) == "Nothing was started on the machine. Run `propel a` again.")
        #expect(advice(.enforce, isAskedFor: true)?.contains("may have begun") == true)
        #expect(advice(.plan, isAskedFor: true)?.contains("Nothing was changed") == true)
    }

    @Test func `a viewer that is killed is a lost link, and the run goes on`() {
        func outcome(_ mode: HostRun.Mode) -> Outcome {
            var log = EventLog(mode: mode)
            log.begin()
            log.add(.started(run: "1", host: "a", system: "Debian", steps: 3))
            log.fail(
                HostRun.error(from: "a", mode: mode, exit: .signalled("KILL"), said: "Killed\n"), on: "a",
                isInterrupted: false)
            return log.outcome(of: "a", seconds: 0)
        }
        let run = outcome(.enforce)
        #expect(run.result == .unreachable)
        #expect(run.failure?.message.contains("killed by SIGKILL") == true)
        #expect(run.failure?.advice?.contains("The run continues on the machine") == true)
        #expect(outcome(.plan).result == .failed, "a plan is made by the viewer itself")
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
