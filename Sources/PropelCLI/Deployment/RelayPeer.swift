import Propel
import SSHTransport

/// The enforcer at one end of a relay.
final class RelayPeer: Sendable {
    let run: RemoteRun
    let watchdog: Watchdog
    private let connection: Connection
    private let target: Target

    /// Connects to the host, and starts the enforcer.
    /// - Parameter mode: `send` or `receive`.
    init(_ mode: String, _ end: Relay.End, _ relay: Relay) async throws {
        target = end.target
        (connection, run) = try await end.target.start(mode, relay.enforcers, prompter: relay.session.prompter) {
            progress in
            // The caller has already reported that it connects.
            if case .doing = progress {} else { relay.report(progress) }
        }
        watchdog = Watchdog(limit: HostRun.silenceLimit) { [run] in await run.cancel() }
    }

    deinit { watchdog.stop() }

    var unexpectedAnswer: Failure {
        Failure(
            "unexpected answer from \(target.name)", advice: "Run again. If it happens again, it is a bug of Propel.")
    }

    func request(_ operation: HostOperation) async throws {
        try await run.send(target.request(operation: operation).json.description)
    }

    /// The next event.
    /// - Throws: ``Failure`` if the enforcer refuses to go on; `TransportError.linkLost`.
    func next() async throws -> Event {
        let lines = run.lines.makeAsyncIterator()
        guard let line = try await lines.next() else {
            throw TransportError.linkLost(
                host: target.name,
                reason: watchdog.didTimeOut ? HostRun.silence : "the enforcer exited too early")
        }
        watchdog.reset()
        let event = try Event(JSON(line: line)).explained(by: target.host)
        if case .refused(var failure) = event {
            failure.message = "\(target.name): \(failure.message)"
            throw failure
        }
        return event
    }

    /// Waits for an answer.
    func answer() async throws -> JSON {
        while true { if case .answer(let answer) = try await next() { return answer } }
    }

    /// Waits until the enforcer is done.
    func untilEnd() async throws {
        while true { if case .ended = try await next() { return } }
    }
}
