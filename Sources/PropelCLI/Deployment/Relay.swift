import SSHTransport
import Foundation
import Propel
import Synchronization

/// Brings files from one host to another, piece by piece.
///
/// They pass through the memory of this computer, and nothing of them is kept. Where a link drops, it goes on from what has arrived.
struct Relay: Sendable {
    struct End: Sendable {
        let target: Target
        /// What the enforcer is told there: which files.
        let operation: HostOperation
    }

    let session: Session
    let source: End
    let destination: End
    let enforcers: Enforcers
    let report: @Sendable (HostRun.Progress) -> Void

    /// - Returns: how many bytes the files have.
    /// - Throws: `TransportError`, ``Failure`` in the words of one of the hosts, ``Interrupted``.
    func run() async throws -> Int {
        let arrived = Count()
        var reconnection = Reconnection()
        while true {
            do {
                return try await attempt(arrived)
            } catch let error as TransportError where error.isUnreachable && !session.interruption.isRequested {
                // What cannot be reached from the beginning is no link that has dropped.
                guard arrived.hasBegun else { throw error }
                if arrived.takeGrowth() { reconnection.begin() }
                guard let pause = reconnection.nextPause() else { throw error }
                report(.warning("\(error.message): it goes on from there in \(pause) s"))
                try await Task.sleep(for: .seconds(pause))
            }
        }
    }

    private func attempt(_ count: Count) async throws -> Int {
        let work = Task { try await exchange(count) }
        let registration = session.interruption.register { work.cancel() }
        defer { registration.end() }
        do {
            let total = try await work.value
            // Whoever has asked it to stop does not want what was to come after it.
            guard !session.interruption.isRequested else { throw Interrupted() }
            return total
        } catch is CancellationError {
            throw Interrupted()
        }
    }

    private func exchange(_ count: Count) async throws -> Int {
        let receiver = try await Correspondent("receive", destination, self)
        try await receiver.request(destination.operation)
        let answer = try await receiver.answer()
        // All had come when the link was lost.
        if answer["complete"] == true { return count.total }
        guard let arrived = answer["arrived"]?.object,
            arrived.values.allSatisfy({ 0...Self.largest ~= $0.integer ?? -1 }), arrived.count < 1000
        else {
            throw receiver.misunderstood
        }
        count.begin(at: arrived.values.compactMap(\.integer).reduce(0, +))
        // Beside the sending: it may say that its disk is full.
        let verdict = Task { try await receiver.untilEnd() }
        return try await withTaskCancellationHandler {
            defer { verdict.cancel() }
            return try await send(arrived, to: receiver, verdict, count)
        } onCancel: {
            verdict.cancel()
        }
    }

    /// More than any file has, and so little that a thousand of them can be added.
    private static let largest = 1 << 50

    private func send(
        _ arrived: [String: JSON], to receiver: Correspondent, _ verdict: Task<Void, any Error>, _ count: Count
    ) async throws -> Int {
        let sender = try await Correspondent("send", source, self)
        var operation = source.operation
        operation.arguments[HostOperation.arrivedKey] = JSON.object(arrived).description
        try await sender.request(operation)
        guard let total = try await sender.answer()["bytes"]?.integer else { throw sender.misunderstood }
        count.expect(total)
        do {
            try await forward(from: sender, to: receiver, count, of: total)
        } catch TransportError.channelClosed {
            try await verdict.value
            throw receiver.misunderstood
        }
        // It takes its time to see whether all is what it was, and the other one waits for that.
        let farewell = Task { try await sender.untilEnd() }
        defer { farewell.cancel() }
        try await verdict.value
        do {
            try await sender.send(.complete)
            try await farewell.value
        } catch {
            // It goes with the next one, or with a backup after a day.
            report(
                .warning(
                    "the copy for \(destination.target.name) is still on \(source.target.name): \(Failure(describing: error).message)"
                ))
        }
        return total
    }

    private func forward(
        from sender: Correspondent, to receiver: Correspondent, _ count: Count, of total: Int
    ) async throws {
        while true {
            switch try await sender.next() {
            case .piece(let piece):
                // It has said how much there is: no more of it fills the other one's disk.
                guard count.bytes + piece.size <= total else { throw sender.misunderstood }
                let bytes = try await sender.run.bytes(piece.size)
                // While the other host takes its time this one cannot be heard.
                try await sender.watchdog.unwatched {
                    try await receiver.run.send(
                        bytes: Array((Instruction.piece(piece).json.description + "\n").utf8) + bytes)
                }
                count.add(piece.size)
                report(.doing("\(count.bytes.inBytes) of \(total.inBytes) from \(source.target.name)"))
            case .answer: return try await receiver.send(.complete)
            case .heartbeat: continue
            default: throw sender.misunderstood
            }
        }
    }
}

extension Relay {
    /// How much has arrived.
    fileprivate final class Count: Sendable {
        private struct State {
            var hasBegun = false
            var hasGrown = false
            var bytes = 0
            var total = 0
        }

        private let state = Mutex(State())

        var hasBegun: Bool { state.withLock(\.hasBegun) }
        /// Whether something has come since this was asked last.
        func takeGrowth() -> Bool {
            state.withLock { state in
                defer { state.hasGrown = false }
                return state.hasGrown
            }
        }

        var bytes: Int { state.withLock(\.bytes) }
        var total: Int { state.withLock(\.total) }

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
}

/// The enforcer of one end, and what it says.
private final class Correspondent: Sendable {
    let run: RemoteRun
    let watchdog: Watchdog
    private let connection: Connection
    private let target: Target

    init(_ mode: String, _ end: Relay.End, _ relay: Relay) async throws {
        target = end.target
        (connection, run) = try await end.target.start(mode, relay.enforcers, prompter: relay.session.prompter) {
            progress in
            // Which of the two is connected to is said once, by whoever asked for all this.
            if case .doing = progress {} else { relay.report(progress) }
        }
        watchdog = Watchdog(limit: HostRun.silenceLimit) { [run] in await run.cancel() }
    }

    deinit { watchdog.stop() }

    var misunderstood: Failure {
        Failure(
            "\(target.name) answered in words that are not understood",
            advice: "Run again. If it happens again, it is a bug of Propel.")
    }

    func request(_ operation: HostOperation) async throws {
        let request = Request(
            entry: target.machine.entry, deployer: HostRun.deployer, secrets: target.secrets.versions,
            operation: operation)
        try await run.send(request.json.description)
    }

    func send(_ instruction: Instruction) async throws { try await run.send(instruction.json.description) }

    /// What it says next.
    /// - Throws: ``Failure`` where it refuses to go on, `TransportError.linkLost`.
    func next() async throws -> Event {
        let lines = run.lines.makeAsyncIterator()
        guard let line = try await lines.next() else {
            throw TransportError.linkLost(
                host: target.name,
                reason: watchdog.didTimeOut
                    ? "nothing was heard for \(HostRun.silenceLimit.inWords)"
                    : "the enforcer there ended before its end")
        }
        watchdog.reset()
        let event = try Event(JSON(parsing: line))
        if case .refused(var failure) = event {
            failure.message = "\(target.name): \(failure.message)"
            throw failure
        }
        return event
    }

    func answer() async throws -> JSON {
        while true { if case .answer(let answer) = try await next() { return answer } }
    }

    func untilEnd() async throws {
        while true { if case .ended = try await next() { return } }
    }
}

extension Int {
    /// As people read it: 12.3 MB.
    var inBytes: String { ByteCountFormatStyle(style: .decimal, locale: Locale(identifier: "en")).format(Int64(self)) }
}
