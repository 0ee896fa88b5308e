import Propel
import PropelTesting
import RecordedOperations
import Testing

/// What somebody has changed on the machine since the last run, told apart from what the description changes.
@Suite(.recorded) struct DriftTests {
    private let fake = FakeMachine()

    private func drifts(_ reports: Reports) -> [String] {
        reports.events.compactMap { event in
            if case .property(let report) = event, report.isDrift { report.path } else { nil }
        }
    }

    @Test func `what the last run left and the machine no longer has is a drift`() async throws {
        let first = await fake.enforce {
            Flag("a")
            Flag("b")
        }
        #expect(drifts(first) == [])
        try fake.files.remove(Flag.path("a"))
        let plan = await fake.plan {
            Flag("a")
            Flag("b")
            Flag("c")
        }
        #expect(plan.statuses == ["a": .wouldChange, "b": .ok, "c": .wouldChange])
        #expect(drifts(plan) == ["a"])
        let second = await fake.enforce { Flag("a") }
        #expect(drifts(second) == ["a"])
    }

    @Test func `what is described otherwise is no drift`() async throws {
        _ = await fake.enforce { Words(["one", "two"], options: ["x": 1, "y": 2]) }
        try fake.files.remove("/words")
        #expect(drifts(await fake.plan { Words(["one", "two"], options: ["y": 2, "x": 1]) }) == ["words"])
        #expect(drifts(await fake.plan { Words(["one", "three"], options: ["x": 1, "y": 2]) }) == [])
        #expect(drifts(await fake.plan { Words(["one", "two"], options: ["x": 1, "y": 3]) }) == [])
    }

    @Test func `a property that failed, and one that time makes due, are no drift`() async throws {
        _ = await fake.enforce {
            Flag.failing("a")
            Note("tidy up").periodically(every: .seconds(1))
        }
        fake.pass(.seconds(5))
        let plan = await fake.plan {
            Flag("a")
            Note("tidy up").periodically(every: .seconds(1))
        }
        #expect(plan.statuses.values.allSatisfy { $0 == .wouldChange })
        #expect(drifts(plan) == [])
    }

    @Test func `what the last run could not satisfy is no drift, whatever the run before it had left`() async throws {
        _ = await fake.enforce { Flag("a") }
        try fake.files.remove(Flag.path("a"))
        _ = await fake.enforce { Flag("a", setsFlag: false) }
        let plan = await fake.plan { Flag("a") }
        #expect(plan.statuses == ["a": .wouldChange])
        #expect(drifts(plan) == [])
    }

    @Test func `a run on a part forgets nothing of the others`() async throws {
        let host = fake.host {
            Flag("a")
            Flag("b")
        }
        _ = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        _ = await Engine(host: host, only: ["a"], machine: fake.machine) { _ in }.enforce()
        try fake.files.remove(Flag.path("b"))
        #expect(drifts(await fake.plan { Flag("b") }) == ["b"])
    }

    @Test func `a damaged record tells nothing and fails nothing`() async {
        fake.files.put("/var/lib/propel/described.json", "{")
        #expect(drifts(await fake.enforce { Flag("a") }) == [])
    }
}

/// A property whose description is more than its name and its claims.
private struct Words: Property {
    typealias Target = UnixLike

    let words: Set<String>
    let options: [String: Int]

    init(_ words: Set<String>, options: [String: Int]) {
        self.words = words
        self.options = options
    }

    var name: String { "words" }

    func check(on machine: Machine) async throws -> Check {
        try machine.files.status(of: "/words") == nil ? .unmet("absent") : .satisfied
    }

    func apply(on machine: Machine) async throws { try machine.files.replace("/words", with: [1], mode: 0o644) }
}
