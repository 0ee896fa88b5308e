import Synchronization

/// Acts when nothing was heard for too long.
///
/// It counts its own ticks rather than the time between messages. A tick that comes late counts once: while the laptop
/// slept, or the process was stopped, nobody could have heard anything.
final class Watchdog: Sendable {
    private struct State {
        var silentTicks = 0
        var isPaused = false
        var didTimeOut = false
    }

    private static let tick: Duration = .seconds(1)

    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Whether the limit was reached.
    var didTimeOut: Bool { state.withLock(\.didTimeOut) }

    /// - Parameters:
    ///   - limit: the longest silence, rounded down to seconds.
    ///   - onTimeout: called once, when the limit is reached.
    init(
        limit: Duration, clock: any Clock<Duration> = ContinuousClock(), onTimeout: @escaping @Sendable () async -> Void
    ) {
        let limit = max(1, Int(limit.components.seconds))
        let watching = Task { [weak self] in
            while true {
                do { try await clock.sleep(for: Self.tick) } catch { return }
                guard let self else { return }
                let didTimeOut = self.state.withLock { state in
                    if !state.isPaused { state.silentTicks += 1 }
                    state.didTimeOut = state.silentTicks >= limit
                    return state.didTimeOut
                }
                if didTimeOut { return await onTimeout() }
            }
        }
        task.withLock { $0 = watching }
    }

    deinit { stop() }

    /// Runs `body`, during which silence does not count.
    func unwatched<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        state.withLock { $0.isPaused = true }
        defer {
            state.withLock { state in
                state.isPaused = false
                state.silentTicks = 0
            }
        }
        return try await body()
    }

    /// Something was heard.
    func reset() { state.withLock { $0.silentTicks = 0 } }

    /// Ends the watch.
    func stop() { task.withLock { $0?.cancel() } }
}
