import Propel
import PropelTesting
import RecordedOperations
import Testing

/// Random trees of properties: the plan predicts exactly what the run then does.
@Suite(.recorded) struct PlanTests {
    @Test(arguments: 0..<8) func `the plan of a random tree is what the run does`(part: UInt64) async {
        for seed in part * 20..<part * 20 + 20 { await comparePlanAndRun(seed: seed) }
    }

    private func comparePlanAndRun(seed: UInt64) async {
        var generator = SeededGenerator(seed: seed)
        let tree = RandomTree(using: &generator)
        let fake = FakeMachine()
        for flag in tree.initial { fake.put(flag: flag) }
        let before = fake.files.snapshot

        let plan = await fake.plan(tree.host)
        #expect(fake.files.writes.isEmpty)
        #expect(fake.files.snapshot == before)

        let run = await fake.enforce(tree.host)
        let planned = plan.all.filter { $0.place != nil }, done = run.all.filter { $0.place != nil }
        #expect(planned.map(\.path) == done.map(\.path))
        // A property that is unknown in the plan may end in any way, and its dependents too.
        let isSurprising = zip(planned, done).contains {
            $0.status == .unknown && $1.status != .changed && $1.status != .ok
        }
        for (prediction, outcome) in zip(planned, done) {
            switch prediction.status {
            case .ok:
                #expect(
                    outcome.status == .ok || isSurprising && outcome.status == .skipped,
                    "\(prediction.path) of seed \(seed)")
            case .skipped, .failed: #expect(outcome.status == prediction.status, "\(prediction.path) of seed \(seed)")
            case .wouldChange:
                #expect(
                    outcome.status == .changed || isSurprising && outcome.status == .skipped,
                    "\(prediction.path) of seed \(seed)")
                #expect(outcome.status == .skipped || outcome.detail == prediction.detail)
            case .unknown: break
            case .changed: Issue.record("a plan changes nothing")
            }
        }
        for action in run.all where action.place == nil {
            #expect(plan[action.path] != nil, "the plan of seed \(seed) is silent about \(action.path)")
        }
        for prediction in plan.all where prediction.place == nil {
            let outcome = run[prediction.path]?.status
            switch prediction.status {
            case .wouldChange:
                #expect(outcome == .changed || isSurprising && outcome != .failed, "\(prediction.path) of seed \(seed)")
            case .skipped: #expect(outcome == .skipped)
            default: #expect(prediction.status == .unknown)
            }
        }

        let writes = fake.files.writes.count
        let second = await fake.enforce(tree.host)
        for (first, second) in zip(done, second.all.filter { $0.place != nil }) {
            switch first.status {
            case .ok, .changed: #expect(second.status == .ok, "\(second.path) of seed \(seed)")
            default: #expect(second.status == first.status, "\(second.path) of seed \(seed)")
            }
        }
        #expect(fake.files.writes.count == writes, "the second run of seed \(seed) writes")
    }
}

/// Properties with requirements, groups, conditions, actions, batches, side effects on later ones, and failures.
private struct RandomTree {
    var initial: [String] = []
    let host: Host

    private struct Batched: Batchable {
        typealias Target = UnixLike
        let flag: Flag
        var name: String { flag.name }
        var batch: String { "batch" }
        func check(on machine: Machine) async throws -> Check { try await flag.check(on: machine) }
        func apply(with others: [any Batchable], on machine: Machine) async throws {
            try await flag.apply(on: machine)
            for case let other as Batched in others { try await other.flag.apply(on: machine) }
        }
    }

    init(using generator: inout SeededGenerator) {
        var declarations: [Declaration] = []
        var names: [String] = []
        for index in 0..<Int.random(in: 1...12, using: &generator) {
            let name = "p\(index)"
            var flag = Flag(name)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                // Its check always fails.
                flag = flag.answering { _ in throw Failure("broken") }
            case 1 where !names.isEmpty:
                // Undetermined until an earlier one is applied.
                let provider = names.randomElement(using: &generator) ?? ""
                flag = flag.answering {
                    try $0.files.status(of: Flag.path(provider)) == nil ? .unknown(until: provider) : nil
                }
            case 2 where !names.isEmpty:
                // Its check fails before that.
                let provider = names.randomElement(using: &generator) ?? ""
                flag = flag.answering {
                    if try $0.files.status(of: Flag.path(provider)) == nil { throw Failure("no \(provider)") }
                    return nil
                }
            case 3:
                // Brings a later one about.
                let other = "p\(index + Int.random(in: 1...3, using: &generator))"
                flag = Flag(name) { try $0.set(other) }
            default: break
            }
            if Int.random(in: 0..<3, using: &generator) == 0 { initial.append(name) }

            let place = SourcePlace(fileID: "PropelTests/Random.swift", line: UInt(index))
            var declaration =
                Bool.random(using: &generator)
                ? flag.declaration(at: place) : Batched(flag: flag).declaration(at: place)
            if Int.random(in: 0..<3, using: &generator) == 0 {
                declaration.actions.append(Note("action\(Int.random(in: 0..<3, using: &generator))"))
            }
            if Int.random(in: 0..<5, using: &generator) == 0 {
                declaration.immediateActions.append(Note("action\(Int.random(in: 0..<3, using: &generator))"))
            }
            if Int.random(in: 0..<4, using: &generator) == 0,
                let earlier = declarations.randomElement(using: &generator)
            {
                declaration.requirements.append(earlier)
            }
            if Int.random(in: 0..<6, using: &generator) == 0 {
                let members = [declaration]
                let release = Bool.random(using: &generator) ? 12 : 13
                declaration = WhenOS(UnixLike.self, release: release) { members }.declaration(at: place)
            } else if Int.random(in: 0..<6, using: &generator) == 0 {
                declaration = Declaration(name: "group\(index)", place: place, content: .group([declaration]))
            }
            declarations.append(declaration)
            names.append(name)
        }
        let all = declarations
        host = Host("random", runs: Debian.self) { all }
    }
}
