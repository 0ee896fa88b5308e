import Foundation
import Testing

@testable import Propel

/// The runs that a machine remembers, from the files that it keeps of them.
@Suite struct RunHistoryTests {
    private let runs: TemporaryDirectory

    init() throws { runs = try TemporaryDirectory() }

    private static let first = "20250131T120000Z-a1", second = "20250131T130000Z-b2"

    private static let changed = Event.property(PropertyReport(path: "a", status: .changed)).json.description
    private static func ended(_ counts: [PropertyReport.Status: Int], interrupted: Bool = false) -> String {
        Event.ended(RunSummary(counts: counts, isInterrupted: interrupted)).json.description
    }

    @discardableResult
    private func keep(_ id: String, _ lines: [String], note: String? = nil) throws -> RunDirectory {
        let directory = RunDirectory(path: runs.path.appending(id))
        try LocalFileSystem().createDirectories(directory.path, mode: 0o700)
        let text = lines.map { $0 + "\n" }.joined()
        try LocalFileSystem().replace(directory.journal, with: Array(text.utf8), mode: 0o600)
        if let note { try LocalFileSystem().replace(directory.note, with: Array(note.utf8), mode: 0o600) }
        return directory
    }

    private func answers(_ question: RunQuestion) async throws -> [RunAnswer] {
        var answers: [RunAnswer] = []
        let history = RunHistory(parents: [runs.path], ongoing: { [self] in ongoing() })
        try await history.answer(question) { answers.append($0) }
        return answers
    }

    /// The record that an answer begins with.
    private func record(_ answers: [RunAnswer]) throws -> RunRecord {
        guard case .record(let record)? = answers.first else { throw Failure("no record: \(answers)") }
        return record
    }

    private func records() async throws -> [RunRecord] {
        try await answers(.list).compactMap { if case .record(let record) = $0 { record } else { nil } }
    }

