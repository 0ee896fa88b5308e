import Propel
import SSHTransport
import Testing

@testable import PropelCLI

/// A run whose connection is lost at any moment.
@Suite struct RunCourseTests {
    private static let id = "20250131T120000Z-1"
    private let started = Event.started(run: id, host: "a", system: "Debian", steps: 2)
    private let first = Event.property(PropertyReport(path: "a", status: .changed))
    private let second = Event.property(PropertyReport(path: "b", status: .ok))
    private let end = Event.ended(RunSummary(counts: [.changed: 1, .ok: 1]))
    private let lost = TransportError.linkLost(host: "a", reason: "nothing was heard for 12 seconds")

    private func answer(_ event: Event) -> Event { .answer(RunAnswer.event(event).json) }

    private func begun() -> RunCourse {
        var course = RunCourse(mode: .enforce)
        course.connect()
        course.begin()
        return course
    }

    @Test func `another connection goes on after the last line that was heard`() throws {
        for heard in 1...3 {
            var course = begun(), events: [Event] = []
            let journal = [started, first, second, end]
            for event in [journal[0], .heartbeat] + journal[1..<heard] {
                if let news = try course.hear(event, isJoined: false) { events.append(news) }
            }
            #expect(course.canGoOn(after: lost))
            #expect(course.isJoined && course.enforcerMode == .ask)
            #expect(course.place.question == .attach(run: Self.id, after: heard))
            course.lose()
            let rest = journal[heard...].map(answer)
            for event in [Event.heartbeat] + rest + [Event.ended(RunSummary(counts: [:]))] {
                if let news = try course.hear(event, isJoined: true) { events.append(news) }
                if course.log.isComplete { break }
            }
            #expect(events.filter { $0 != .heartbeat } == journal)
            let outcome = course.log.outcome(of: "a", seconds: 0)
            #expect(outcome.result == .converged && outcome.counts.counts == [.changed: 1, .ok: 1])
        }
    }

    @Test func `a request of which nothing was heard is sent again with its ID`() throws {
        var course = begun()
        let id = course.requestID
        #expect(course.canGoOn(after: lost) && !course.isJoined && course.enforcerMode == .enforce)
        course.lose()
        #expect(course.requestID == id)
        // It had arrived.
        #expect(try course.hear(.begun(run: Self.id), isJoined: false) == nil)
        #expect(!course.log.isComplete)
        #expect(course.place.question == .attach(run: Self.id, after: 0))
        for event in [started, first, end] { _ = try course.hear(answer(event), isJoined: true) }
        #expect(course.log.isComplete && course.log.outcome(of: "a", seconds: 0).hasBegun)
    }

    @Test func `a machine cannot make the laptop ask forever`() {
        var course = begun()
        #expect(throws: MalformedMessage.self) { try course.hear(.begun(run: "../x"), isJoined: false) }
    }

    @Test func `the part after a restart is another request and another run`() throws {
        var course = begun(), summary = RunSummary(counts: [.changed: 1])
        let id = course.requestID
        summary.restart = Restart(reason: "kernel", boot: "1")
        for event in [started, first, .ended(summary)] { _ = try course.hear(event, isJoined: false) }
        #expect(course.goOnAfterRestart()?.restart.reason == "kernel")
        #expect(course.requestID != id && course.place == RunPlace() && !course.isJoined && !course.log.isComplete)
        // The machine has not gone down yet: the same restart is waited for.
        _ = try course.hear(.restarting, isJoined: false)
        let second = course.requestID
        let other = course.goOnAfterRestart()
        #expect(other == nil && course.requestID != second && !course.log.isComplete)
    }

    @Test func `a run that was killed while nobody listened has failed`() throws {
        var course = begun()
        _ = try course.hear(started, isJoined: false)
        _ = try course.hear(answer(first), isJoined: true)
        _ = try course.hear(.ended(RunSummary(counts: [:])), isJoined: true)
        let outcome = course.log.outcome(of: "a", seconds: 0)
        #expect(outcome.result == .failed && outcome.failure?.message.contains("was killed") == true)
    }

    @Test func `a machine that does not know the run any longer is an error`() throws {
        var course = begun()
        _ = try course.hear(started, isJoined: false)
        let unknown = Event.answer(RunAnswer.unknown(known: []).json)
        #expect(throws: Failure.self) { try course.hear(unknown, isJoined: true) }
        #expect(throws: Failure.self) { try course.hear(.refused(Failure("no")), isJoined: true) }
    }

