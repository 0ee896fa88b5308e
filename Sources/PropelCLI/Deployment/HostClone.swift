import SSHTransport
import Foundation
import HostsConf
import Propel
import Properties

/// Copies the data of one host's stacks to another host.
struct HostClone {
    /// Operations on the host that gets the data.
    let run: OperationRun

    private var session: Session { run.session }
    private var target: Target { run.target }

    /// The error of a copy that its source could not prepare. The reason was reported by that host.
    struct NotPrepared: Error {
        var status: ExitStatus
    }

    /// The stacks of a host that have the data of another one, with that host.
    /// - Parameter name: the name of the only stack to return; nil for all.
    static func stacks(of target: Target, named name: String? = nil) -> [(stack: Stack, origin: String)] {
        target.host.stacks.compactMap { stack in
            guard let origin = stack.origin, name == nil || name == stack.name else { return nil }
            return (stack, origin)
        }
    }

    /// The answers by the names of the stacks.
    static func states(_ answers: [DataOriginAnswer]) -> [String: CloneState] {
        Dictionary(answers.map { ($0.stack, $0.state) }) { first, _ in first }
    }

    /// Copies the data of another host, as a backup of this one.
    /// - Returns: the name of the backup.
    /// - Throws: ``NotPrepared``, and what ``Relay/run()`` does.
    func bring(_ stack: Stack, from origin: String) async throws -> String {
        let source = try await session.checkout.deployableTarget(origin)
        let id = "\(Timestamp.now.compact)-clone"
        let copy = StackOperation.DataCopy(id: id, from: origin, to: target.name)
        Terminal.error.print("Copying the data of \(stack.name) from \(origin) to \(target.name).".printable)
        let preparing = OperationRun(session: session, target: source)
        let status = try await preparing.perform(.prepareCopy(copy), onStack: stack.name)
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
            source: Relay.End(
                target: source, operation: StackOperation.sendCopy(copy).hostOperation(onStack: stack.name)),
            destination: Relay.End(
                target: target, operation: StackOperation.receiveCopy(copy).hostOperation(onStack: stack.name)),
            enforcers: try await session.enforcers(for: [source, target])
        ) { [target] in reporter.report($0, of: target.name) }
        reporter.report(.doing("connecting"), of: target.name)
        let bytes = try await relay.run()
        reporter.pause(true)
        let duration = ReportText.duration((clock.now - start).inSeconds)
        Terminal.error.print("Copied \(bytes.inBytes) from \(origin) to \(target.name) in \(duration).".printable)
        return id
    }
}

extension Outcome {
    /// The outcome of a host to which data could not be copied.
    init(of host: String, withoutDataFrom origin: String, because error: any Error, seconds: Double) {
        var log = EventLog(mode: .ask)
        switch error {
        case let error as HostClone.NotPrepared:
            log.fail(
                Failure(
                    "\(origin) could not prepare a copy of its data",
                    advice: "The reason is reported above. Nothing was changed on this host."), on: host,
                isInterrupted: error.status == .interrupted)
        case let error as TransportError:
            // Its message names the host: it may be either of the two.
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
    /// The problems with the origin of a host's data.
    func originProblems(of target: Target, _ conf: HostsConf) throws -> [String] {
        guard let origin = target.machine.entry.from else { return [] }
        let stacks = HostClone.stacks(of: target).filter { $0.origin == origin }
        guard !stacks.isEmpty else {
            return [
                "hosts.conf:\(target.machine.line): from = \"\(origin)\" has no effect: "
                    + "no stack of the role \(target.machine.entry.role) has dataFrom: host.from"
            ]
        }
        let source = try self.target(conf.host(named: origin), in: conf)
        return stacks.compactMap { stack, _ in
            source.host.stacks.contains { $0.name == stack.name }
                ? nil : "the stack \(stack.name) has its data from \(origin), which has no stack \(stack.name)"
        }
    }
}
