import SSHTransport
import Synchronization

@testable import Propel
@testable import PropelCLI

/// A machine in memory with one run, which goes on without its connections. Each of these can be cut or frozen.
final class LinkedMachine: Sendable {
    static let host = "web", run = "20250131T120000Z-1"

    /// A disturbance of a connection, after a number of messages has passed in one direction.
    struct Disturbance: Sendable, CustomStringConvertible {
        enum Kind: String, CaseIterable { case cut, freeze }
        enum Side: String, CaseIterable { case up, down }

        var kind: Kind
        var side: Side
        var count: Int

        var description: String { "\(kind) after \(count) \(side)" }
    }

    static let lost = TransportError.linkLost(host: host, reason: "Connection reset by peer")

    private let state: Mutex<LinkedMachineState>

    /// - Parameters:
    ///   - events: the events of its run. After a `fetch`, a `confirm` or a `ready` it waits for what it has asked for.
    ///   - putBack: what follows a confirmation that did not come in time, or the decision of a wave to go back.
    init(events: [Event], putBack: [Event] = []) {
        state = Mutex(LinkedMachineState(rest: events[...], putBack: putBack))
    }

    /// The number of runs that have begun.
    var runs: Int { state.withLock(\.requests.count) }
    /// The number of connections.
    var connections: Int { state.withLock(\.links.count) }
    /// The file that has arrived.
    var content: [UInt8] { state.withLock(\.content) }
    /// Time for the laptop, which passes only while a connection is frozen.
    var clock: any Clock<Duration> {
        FrozenClock { [self] in state.withLock(\.isFrozen) }
    }

    /// Accepts a connection.
    func connect(_ disturbance: Disturbance? = nil) -> some EnforcerStreams {
        let (lines, output) = AsyncThrowingStream<String, any Error>.makeStream()
        let number = state.withLock { state in
            state.links.append(LinkedMachineState.Link(disturbance: disturbance, output: output))
            return state.links.count - 1
        }
        return LinkedStreams(machine: self, number: number, textLines: lines)
    }

    /// Takes the token of a new connection.
    func confirm(_ token: String) -> Unconfirmed? {
        state.withLock { $0.confirm(token) }
    }

    /// Cuts all connections.
    func cut() { state.withLock { $0.cut() } }

    /// Lets the time for a confirmation pass.
    func letTheTimePass() { state.withLock { $0.putBackUnconfirmed() } }

    /// Delivers what a frozen connection has kept.
    func thaw() throws { try state.withLock { try $0.thaw() } }

    fileprivate func receive(_ line: String, _ bytes: ArraySlice<UInt8>, from number: Int) throws {
        try state.withLock { try $0.receive(line, bytes, from: number) }
    }

    fileprivate func end(_ number: Int) { state.withLock { $0.end(number) } }
}

/// The laptop's end of a connection.
private struct LinkedStreams: EnforcerStreams {
    let machine: LinkedMachine
    let number: Int
    let textLines: AsyncThrowingStream<String, any Error>

    var errorOutput: String { get async { "" } }

    func send(_ line: String) async throws { try machine.receive(line, [], from: number) }

    func send(bytes: [UInt8]) async throws {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { throw MalformedMessage(message: "no line") }
        try machine.receive(String(decoding: bytes[..<end], as: UTF8.self), bytes[(end + 1)...], from: number)
    }

    func exitStatus() async throws -> RemoteExit? { nil }
    func cancel() async { machine.end(number) }
}

/// A clock whose time passes at once while a connection is frozen, and not at all otherwise.
private struct FrozenClock: Clock {
    typealias Instant = ContinuousClock.Instant
    typealias Duration = Swift.Duration

    let isFrozen: @Sendable () -> Bool

    var now: ContinuousClock.Instant { .now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        while !isFrozen() { try await Task.sleep(for: .milliseconds(1)) }
        try Task.checkCancellation()
    }
}
