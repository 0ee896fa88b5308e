import PropelTesting
import Synchronization

@testable import Propel

/// Runs whose guarded changes are confirmed, or not.
final class GuardedRun: Sendable {
    let fake: FakeMachine
    private let count = Mutex(0)

    init(_ fake: FakeMachine) { self.fake = fake }

    /// How often a confirmation was asked for.
    var questions: Int { count.withLock { $0 } }

    @discardableResult
    func enforce(
        isConfirmed: Bool, @PropertyBuilder<Debian> _ properties: () -> [Declaration]
    ) async -> [PropertyReport] {
        fake.machine.forgetFacts()
        let all = Reported()
        var engine = Engine(host: Host("test", runs: Debian.self, properties), machine: fake.machine) { event in
            if case .property(let report) = event { all.add(report) }
        }
        let safeguard = Safeguard(machine: fake.machine)
        engine.guarding = Guarding(program: "/propel-enforce", run: "run", process: nil) { [self] token in
            count.withLock { $0 += 1 }
            guard isConfirmed, (try? safeguard.confirm(token, by: nil)) != nil else {
                return Unconfirmed(.login, "permission denied")
            }
            return nil
        }
        engine.guarding?.settling = .zero
        _ = await engine.enforce()
        return all.reports
    }

    private final class Reported: Sendable {
        private let list = Mutex<[PropertyReport]>([])
        func add(_ report: PropertyReport) { list.withLock { $0.append(report) } }
        var reports: [PropertyReport] { list.withLock { $0 } }
    }
}
