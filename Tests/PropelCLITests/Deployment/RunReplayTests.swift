import Propel
import Testing

@testable import PropelCLI

/// A run of the past or of somebody else, as a host tells of it.
@Suite struct RunReplayTests {
    private let record = RunRecord(
        id: "20250131T120000Z-1", deployer: "anna@laptop", ending: .converged, seconds: 2)

    private func told(_ answers: RunAnswer...) -> (replay: RunReplay, events: [Event]) {
        var replay = RunReplay()
        let events = answers.compactMap { replay.add($0.json) }
        return (replay, events)
    }

    @Test func `the events add up to the outcome of then`() {
        let failed = Event.property(PropertyReport(path: "a", status: .failed))
        let end = Event.ended(RunSummary(counts: [.failed: 1]))
        let (replay, events) = told(.record(record), .event(failed), .event(end))
        #expect(events == [failed, end])
        #expect(replay.isComplete && replay.record == record)
        let outcome = replay.outcome(of: "web1")
        #expect(outcome.result == .failed && outcome.seconds == 2 && outcome.failed == ["a"])
    }

    @Test func `a journal without an end is one of a killed run`() {
        let (replay, _) = told(.record(record), .event(.started(run: "1", host: "a", system: "x", steps: 1)))
        #expect(!replay.isComplete)
        let outcome = replay.outcome(of: "web1")
        #expect(outcome.result == .failed && outcome.failure?.message.contains("killed") == true)
    }

    @Test func `a part that ends with a restart is complete`() {
        var summary = RunSummary(counts: [.changed: 1])
        summary.restart = Restart(reason: "kernel", boot: "1")
        let (replay, _) = told(.record(record), .event(.ended(summary)))
        #expect(replay.isComplete && replay.restart?.reason == "kernel")
        #expect(replay.outcome(of: "web1").result == .converged)
    }

    @Test func `what cannot be read is counted and left out`() {
        var replay = RunReplay()
        let answers: [JSON] = [["event": ["kind": "of the future"]], "x", .null, ["damaged": true]]
        for answer in answers {
            #expect(replay.add(answer) == nil)
        }
        #expect(replay.damagedCount == 4 && replay.record == nil)
    }

    @Test func `an open request is no event, and no damage`() {
        let open = OpenRequest(.needs(secrets: ["a"]), host: "web1", secrets: [:])
        let (replay, events) = told(.record(record), .open(open))
        #expect(events == [] && replay.damagedCount == 0)
    }

    @Test func `the first record counts`() {
        var other = record
        other.id = "20250131T130000Z-2"
        #expect(told(.record(record), .record(other)).replay.record == record)
    }

    @Test func `without a run to join, the last one is named, without lines that it forges`() {
        var last = record
        last.deployer = "anna\npropel: forged"
        let message = HostRuns.nothingToJoin(on: "web1", last: last)
        #expect(message.hasPrefix("no run is going on on web1\nThe last one began at 2025-01-31T12:00:00Z by anna"))
        #expect(message.contains("`propel log web1`"))
        #expect(message.split(separator: "\n").count == 2)
    }
}
