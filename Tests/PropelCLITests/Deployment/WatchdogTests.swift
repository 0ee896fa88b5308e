import Synchronization
import Testing

@testable import PropelCLI

@Suite struct WatchdogTests {
    private let clock = ManualClock()

    private func makeWatchdog() -> (Watchdog, AsyncStream<Void>) {
        let (calls, continuation) = AsyncStream<Void>.makeStream()
        let watchdog = Watchdog(limit: .seconds(20), clock: clock) {
            continuation.yield()
            continuation.finish()
        }
        return (watchdog, calls)
    }

    @Test func `silence up to the limit times out`() async {
        let (watchdog, calls) = makeWatchdog()
        await clock.advance(seconds: 19)
        #expect(!watchdog.didTimeOut)
        await clock.advance(seconds: 1)
        for await _ in calls {}
        #expect(watchdog.didTimeOut)
    }

    @Test func `a message begins the count again`() async {
        let (watchdog, _) = makeWatchdog()
        for _ in 0..<5 {
            await clock.advance(seconds: 19)
            watchdog.reset()
        }
        #expect(!watchdog.didTimeOut)
    }

    @Test func `time in which the process did not run counts as one tick`() async {
        let (watchdog, _) = makeWatchdog()
        await clock.advance(seconds: 10)
        await clock.jump(seconds: 3600)
        await clock.advance(seconds: 8)
        #expect(!watchdog.didTimeOut)
        await clock.advance(seconds: 1)
        #expect(watchdog.didTimeOut)
    }

    @Test func `silence does not count while it is unwatched`() async {
        let (watchdog, _) = makeWatchdog()
        await clock.advance(seconds: 15)
        await watchdog.unwatched { await clock.advance(seconds: 100) }
        await clock.advance(seconds: 19)
        #expect(!watchdog.didTimeOut)
    }

    @Test func `a stopped watchdog does not time out`() async {
        let (watchdog, _) = makeWatchdog()
        await clock.advance(seconds: 1)
        watchdog.stop()
        await clock.end()
        #expect(!watchdog.didTimeOut)
    }
}

/// A clock that a test moves, for one sleeper at a time.
private final class ManualClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleeper: Sleeper?
        /// Waits until somebody sleeps.
        var waiter: CheckedContinuation<Void, Never>?
        var hasEnded = false
    }

    private let state = Mutex(State())

    var now: Instant { state.withLock(\.now) }
    let minimumResolution: Duration = .zero

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                    if state.hasEnded {
                        continuation.resume(throwing: CancellationError())
                    } else {
                        state.sleeper = Sleeper(deadline: deadline, continuation: continuation)
                    }
                    defer { state.waiter = nil }
                    return state.waiter
                }
                waiter?.resume()
            }
        } onCancel: {
            cancel()
        }
    }

    private func cancel() {
        let sleeper = state.withLock { state in
            state.hasEnded = true
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }

    /// Moves second by second; each time the sleeper runs until it sleeps again or has ended.
    func advance(seconds: Int) async {
        for _ in 0..<seconds { await jump(seconds: 1) }
    }

    /// Moves at once, as a computer that was suspended sees it.
    func jump(seconds: Int) async {
        await untilAsleep()
        let sleeper = state.withLock { state -> Sleeper? in
            state.now = state.now.advanced(by: .seconds(seconds))
            guard let sleeper = state.sleeper, sleeper.deadline <= state.now else { return nil }
            state.sleeper = nil
            return sleeper
        }
        sleeper?.continuation.resume()
        await untilAsleep()
    }

    /// Waits until the sleeper was cancelled.
    func end() async {
        while !state.withLock(\.hasEnded) { await Task.yield() }
    }

    private func untilAsleep() async {
        for _ in 0..<10_000 {
            if state.withLock({ $0.sleeper != nil || $0.hasEnded }) { return }
            await Task.yield()
        }
    }
}
