import Synchronization
import Vocabulary

/// Asks the laptop to confirm guarded changes over a new connection, and waits until it has.
///
/// The confirmation arrives on the disk, where the new connection brings it. The present one, if it still lives, tells
/// of a failure, so that nobody has to wait for the deadline.
final class ConfirmationDelivery: Sendable {
    private struct State {
        var refusal: Unconfirmed?
        var token: String?
    }

    private let state = Mutex(State())
    private let deadline: Duration
    private let interval: Duration
    private let send: @Sendable (_ token: String) -> Void

    /// - Parameters:
    ///   - deadline: the time to wait; that of the timer by default.
    ///   - interval: how often the disk is looked at; ten times a second by default.
    ///   - send: asks for the confirmation with a token.
    init(
        deadline: Duration = GuardUnits.deadline, interval: Duration = .milliseconds(100),
        send: @escaping @Sendable (_ token: String) -> Void
    ) {
        self.deadline = deadline
        self.interval = interval
        self.send = send
    }

    /// Asks, and waits.
    /// - Parameter isConfirmed: whether the confirmation is on the disk.
    /// - Returns: why there is no confirmation; nil if there is one.
    func request(_ token: String, _ isConfirmed: () -> Bool) async -> Unconfirmed? {
        state.withLock { $0 = State(token: token) }
        defer { state.withLock { $0.token = nil } }
        send(token)
        var limit = TimeLimit(deadline, pause: interval)
        while true {
            if isConfirmed() { return nil }
            if let refusal = state.withLock(\.refusal) { return refusal }
            guard !limit.hasPassed() else {
                return Unconfirmed("no confirmation by a new connection arrived within \(deadline.inWords)")
            }
            do { try await Task.sleep(for: interval) } catch { return Unconfirmed("the run was interrupted") }
        }
    }

    /// Accepts the answer that no new connection can confirm.
    func refuse(_ reason: Unconfirmed) { state.withLock { $0.refusal = reason } }

    /// The token that is waited for now; nil if none is.
    var awaited: String? { state.withLock(\.token) }
}
