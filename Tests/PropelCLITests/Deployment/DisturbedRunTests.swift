import Foundation
import Propel
import Properties
import SSHTransport
import Synchronization
import Testing

@testable import PropelCLI

/// A run whose link is cut or frozen at any of its messages, in either direction: it ends as an undisturbed one.
@Suite struct DisturbedRunTests {
    typealias Disturbance = LinkedMachine.Disturbance

    private let package: PackageFolder
    private let session: Session
    private let target: Target
    private let enforcers: Enforcers
    /// A file of three pieces, which the run asks for.
    private let content = Array(String(repeating: "0123456789abcdef", count: 9_000).utf8)

    init() async throws {
        let package = try PackageFolder()
        try package.write("[\(LinkedMachine.host)]\nrole = \"web\"\n", "hosts.conf")
        try package.make("files")
        try package.write(String(decoding: content, as: UTF8.self), "files/site")
        let checkout = Checkout(root: package.root), session = Session(checkout)
        let fleet = Fleet(Role("web", runs: Debian.self) { _ in File("/srv/site", from: "files/site") })
        (target, enforcers) = try await Fleet.$current.withValue(fleet) {
            let targets = try await checkout.withFiles(checkout.targets([LinkedMachine.host]))
            let conf = try checkout.hostsConf
            return (targets[0], Enforcers(checkout: checkout, conf: conf, prompter: session.prompter))
        }
        self.package = package
        self.session = session
    }

    /// The phases of a run: survey, a file of the repository, changes, a guarded one, and the end.
    private var events: [Event] {
        [
            .started(run: LinkedMachine.run, host: LinkedMachine.host, system: "Debian", steps: 3),
            .property(PropertyReport(path: "a", status: .ok)),
            .fetch(ContentRange(hash: SHA256.hash(content), offset: 0, size: content.count)),
            .applying(path: "b"),
            .property(PropertyReport(path: "b", status: .changed)),
            .confirm(token: "1f"),
            .property(PropertyReport(path: "c", status: .changed)),
            .ended(RunSummary(counts: [.ok: 1, .changed: 2])),
        ]
    }

    /// What follows where nobody has confirmed the last change.
    private var putBack: [Event] {
        var failure = Failure("put back, since nobody has confirmed it")
        failure.isPutBack = true
        return [
            .property(PropertyReport(path: "c", status: .failed, failure: failure)),
            .ended(RunSummary(counts: [.ok: 1, .changed: 1, .failed: 1])),
        ]
    }

    private func newMachine() -> LinkedMachine { LinkedMachine(events: events, putBack: putBack) }

    /// Follows the run, over connections that are disturbed one after the other; later ones are not.
    /// - Parameter errors: what ends attempts to connect before a request is sent, the first one after the login.
    /// - Returns: what is told, and the outcome.
    private func follow(
        _ machine: LinkedMachine, _ disturbances: [Disturbance] = [], failing errors: [TransportError] = [],
        mode: HostRun.Mode = .enforce,
        confirm: @escaping @Sendable (_ token: String) async -> Unconfirmed?
    ) async throws -> ([Event], Outcome) {
        let told = Mutex<[Event]>([])
        var run = HostRun(session: session, target: target, mode: mode, enforcers: enforcers) { progress in
            if case .event(let event) = progress { told.withLock { $0.append(event) } }
        }
        run.clock = machine.clock
        let follower = run
        var course = RunCourse(mode: mode), failures = errors[...]
        try await follower.keepFollowing(&course) { _ in
        } over: { course in
            // More would be a run that never ends.
            guard machine.connections < 20 else { throw Failure("connected too often") }
            course.connect()
            if let error = failures.popFirst() { throw error }
            let number = machine.connections
            let streams = machine.connect(number < disturbances.count ? disturbances[number] : nil)
            try await follower.follow(streams, &course, confirm: confirm)
        }
        return (told.withLock { $0 }, course.log.outcome(of: LinkedMachine.host, seconds: 0))
    }

    private func expectUndisturbed(
        _ machine: LinkedMachine, _ told: [Event], _ outcome: Outcome, _ comment: Comment
    ) throws {
        #expect(told == events, comment)
        #expect(outcome.result == .converged && outcome.counts.counts == [.ok: 1, .changed: 2], comment)
        #expect(machine.content == content, comment)
        try machine.thaw()
        #expect(machine.runs == 1, comment)
    }

