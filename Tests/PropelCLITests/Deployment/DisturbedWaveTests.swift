import Propel
import Properties
import SSHTransport
import Testing

@testable import PropelCLI

/// Hosts that are deployed together, and whose links are cut or frozen at any message: they end in the same way.
@Suite struct DisturbedWaveTests {
    typealias Disturbance = LinkedMachine.Disturbance

    private let package: PackageFolder
    private let session: Session
    private let targets: [Target]
    private let enforcers: Enforcers

    init() async throws {
        let package = try PackageFolder()
        try package.write("[a]\nrole = \"web\"\n[b]\nrole = \"web\"\n", "hosts.conf")
        let checkout = Checkout(root: package.root), session = Session(checkout)
        let fleet = Fleet(Role("web", runs: Debian.self) { _ in File("/srv/site", "text\n") })
        (targets, enforcers) = try await Fleet.$current.withValue(fleet) {
            let targets = try await checkout.withFiles(checkout.targets(["a", "b"]))
            let conf = try checkout.hostsConf
            return (targets, Enforcers(checkout: checkout, conf: conf, prompter: session.prompter))
        }
        self.package = package
        self.session = session
    }

    /// A run that converges, and waits for its wave.
    private func ready() -> LinkedMachine {
        var failure = Failure("put back, since another host failed")
        failure.isPutBack = true
        return LinkedMachine(
            events: [
                .started(run: LinkedMachine.run, host: LinkedMachine.host, system: "Debian", steps: 1),
                .property(PropertyReport(path: "a", status: .changed)), .ready,
                .ended(RunSummary(counts: [.changed: 1])),
            ],
            putBack: [
                .property(PropertyReport(path: "a", status: .failed, failure: failure)),
                .ended(RunSummary(counts: [.failed: 1])),
            ])
    }

    /// A run that fails by itself, and waits for nobody.
    private func failing() -> LinkedMachine {
        LinkedMachine(events: [
            .started(run: LinkedMachine.run, host: LinkedMachine.host, system: "Debian", steps: 1),
            .property(PropertyReport(path: "a", status: .failed, failure: Failure("no luck"))),
            .ended(RunSummary(counts: [.failed: 1])),
        ])
    }

    /// Follows the run of a host, over connections that are disturbed one after the other; later ones are not.
    private func follow(
        _ machine: LinkedMachine, _ target: Target, in wave: Wave, _ disturbances: [Disturbance]
    ) async throws -> Outcome.Result {
        var run = HostRun(session: session, target: target, mode: .enforce, enforcers: enforcers) { _ in }
        run.clock = machine.clock
        (run.isTogether, run.wave) = (true, wave)
        let follower = run
        var course = RunCourse(mode: .enforce)
        try await follower.keepFollowing(&course) { _ in
        } over: { course in
            // More would be a run that never ends.
            guard machine.connections < 20 else { throw Failure("connected too often") }
            course.connect()
            let number = machine.connections
            let streams = machine.connect(number < disturbances.count ? disturbances[number] : nil)
            try await follower.follow(streams, &course) { _ in nil }
        }
        let outcome = course.log.outcome(of: target.name, seconds: 0)
        wave.finish(outcome)
        return outcome.result
    }

    /// - Returns: how both hosts end.
    private func deploy(
        with other: LinkedMachine, _ disturbances: [Disturbance]
    ) async throws -> [Outcome.Result] {
        let wave = Wave(targets.map(\.name)), machine = ready(), targets = targets
        async let first = follow(machine, targets[0], in: wave, disturbances)
        async let second = follow(other, targets[1], in: wave, [])
        return try await [first, second]
    }

    /// Every message of the run: the events with a promise, and the request with what the wave tells.
    private static let places = Disturbance.Kind.allCases.flatMap { kind -> [Disturbance] in
        (0..<6).map { Disturbance(kind: kind, side: .down, count: $0) }
            + (0..<5).map { Disturbance(kind: kind, side: .up, count: $0) }
    }

    @Test func `both stay where nothing is disturbed, and both go back where one fails`() async throws {
        #expect(try await deploy(with: ready(), []) == [.converged, .converged])
        #expect(try await deploy(with: failing(), []) == [.rolledBack, .failed])
    }

    @Test(arguments: places) func `wherever the link to one is lost, both end in the same way`(
        _ place: Disturbance
    ) async throws {
        #expect(try await deploy(with: ready(), [place]) == [.converged, .converged])
        #expect(try await deploy(with: failing(), [place]) == [.rolledBack, .failed])
    }

    @Test func `a link may be lost again and again`() async throws {
        for first in Self.places where first.kind == .cut {
            for second in Self.places where second.kind == .cut && second.side != first.side {
                #expect(
                    try await deploy(with: ready(), [first, second]) == [.converged, .converged],
                    "\(first), \(second)")
            }
        }
    }
}
