import Propel
import SSHTransport
import Testing

@testable import PropelCLI

/// Plans and questions whose connection is lost: they are asked again, and nothing is told twice.
@Suite struct RepetitionTests {
    private let started = Event.started(run: "", host: "a", system: "Debian", steps: 3)
    private let lost = TransportError.linkLost(host: "a", reason: "nothing was heard for 14 seconds")

    private func property(_ path: String, _ status: PropertyReport.Status, seconds: Double = 0) -> Event {
        .property(PropertyReport(path: path, status: status, seconds: seconds))
    }

    private func summary(_ counts: [PropertyReport.Status: Int]) -> Event { .ended(RunSummary(counts: counts)) }

    private func asked(_ mode: HostRun.Mode, _ operation: HostOperation? = nil) -> RunCourse {
        var course = RunCourse(mode: mode, operation: operation)
        course.connect()
        course.begin()
        return course
    }

    /// Loses the connection, and asks again over another one.
    private func askAgain(_ course: inout RunCourse) {
        let isPossible = course.canGoOn(after: lost) && course.enforcerMode != .enforce && !course.isJoined
        #expect(isPossible)
        course.lose()
        course.connect()
        course.begin()
    }

    @Test func `a plan that is cut after any event is told once, with the result of the last one`() throws {
        func events(_ seconds: Double) -> [Event] {
            [
                started, .heartbeat, property("a", .ok, seconds: seconds), property("b", .wouldChange),
                property("restart", .wouldChange), property("restart", .wouldChange),
                summary([.ok: 1, .wouldChange: 3]),
            ]
        }
        let quiet = events(0).filter { $0 != .heartbeat }
        for first in 0..<quiet.count {
            for second in 0..<quiet.count {
                var course = asked(.plan), told: [Event] = []
                for (seconds, count) in [(0, first), (1, second), (2, events(0).count)] {
                    if seconds > 0 { askAgain(&course) }
                    for event in events(Double(seconds)).prefix(count) {
                        if let news = try course.hear(event, isJoined: false), news != .heartbeat { told.append(news) }
                    }
                }
                #expect(told.map(\.timeless) == quiet.map(\.timeless), "\(first) \(second)")
                let outcome = course.log.outcome(of: "a", seconds: 0)
                #expect(outcome.result == .changesFound && outcome.counts.counts == [.ok: 1, .wouldChange: 3])
            }
        }
    }

    @Test func `a property that has changed between two connections is told again, and counts once`() throws {
        var course = asked(.plan)
        for event in [started, property("a", .ok)] { _ = try course.hear(event, isJoined: false) }
        askAgain(&course)
        #expect(try course.hear(started, isJoined: false) == nil)
        #expect(try course.hear(property("a", .wouldChange), isJoined: false) == property("a", .wouldChange))
        askAgain(&course)
        #expect(try course.hear(property("a", .wouldChange), isJoined: false) == nil)
        _ = try course.hear(summary([.wouldChange: 1]), isJoined: false)
        #expect(course.log.outcome(of: "a", seconds: 0).result == .changesFound)
    }

    @Test func `a plan that never gets further is not asked forever`() throws {
        var course = asked(.plan)
        for event in [started, property("a", .ok)] { _ = try course.hear(event, isJoined: false) }
        #expect(!course.isLost)
        askAgain(&course)
        for event in [started, .heartbeat, property("a", .ok, seconds: 9), .applying(path: "b")] {
            _ = try course.hear(event, isJoined: false)
        }
        #expect(course.isLost, "the time of the wait goes on")
        _ = try course.hear(property("b", .ok), isJoined: false)
        #expect(!course.isLost)
    }

    @Test func `the answers to a question count when all have come`() throws {
        var course = asked(.ask, HostOperation("backups"))
        #expect(try course.hear(.answer("old"), isJoined: false) == nil)
        askAgain(&course)
        for answer: JSON in ["first", "second"] {
            #expect(try course.hear(.answer(answer), isJoined: false) == nil)
        }
        _ = try course.hear(summary([:]), isJoined: false)
        #expect(course.answers == [.answer("first"), .answer("second")])
        #expect(course.log.outcome(of: "a", seconds: 0).result == .converged)
    }

    @Test func `the rest of a journal is asked of the same run, though another one is newer`() throws {
        let id = "20250131T120000Z-1"
        let answers: [RunAnswer] = [
            .record(RunRecord(id: id, ending: .running)), .event(started), .damaged, .event(property("a", .changed)),
        ]
        var course = asked(.ask, RunQuestion.journal(run: nil).operation), told: [Event] = []
        #expect(course.question == nil)
        for answer in answers.prefix(3) {
            if let news = try course.hear(.answer(answer.json), isJoined: false) { told.append(news) }
        }
        askAgain(&course)
        #expect(course.question == .journal(run: id))
        // It has ended since.
        let later = [RunAnswer.record(RunRecord(id: id, ending: .converged))] + answers.dropFirst()
        for answer in later {
            if let news = try course.hear(.answer(answer.json), isJoined: false) { told.append(news) }
        }
        #expect(told == answers.map { Event.answer($0.json) })
        #expect(course.answers.isEmpty, "a journal may be large")
        askAgain(&course)
        let unknown = Event.answer(RunAnswer.unknown(known: []).json)
        #expect(throws: Failure.self) { try course.hear(unknown, isJoined: false) }
    }

    @Test(arguments: [HostRun.Mode.plan, .ask]) func `a machine cannot make the laptop look forever`(
        _ mode: HostRun.Mode
    ) {
        var course = asked(mode)
        #expect(throws: MalformedMessage.self) { try course.hear(.begun(run: "1"), isJoined: false) }
    }
}

extension Event {
    /// The event without the duration of a check, which is another each time.
    fileprivate var timeless: Event {
        guard case .property(var report) = self else { return self }
        report.seconds = 0
        return .property(report)
    }
}
