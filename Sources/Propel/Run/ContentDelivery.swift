import Synchronization
import Vocabulary

/// Asks the laptop for contents of the repository, and takes their pieces as they arrive.
///
/// Only a limited number of bytes is asked for at a time, so that what has arrived and was not written yet takes a
/// constant amount of memory.
final class ContentDelivery: Sendable {
    private enum Arrival: Sendable {
        case piece(Piece, [UInt8])
        case refusal(hash: String, reason: String)
    }

    private struct State {
        var continuation: AsyncThrowingStream<Arrival, any Error>.Continuation?
        /// The number of pieces that have arrived.
        var count = 0
        /// The ranges that were asked for and have not arrived.
        var asked: [ContentRange] = []
        /// Why no more will arrive.
        var end: (any Error)?
    }

    /// The limit of bytes that are asked for and have not arrived.
    private static let windowSize = 2 * ContentRange.limit
    /// Long enough for a laptop that sleeps; but an unattended run must not hold its lock for hours.
    private static let timeout: Duration = .minutes(15)

    private let state = Mutex(State())
    private let ask: @Sendable (ContentRange) -> Void

    /// - Parameter ask: asks for a range.
    init(ask: @escaping @Sendable (ContentRange) -> Void) { self.ask = ask }

    /// Fetches contents from an offset on, and calls `receive` with their pieces in their order. Called by one task at
    /// a time.
    /// - Throws: ``Failure`` if a content cannot be had, after all others have arrived; ``Failure`` if the connection
    ///   ends; `CancellationError` if the run is interrupted; the errors of `receive`.
    func fetch(_ wanted: [ContentRange], _ receive: (Piece, [UInt8]) throws -> Void) async throws {
        var open = wanted.flatMap(\.parts)[...], asked: [ContentRange] = [], refusal: Failure?
        guard !open.isEmpty else { return }
        let (arrivals, continuation) = AsyncThrowingStream.makeStream(of: Arrival.self)
        try state.withLock { state in
            if let end = state.end { throw end }
            state.continuation = continuation
        }
        let timer = endAfterSilence()
        defer {
            timer.cancel()
            state.withLock { ($0.continuation, $0.asked) = (nil, []) }
        }
        func askForMore() {
            var next: [ContentRange] = []
            while let range = open.first, asked.reduce(range.size, { $0 + $1.size }) <= Self.windowSize {
                open.removeFirst()
                asked.append(range)
                next.append(range)
            }
            // Before anybody answers.
            let all = asked
            state.withLock { $0.asked = all }
            next.forEach(ask)
        }
        askForMore()
        for try await arrival in arrivals {
            switch arrival {
            case .piece(let piece, let bytes):
                // Any other was asked for by an attempt that has failed.
                guard let range = asked.first, piece.file == range.hash, piece.offset == range.offset,
                    1...range.size ~= bytes.count
                else { continue }
                try receive(piece, bytes)
                asked[0].offset += bytes.count
                asked[0].size -= bytes.count
                if asked[0].size == 0 { asked.removeFirst() }
            case .refusal(let hash, let reason):
                asked.removeAll { $0.hash == hash }
                open = open.filter { $0.hash != hash }[...]
                refusal = refusal ?? Failure(reason, advice: "Run again to deploy the repository as it is now.")
            }
            askForMore()
            if asked.isEmpty {
                if let refusal { throw refusal }
                return
            }
        }
        throw CancellationError()
    }

    /// The ranges that were asked for and have not arrived.
    var awaited: [ContentRange] { state.withLock(\.asked) }

    /// Accepts a piece.
    func deliver(_ piece: Piece, _ bytes: [UInt8]) { yield(.piece(piece, bytes)) }

    /// Accepts the answer that a content cannot be read.
    func refuse(_ hash: String, because reason: String) { yield(.refusal(hash: hash, reason: reason)) }

    private func yield(_ arrival: Arrival) {
        state.withLock { state in
            state.count += 1
            _ = state.continuation?.yield(arrival)
        }
    }

    private func endAfterSilence() -> Task<Void, any Error> {
        Task {
            var before = -1
            while true {
                let count = state.withLock(\.count)
                guard count != before else { break }
                before = count
                try await TimeLimit.sleep(for: Self.timeout)
            }
            finish(
                Failure(
                    "no file of the repository arrived within \(Self.timeout.inWords)", advice: "Run again."),
                isFinal: false)
        }
    }

    /// Ends all waiting, since the connection has ended.
    func close() {
        finish(
            Failure(
                "the connection was lost before the files of the repository arrived",
                advice: "Run again: it continues from there."), isFinal: true)
    }

    private func finish(_ error: Failure, isFinal: Bool) {
        state.withLock { state in
            if isFinal, state.end == nil { state.end = error }
            state.continuation?.finish(throwing: error)
        }
    }
}
