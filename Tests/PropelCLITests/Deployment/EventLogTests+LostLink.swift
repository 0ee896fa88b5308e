import Propel
import SSHTransport
import Testing

@testable import PropelCLI

/// What is told of a run whose link is lost.
extension EventLogTests {
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

    @Test func `a run that can no longer be joined is named, whatever the reason`() {
        var log = EventLog(mode: .enforce)
        log.begin()
        log.add(.started(run: "1", host: "a", system: "Debian", steps: 3))
        log.fail(
            TransportError.hostKeyChanged(host: "a", presented: "x", expected: []), on: "a", isInterrupted: false)
        let advice = log.outcome(of: "a", seconds: 0).failure?.advice
        #expect(advice?.contains("Do not continue") == true && advice?.contains("`propel attach a`") == true)
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

    @Test func `an operation whose link is lost is joined, and neither repeated nor deployed`() throws {
        let lost = TransportError.linkLost(host: "a", reason: "Connection reset by peer")
        func outcome(after events: [Event], isAskedFor: Bool = true, isInterrupted: Bool = false) -> Outcome {
            var log = EventLog(mode: .enforce, isOperation: true)
            if isAskedFor { log.begin() }
            events.forEach { log.add($0) }
            log.fail(lost, on: "a", isInterrupted: isInterrupted)
            return log.outcome(of: "a", seconds: 0)
        }
        let started = Event.started(run: "1", host: "a", system: "Debian", steps: 1)
        for outcome in [outcome(after: [started]), outcome(after: [])] {
            #expect(ExitStatus.summing([outcome]).rawValue == 3)
            let advice = try #require(outcome.failure?.advice)
            #expect(advice.contains("`propel attach a`") && !advice.contains("`propel a`"), "\(advice)")
        }
        let early = outcome(after: [], isAskedFor: false)
        #expect(early.failure?.advice == "Nothing was started on the machine. Run again.")
        let interrupted = outcome(after: [started], isInterrupted: true)
        #expect(interrupted.failure?.advice?.contains("`propel a`") == false)
    }

    /// Who joins it cannot decide about its wave, and a deployment of this host alone would not be together.
    @Test(arguments: [WaveDecision.open, .stay, .putBack(because: "web2 failed")])
    func `of a run that is deployed together with others it is told what becomes of its changes`(
        _ decision: WaveDecision
    ) throws {
        let lost = TransportError.linkLost(host: "a", reason: "Connection reset by peer")
        func outcome(isInterrupted: Bool = false, isLeft: Bool = false, hasBegun: Bool = true) -> Outcome {
            var log = EventLog(mode: .enforce)
            log.begin()
            if hasBegun { log.add(.started(run: "1", host: "a", system: "Debian", steps: 1)) }
            log.fail(lost, on: "a", isInterrupted: isInterrupted, isLeft: isLeft, in: decision)
            return log.outcome(of: "a", seconds: 0)
        }
        let left = outcome(isInterrupted: true, isLeft: true)
        #expect(ExitStatus.summing([left]).rawValue == 130 && left.failure?.message == "left, and the run goes on")
        for outcome in [left, outcome(), outcome(isInterrupted: true), outcome(hasBegun: false)] {
            let advice = try #require(outcome.failure?.advice)
            #expect(advice.contains("`propel attach a`") && !advice.contains("`propel a`"), "\(advice)")
            #expect(advice.contains(decision == .stay ? "the changes of its wave stay" : "it puts back"), "\(advice)")
            #expect(advice.contains("15 minutes"), "\(advice)")
            #expect(outcome.goesBack == (decision != .stay))
        }
        let isAlone = decision == .stay
        #expect(left.failure?.advice?.contains("Deploy it again if it went back.") == isAlone)
        #expect(left.failure?.advice?.contains("Then deploy the hosts of its wave together again.") == !isAlone)
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
}