    /// Every message of an undisturbed run: eight events, and the request with three pieces of the file.
    private static let places = Disturbance.Kind.allCases.flatMap { kind -> [Disturbance] in
        (0..<8).map { Disturbance(kind: kind, side: .down, count: $0) }
            + (0..<4).map { Disturbance(kind: kind, side: .up, count: $0) }
    }

    @Test func `an undisturbed run takes one connection`() async throws {
        let machine = newMachine()
        let (told, outcome) = try await follow(machine) { machine.confirm($0) }
        try expectUndisturbed(machine, told, outcome, "undisturbed")
        #expect(machine.connections == 1)
    }

    @Test func `a link that is lost in the upload is restored, however the machine refuses for a while`() async throws {
        let machine = newMachine(), host = LinkedMachine.host
        let errors: [TransportError] = [
            LinkedMachine.lost, .unreachable(host: host, attempts: []), .nameNotFound(host: host, reason: "offline"),
            .handshakeFailed(host: host, reason: "closed"), LinkedMachine.lost,
        ]
        let (told, outcome) = try await follow(machine, failing: errors) { machine.confirm($0) }
        try expectUndisturbed(machine, told, outcome, "in the upload")
        #expect(machine.connections == 1)
    }

    @Test func `a machine with another host key is not asked for its run again`() async throws {
        let machine = newMachine()
        let changed = TransportError.hostKeyChanged(host: LinkedMachine.host, presented: "x", expected: [])
        await #expect(throws: changed) {
            _ = try await follow(machine, failing: [LinkedMachine.lost, changed]) { machine.confirm($0) }
        }
        #expect(machine.runs == 0)
    }

    @Test(arguments: places) func `a run that is disturbed anywhere ends as an undisturbed one`(
        _ place: Disturbance
    ) async throws {
        let machine = newMachine()
        let (told, outcome) = try await follow(machine, [place]) { machine.confirm($0) }
        try expectUndisturbed(machine, told, outcome, "\(place)")
        #expect(machine.connections > 1, "\(place)")
    }

    @Test(arguments: places) func `a run whose next connection is disturbed too ends as an undisturbed one`(
        _ place: Disturbance
    ) async throws {
        for count in 0..<4 {
            for kind in Disturbance.Kind.allCases {
                let machine = newMachine(), next = Disturbance(kind: kind, side: .down, count: count)
                let (told, outcome) = try await follow(machine, [place, next, next]) { machine.confirm($0) }
                try expectUndisturbed(machine, told, outcome, "\(place), then \(next)")
            }
        }
    }

    @Test(arguments: Disturbance.Kind.allCases) func `a plan that is disturbed anywhere is asked again and told once`(
        _ kind: Disturbance.Kind
    ) async throws {
        let plan: [Event] = [
            .started(run: "", host: LinkedMachine.host, system: "Debian", steps: 2),
            .property(PropertyReport(path: "a", status: .ok)),
            .property(PropertyReport(path: "b", status: .wouldChange)),
            .ended(RunSummary(counts: [.ok: 1, .wouldChange: 1])),
        ]
        for first in plan.indices {
            for second in plan.indices {
                let machine = LinkedMachine(events: plan)
                let places = [first, second].map { Disturbance(kind: kind, side: .down, count: $0) }
                let (told, outcome) = try await follow(machine, places, mode: .plan) { _ in nil }
                #expect(told == plan && machine.connections == 3 && machine.runs == 0, "\(places)")
                #expect(ExitStatus.summing([outcome]) == .changesFound, "\(places)")
            }
        }
    }

    @Test func `a guarded change is confirmed after the link was lost while the machine waited`() async throws {
        let machine = newMachine(), attempts = Mutex(0)
        let (told, outcome) = try await follow(machine) { token in
            let isFirst = attempts.withLock { attempts in
                attempts += 1
                return attempts == 1
            }
            if isFirst {
                // The network is away, for the run and for the new connection.
                machine.cut()
                return Unconfirmed(.address, "no route to host")
            }
            return machine.confirm(token)
        }
        try expectUndisturbed(machine, told, outcome, "cut while armed")
        let attempted = attempts.withLock { $0 }
        #expect(machine.connections == 2 && attempted == 2)
    }

    @Test func `a guarded change that nobody can confirm in time is put back, and the run is heard to its end`()
        async throws
    {
        let machine = newMachine()
        let (told, outcome) = try await follow(machine) { _ in
            machine.cut()
            machine.letTheTimePass()
            return Unconfirmed(.address, "no route to host")
        }
        #expect(told == Array(events.prefix(6)) + putBack)
        #expect(ExitStatus.summing([outcome]) == .rolledBack)
        #expect(machine.runs == 1 && machine.connections == 2)
    }
}