    @Test func `the list has the newest first, with who began it and what it changed`() async throws {
        try keep(Self.first, [Self.changed, Self.ended([.changed: 1])])
        try keep(
            Self.second, [Self.ended([.ok: 3])],
            note: #"{"deployer":"anna@laptop","only":["web"],"operation":"backup"}"#)
        let records = try await records()
        #expect(records.map(\.id) == [Self.second, Self.first])
        #expect(records.map(\.deployer) == ["anna@laptop", nil], "an earlier version has noted nobody")
        #expect(records[0].only == ["web"] && records[0].operation == "backup")
        #expect(records.map(\.begun) == ["2025-01-31T13:00:00Z", "2025-01-31T12:00:00Z"])
        #expect(records.map(\.ending) == [.converged, .converged])
        #expect(records[1].counts[.changed] == 1)
    }

    @Test func `each way to end is told`() async throws {
        var failure = Failure("sick")
        failure.isRolledBack = true
        var report = PropertyReport(path: "a", status: .failed)
        report.failure = failure
        let rolledBack = Event.property(report).json.description
        (failure.isRolledBack, failure.isPutBack) = (false, true)
        report.failure = failure
        let putBack = Event.property(report).json.description
        let refused = Event.refused(Failure("no")).json.description
        let locked = Event.locked(LockHolder(deployer: "ben@pc", since: "now", run: Self.first)).json.description
        var summary = RunSummary(counts: [.changed: 1])
        summary.restart = Restart(reason: "kernel", boot: "1")
        let restarted = Event.ended(summary).json.description
        let expected: [([String], RunRecord.Ending)] = [
            ([Self.ended([.failed: 1])], .failed), ([rolledBack, Self.ended([.failed: 1])], .rolledBack),
            ([rolledBack, Self.ended([.failed: 2])], .failed), ([putBack, Self.ended([.failed: 1])], .putBack),
            ([putBack, Self.ended([.failed: 2])], .failed),
            ([putBack, rolledBack, Self.ended([.failed: 2])], .rolledBack),
            ([Self.ended([:], interrupted: true)], .interrupted),
            ([refused], .refused), ([locked], .locked), ([restarted], .restarted), ([Self.changed], .killed),
            ([], .killed),
        ]
        for (lines, ending) in expected {
            try keep(Self.first, lines)
            #expect(try await records().map(\.ending) == [ending], "\(lines)")
        }
    }

    /// The run was killed while it put things back, so nothing but the reports tells what it has done.
    @Test func `what was put back before a run was killed counts as failed, and no longer as changed`() async throws {
        var failure = Failure("put back, since web2 failed")
        failure.isPutBack = true
        let other = Event.property(PropertyReport(path: "b", status: .changed)).json.description
        let putBack = Event.property(PropertyReport(path: "a", status: .failed, failure: failure)).json.description
        try keep(Self.first, [Self.changed, other, putBack])
        let records = try await records()
        #expect(records.map(\.ending) == [.killed] && records[0].counts.counts == [.changed: 1, .failed: 1])
    }

    @Test func `a wait for a restart is no run, and neither is a stray directory`() async throws {
        try keep(Self.first, [Event.restarting.json.description])
        try keep(Self.second, [Event.begun(run: Self.first).json.description])
        try keep("20250231T120000Z-a1", [Self.ended([:])])
        try keep("lost+found", [Self.ended([:])])
        #expect(try await answers(.list) == [])
    }

    @Test func `a damaged journal or note hides no other run`() async throws {
        try keep(Self.first, ["{", Self.changed, #"{"kind":"of the future"}"#], note: "{")
        try keep(Self.second, [Self.ended([.ok: 1])])
        let records = try await records()
        #expect(records.map(\.ending) == [.converged, .killed])
        #expect(records[1].counts[.changed] == 1 && records[1].deployer == nil)
    }

    @Test func `at most twenty runs are listed`() async throws {
        for minute in 10..<35 { try keep("20250131T12\(minute)00Z-a1", [Self.ended([:])]) }
        let records = try await records()
        #expect(records.count == 20 && records.first?.id == "20250131T123400Z-a1")
    }

    @Test func `the log of a run has its events, and says which lines are damaged`() async throws {
        try keep(Self.first, [Self.changed, "half a li", Self.ended([.changed: 1])])
        try keep(Self.second, [Self.ended([.ok: 1])])
        let answers = try await answers(.journal(run: Self.first))
        let record = try record(answers)
        #expect(record.id == Self.first)
        #expect(
            Array(answers.dropFirst()) == [
                .event(.property(PropertyReport(path: "a", status: .changed))), .damaged,
                .event(.ended(RunSummary(counts: [.changed: 1]))),
            ])
    }

    @Test func `the newest run is shown by default`() async throws {
        try keep(Self.first, [Self.changed])
        try keep(Self.second, [Self.ended([.ok: 1])])
        let answers = try await answers(.journal(run: nil))
        #expect(answers.dropFirst() == [.event(.ended(RunSummary(counts: [.ok: 1])))])
    }

    @Test(arguments: ["20250131T140000Z-c3", "../20250131T120000Z-a1", ""])
    func `a run that is not there is answered with those that are`(_ id: String) async throws {
        try keep(Self.first, [Self.ended([:])])
        #expect(try await answers(.journal(run: id)) == [.unknown(known: [Self.first])])
    }

    @Test func `without a run that is going on, the last one is told`() async throws {
        #expect(try await answers(.attach()) == [])
        try keep(Self.first, [Self.ended([:])])
        let answers = try await answers(.attach())
        let record = try record(answers)
        #expect(answers.count == 1)
        #expect(record.id == Self.first && record.ending == .converged)
    }

    private static let programs: FilePath = "/var/lib/propel/enforcers"
    private var proc: FilePath { runs.path.appending("proc") }

    /// A process of proc(5) that has the command line of a run, executed from a file; an enforcer by default.
    @discardableResult
    private func process(
        _ number: Int, of run: String, program: FilePath = Self.programs.appending("aa")
    ) throws -> FilePath {
        let directory = proc.appending("\(number)")
        try LocalFileSystem().createDirectories(directory, mode: 0o700)
        let line = ["propel-enforce", "detached", run].map { $0 + "\0" }.joined()
        try LocalFileSystem().replace(directory.appending("cmdline"), with: Array(line.utf8), mode: 0o600)
        try FileManager.default.createSymbolicLink(
            atPath: directory.appending("exe").string, withDestinationPath: program.string)
        return directory
    }

    private func ongoing() -> OngoingRuns { OngoingRuns(in: proc, programs: Self.programs) }

    @Test func `a run goes on as long as its process is there`() throws {
        let own = try process(1, of: Self.first)
        // Another program can be started under any name.
        try process(2, of: Self.second, program: "/usr/bin/sudo")
        try process(3, of: "x")
        let ongoing = ongoing()
        #expect(ongoing.ids == [Self.first])
        #expect(ongoing.isStillGoingOn(Self.first))
        try LocalFileSystem().replace(own.appending("cmdline"), with: [], mode: 0o600)
        #expect(!ongoing.isStillGoingOn(Self.first), "a process that has ended has an empty command line")
    }

    @Test func `who joins a run gets it from its beginning to its end`() async throws {
        let directory = try keep(Self.first, [Self.changed])
        let own = try process(1, of: Self.first)
        let history = RunHistory(parents: [runs.path], ongoing: { [self] in ongoing() }, interval: .zero)
        var answers: [RunAnswer] = []
        try await history.answer(.attach()) { answer in
            answers.append(answer)
            // The run ends once its first event has been seen.
            guard case .event(.property) = answer else { return }
            try? Journal(appendingTo: directory.journal).append(.ended(RunSummary(counts: [.changed: 1])))
            try? LocalFileSystem().replace(own.appending("cmdline"), with: [], mode: 0o600)
        }
        let record = try record(answers)
        #expect(record.ending == .running)
        #expect(
            Array(answers.dropFirst()) == [
                .event(.property(PropertyReport(path: "a", status: .changed))),
                .event(.ended(RunSummary(counts: [.changed: 1]))),
            ])
    }

    /// Between two looks at the journal a process can write its last events and exit.
    @Test func `what a run writes last is told, whenever it ends`() async throws {
        let directory = try keep(Self.first, [Self.changed])
        let reports = ["a", "b", "c"].map { PropertyReport(path: $0, status: .changed) }
        let events = reports.map { Event.property($0) }
        var told: [RunAnswer] = [], looks = 0
        let history = RunHistory(parents: [runs.path], interval: .zero)
        func isGoingOn() -> Bool {
            try? Journal(appendingTo: directory.journal).append(events[looks + 1])
            looks += 1
            return looks < 2
        }
        try await history.send(directory, after: 0, { told.append($0) }, while: isGoingOn)
        #expect(told == events.map { RunAnswer.event($0) })
        #expect(looks == 2)
    }

    @Test func `a lost connection gets the rest of its run, also if that has ended since`() async throws {
        try keep(Self.first, [Self.changed, "half a li", Self.changed, Self.ended([.changed: 2])])
        try keep(Self.second, [])
        let rest = try await answers(.attach(run: Self.first, after: 2))
        let record = try record(rest)
        #expect(record.id == Self.first && record.ending == .converged)
        #expect(
            Array(rest.dropFirst()) == [
                .event(.property(PropertyReport(path: "a", status: .changed))),
                .event(.ended(RunSummary(counts: [.changed: 2]))),
            ])
        #expect(try await answers(.attach(run: Self.first, after: 9)).count == 1)
        #expect(
            try await answers(.attach(run: "20250131T140000Z-c3", after: 1))
                == [.unknown(known: [Self.second, Self.first])])
    }

    @Test func `a process whose request has not arrived is no run to join`() async throws {
        try keep(Self.first, [])
        try keep(Self.second, [Self.changed, Self.ended([.changed: 1])])
        try process(1, of: Self.first)
        try process(2, of: Self.second)
        let history = RunHistory(parents: [runs.path], ongoing: { [self] in ongoing() })
        var answers: [RunAnswer] = []
        try await history.answer(.attach()) { answers.append($0) }
        let record = try record(answers)
        #expect(record.id == Self.second)
        var listed: [RunAnswer] = []
        try await history.answer(.list) { listed.append($0) }
        #expect(listed.count == 1, "it is no run to list either: \(listed)")
    }

    @Test func `what a run was asked for is kept beside its journal, and nothing else of it`() throws {
        let directory = try keep(Self.first, [])
        var request = Request(
            entry: HostEntry(name: "web1", role: "web", keys: ["token": "do not keep"]), only: ["web"],
            deployer: "anna@laptop", secrets: ["key": "v1"])
        request.operation = HostOperation("backup", arguments: ["stack": "do not keep"])
        RequestNote(request).write(to: directory)
        #expect(RequestNote(of: directory) == RequestNote(request))
        #expect(try !LocalFileSystem().text(directory.note).contains("do not keep"))
        #expect(try LocalFileSystem().status(of: directory.note)?.mode == 0o600)
    }
}
