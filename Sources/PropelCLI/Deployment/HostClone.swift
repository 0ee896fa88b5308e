import SSHTransport
import Foundation
import HostsConf
import Propel
import Properties

/// The stacks of a host that are to have a copy of the data of another one.
struct HostClone {
    /// What else is done with the host.
    let run: OperationRun

    private var session: Session { run.session }
    private var target: Target { run.target }

    /// Why data have not come; the host that they come from has told the reason already.
    struct NotPrepared: Error {
        var status: ExitStatus
    }

    /// The stacks with where their data come from.
    /// - Parameter name: of the one that is meant; nil for all.
    static func stacks(of target: Target, named name: String? = nil) -> [(stack: Stack, origin: String)] {
        target.host.stacks.compactMap { stack in
            guard let origin = stack.origin, name == nil || name == stack.name else { return nil }
            return (stack, origin)
        }
    }

    /// What the host says whose data its stacks have, by their names.
    static func states(_ answers: [JSON]) -> [String: CloneState] {
        Dictionary(
            answers.compactMap { answer in
                guard let name = answer["stack"]?.string, let state = answer["state"]?.string.flatMap(CloneState.init)
                else { return nil }
                return (name, state)
            }
        ) { first, _ in first }
    }

    /// Brings a copy of the data of another host. It is one of this host's backups then.
    /// - Returns: its name.
    /// - Throws: ``NotPrepared``, and what ``Relay/run()`` does.
    func bring(_ stack: Stack, from origin: String) async throws -> String {
        guard let source = try session.checkout.deployableTargets([origin]).first else {
            throw UsageError(description: "there is no host \(origin)")
        }
        let id = "\(Timestamp.now.compact)-clone"
        let about = ["stack": stack.name, "origin": origin, "target": target.name, "id": id]
        Terminal.error.print("Copying the data of \(stack.name) from \(origin) to \(target.name).".printable)
        let preparing = OperationRun(session: session, target: source)
        let status = try await preparing.perform(HostOperation("prepare a copy", arguments: about))
        guard status == .converged else { throw NotPrepared(status: status) }

        let interruption = session.interruption, reporter = session.reporter(for: [target.name])
        interruption.listen { reporter.pause($0) }
        defer {
            interruption.end()
            reporter.pause(true)
        }
        let clock = ContinuousClock(), start = clock.now
        let relay = Relay(
            session: session,
            source: Relay.End(target: source, operation: HostOperation("send a copy", arguments: about)),
            destination: Relay.End(target: target, operation: HostOperation("receive a copy", arguments: about)),
            enforcers: try await session.enforcers(for: [source, target])
        ) { [target] in reporter.report($0, of: target.name) }
        reporter.report(.doing("connecting"), of: target.name)
        let bytes = try await relay.run()
        reporter.pause(true)
        Terminal.error.print(
            "\(bytes.inBytes) came from \(origin) to \(target.name) in \(ReportText.duration((clock.now - start).inSeconds))."
                .printable)
        return id
    }
}

extension Outcome {
    /// Of a host that was to get data, and did not get them.
    init(of host: String, withoutDataFrom origin: String, because error: any Error, seconds: Double) {
        var log = EventLog(mode: .ask)
        switch error {
        case let error as HostClone.NotPrepared:
            log.fail(
                Failure(
                    "\(origin) did not copy its data for it",
                    advice: "See what was said of that above. Nothing was changed here."), on: host,
                isInterrupted: error.status == .interrupted)
        case let error as TransportError:
            // It may be either of the two.
            log.fail(error, on: "", isInterrupted: false)
        default: log.fail(error, on: host, isInterrupted: error is CancellationError)
        }
        self = log.outcome(of: host, seconds: seconds)
        if let status = (error as? HostClone.NotPrepared)?.status {
            if status == .unreachable { result = .unreachable }
            if status == .locked { result = .locked }
        }
    }
}

extension Checkout {
    /// What is wrong with whose data a host is to have, in words.
    func originProblems(of target: Target, _ conf: HostsConf) throws -> [String] {
        guard let origin = target.machine.entry.from else { return [] }
        let stacks = HostClone.stacks(of: target).filter { $0.origin == origin }
        guard !stacks.isEmpty else {
            return [
                "hosts.conf:\(target.machine.line): it is to have data from \(origin), and its role \(target.machine.entry.role) has no stack that takes them: Stack(…, dataFrom: host.from)"
            ]
        }
        let source = try self.target(conf.host(named: origin))
        return stacks.compactMap { stack, _ in
            source.host.stacks.contains { $0.name == stack.name }
                ? nil : "its stack \(stack.name) is to have the data of \(origin), which has no stack of that name"
        }
    }
}
