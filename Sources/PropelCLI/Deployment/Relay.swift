import Foundation
import Propel
import SSHTransport
import Synchronization

/// A transfer of files from one host to another through this computer.
///
/// The files pass through memory, and nothing of them is kept. If a connection is lost, the transfer continues with
/// what has not arrived.
struct Relay: Sendable {
    struct End: Sendable {
        let target: Target
        /// The operation that tells the enforcer there which files.
        let operation: HostOperation
    }

    let session: Session
    let source: End
    let destination: End
    let enforcers: Enforcers
    let report: @Sendable (HostRun.Progress) -> Void

    /// Transfers the files.
    /// - Returns: their size in bytes.
    /// - Throws: `TransportError`, ``Failure`` of one of the hosts, ``Interrupted``.
    func run() async throws -> Int {
        let progress = RelayProgress()
        // It may be either of the two links.
        var link = LostLink(to: nil, limit: session.wait, report: report), isLost = false
        while true {
            do {
                return try await attempt(progress)
            } catch let error as TransportError
                where error.mayPassWithRestart && (isLost || error.isUnreachable) && !session.interruption.isRequested
            {
                // A host that was never reached is not waited for.
                guard progress.hasBegun else { throw error }
                let pause = try link.lose(error, hasAdvanced: progress.takeGrowth())
                isLost = true
                try await Task.sleep(for: .seconds(pause))
            }
        }
    }

    private func attempt(_ progress: RelayProgress) async throws -> Int {
        let work = Task { try await exchange(progress) }
        let registration = session.interruption.register { work.cancel() }
        defer { registration.end() }
        do {
            let total = try await work.value
            // An interruption is also for the steps that would follow.
            guard !session.interruption.isRequested else { throw Interrupted() }
            return total
        } catch is CancellationError {
            throw Interrupted()
        }
    }

    private func exchange(_ progress: RelayProgress) async throws -> Int {
        let receiver = try await RelayPeer("receive", destination, self)
        try await receiver.request(destination.operation)
        let answer = try await receiver.answer()
        // Everything had arrived when the connection was lost.
        if answer["complete"] == true { return progress.total }
        guard let arrived = answer["arrived"]?.object,
            arrived.values.allSatisfy({ 0...Self.maximumSize ~= $0.integer ?? -1 }), arrived.count < 1000
        else {
            throw receiver.unexpectedAnswer
        }
        progress.begin(at: arrived.values.compactMap(\.integer).reduce(0, +))
        // Listened to while sending: it may report that its disk is full.
        let receiverEnd = Task { try await receiver.untilEnd() }
        return try await withTaskCancellationHandler {
            defer { receiverEnd.cancel() }
            return try await send(arrived, to: receiver, receiverEnd, progress)
        } onCancel: {
            receiverEnd.cancel()
        }
    }

    /// Larger than any file, and small enough that the sum of a thousand does not overflow.
    private static let maximumSize = 1 << 50

    /// - Parameters:
    ///   - arrived: the bytes that have arrived of each file.
    ///   - receiverEnd: waits until the receiver has verified everything.
    private func send(
        _ arrived: [String: JSON], to receiver: RelayPeer, _ receiverEnd: Task<Void, any Error>,
        _ progress: RelayProgress
    ) async throws -> Int {
        let sender = try await RelayPeer("send", source, self)
        var operation = source.operation
        operation.arguments[HostOperation.arrivedKey] = JSON.object(arrived).description
        try await sender.request(operation)
        guard let total = try await sender.answer()["bytes"]?.integer else { throw sender.unexpectedAnswer }
        progress.expect(total)
        do {
            try await forward(from: sender, to: receiver, progress, of: total)
        } catch TransportError.channelClosed {
            try await receiverEnd.value
            throw receiver.unexpectedAnswer
        }
        // The receiver takes its time to verify the files. Until then the heartbeats of the sender are read.
        let senderEnd = Task { try await sender.untilEnd() }
        defer { senderEnd.cancel() }
        try await receiverEnd.value
        do {
            try await sender.run.send(.complete)
            try await senderEnd.value
        } catch {
            // The next copy removes it, or a backup after a day.
            let reason = Failure(describing: error).message
            report(
                .warning("the copy for \(destination.target.name) is still on \(source.target.name): \(reason)"))
        }
        return total
    }

    private func forward(
        from sender: RelayPeer, to receiver: RelayPeer, _ progress: RelayProgress, of total: Int
    ) async throws {
        while true {
            switch try await sender.next() {
            case .piece(let piece):
                // More than the sender has announced must not fill the disk of the receiver.
                guard progress.bytes + piece.size <= total else { throw sender.unexpectedAnswer }
                let bytes = try await sender.run.bytes(piece.size)
                // The sender's heartbeats are not read while the receiver takes its time.
                try await sender.watchdog.unwatched { try await receiver.run.send(.piece(piece), with: bytes) }
                progress.add(piece.size)
                report(.doing("\(progress.bytes.inBytes) of \(total.inBytes) from \(source.target.name)"))
            case .answer: return try await receiver.run.send(.complete)
            case .heartbeat: continue
            default: throw sender.unexpectedAnswer
            }
        }
    }
}

/// The bytes that have arrived, over all connections of a relay.
private final class RelayProgress: Sendable {
    private struct State {
        var hasBegun = false
        var hasGrown = false
        var bytes = 0
        var total = 0
    }

    private let state = Mutex(State())

    /// Whether both hosts have been reached.
    var hasBegun: Bool { state.withLock(\.hasBegun) }
    /// The bytes that have arrived.
    var bytes: Int { state.withLock(\.bytes) }
    /// The size of all files.
    var total: Int { state.withLock(\.total) }

    /// Whether anything has arrived since the last call.
    func takeGrowth() -> Bool {
        state.withLock { state in
            defer { state.hasGrown = false }
            return state.hasGrown
        }
    }

    func begin(at bytes: Int) {
        state.withLock { state in
            state.hasBegun = true
            state.bytes = bytes
        }
    }

    func expect(_ total: Int) { state.withLock { $0.total = total } }

    func add(_ more: Int) {
        state.withLock { state in
            state.hasGrown = true
            state.bytes += more
        }
    }
}

extension Int {
    /// The size in bytes for people: 12.3 MB.
    var inBytes: String { ByteCountFormatStyle(style: .decimal, locale: Locale(identifier: "en")).format(Int64(self)) }
}