    @Test func `a host that was never reached is not waited for, and neither is any other error`() {
        var course = RunCourse(mode: .enforce)
        #expect(!course.canGoOn(after: lost))
        course.connect()
        #expect(course.canGoOn(after: lost), "the upload was cut")
        let refused = TransportError.unreachable(host: "a", attempts: [])
        #expect(!course.canGoOn(after: refused))
        course.lose()
        #expect(course.canGoOn(after: refused), "it is the machine that was lost")
        #expect(!course.canGoOn(after: .hostKeyChanged(host: "a", presented: "x", expected: [])))
    }

    private func record(_ ending: RunRecord.Ending) -> RunRecord { RunRecord(id: Self.id, ending: ending) }

    @Test func `who has joined a run of somebody else joins it again`() throws {
        var course = RunCourse(mode: .ask, joins: true)
        course.connect()
        course.begin()
        #expect(course.canGoOn(after: lost) && course.question == nil, "no run is known yet: it is asked for again")
        let answers: [RunAnswer] = [.record(record(.running)), .event(started), .damaged, .event(first)]
        for answer in answers { _ = try course.hear(.answer(answer.json), isJoined: false) }
        #expect(course.canGoOn(after: lost) && course.place.question == .attach(run: Self.id, after: 3))
    }

    @Test func `a request among the events of a run that was joined is answered only if it is told to be open`() {
        let needs = Event.needs(secrets: ["a"]), confirm = Event.confirm(token: "1f")
        let open = OpenRequest(needs, host: "web1", secrets: ["a": "v1"])
        let direct = RunCourse(mode: .enforce), joiner = RunCourse(mode: .ask, joins: true)
        for event in [needs, confirm] {
            #expect(direct.request(in: event, isJoined: false) == MachineRequest(event: event))
            #expect(direct.request(in: event, isJoined: true) == nil)
            #expect(direct.request(in: answer(event), isJoined: true) == nil, "it was answered then")
            #expect(joiner.request(in: answer(event), isJoined: false) == nil)
            #expect(RunCourse(mode: .plan).request(in: event, isJoined: false) == nil)
        }
        let told = Event.answer(RunAnswer.open(open).json)
        #expect(direct.request(in: told, isJoined: true)?.begun == open)
        #expect(joiner.request(in: told, isJoined: false)?.event == needs)
        #expect(RunCourse(mode: .ask).request(in: told, isJoined: false) == nil, "another question")
    }

    @Test func `only secrets of the version that the run began with are sent`() {
        let run = ["a": "v1", "b": "v2", "c": "v3"], here = ["a": "v1", "b": "v9"]
        #expect(Instructions.shared(["a", "b", "c", "d"], run, here) == ["a"])
    }

    /// Without a word for too long it puts its changes back, and those of the other hosts must not stay then.
    @Test func `a run is ready over the next connection only if it tells that it still waits`() throws {
        let waits = Event.answer(RunAnswer.open(OpenRequest(.ready, host: "a", secrets: [:])).json)
        for isHistory in [false, true] {
            var course = begun()
            _ = try course.hear(started, isJoined: false)
            #expect(!course.isReady)
            if !isHistory {
                _ = try course.hear(.ready, isJoined: false)
                #expect(course.isReady)
            }
            course.lose()
            course.begin()
            let running = Event.answer(RunAnswer.record(record(.running)).json)
            for event in [running, .heartbeat] + (isHistory ? [answer(.ready)] : []) {
                _ = try course.hear(event, isJoined: true)
            }
            #expect(!course.isReady && !course.log.isComplete && course.canGoOn(after: lost))
            #expect(course.place.question == .attach(run: Self.id, after: 2))
            #expect(try course.hear(waits, isJoined: true) == nil)
            #expect(course.isReady && course.request(in: waits, isJoined: true) == nil)
        }
    }

    @Test func `a promise is heard over each connection, and is a line of the journal`() throws {
        var course = begun()
        for event in [started, .ready, .promised(round: 1)] { _ = try course.hear(event, isJoined: false) }
        #expect(course.promise == 1)
        course.lose()
        course.begin()
        #expect(course.promise == nil && course.place.question == .attach(run: Self.id, after: 3))
        _ = try course.hear(answer(.promised(round: 2)), isJoined: true)
        #expect(course.promise == 2 && course.place.question == .attach(run: Self.id, after: 4))
    }

    @Test func `a connection that only names the run has brought nothing`() throws {
        var course = begun()
        _ = try course.hear(started, isJoined: false)
        course.lose()
        _ = try course.hear(.answer(RunAnswer.record(record(.running)).json), isJoined: true)
        #expect(course.isLost)
        _ = try course.hear(.heartbeat, isJoined: true)
        #expect(!course.isLost)
    }
}
