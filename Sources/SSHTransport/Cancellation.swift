import CSSH
import Foundation
import Synchronization
import Vocabulary

/// Cancels a connection from any thread.
///
/// The socket is shut down rather than closed, so that its descriptor cannot be reused while libssh still holds it.
final class Cancellation: Sendable {
    private struct State {
        var descriptor: Int32?
        var isCancelled = false
    }
    private let state = Mutex(State())
    let thread: SessionThread

    init(thread: SessionThread) { self.thread = thread }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Sets the socket that `cancel` shuts down; `nil` before the socket is closed.
    func watch(_ descriptor: Int32?) {
        state.withLock { state in
            state.descriptor = descriptor
            if state.isCancelled, let descriptor { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            if let descriptor = state.descriptor { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        thread.nudge()
    }

    func check() throws {
        if isCancelled { throw CancellationError() }
    }

    /// Waits on the session's thread until the descriptor has one of the events, the thread is woken, or some time has
    /// passed.
    ///
    /// - Parameter rest: what is left of the limit at the end of the wait; nothing by default.
    /// - Returns: `false` once the limit has passed.
    func wait(
        for descriptor: Int32?, events: Int32 = POLLIN, until limit: inout TimeLimit, leaving rest: Duration = .zero
    ) throws -> Bool {
        try check()
        let left = limit.left() - rest
        guard left > .zero else { return false }
        let next = min(left, limit.longestStep)
        var descriptors = [pollfd(fd: thread.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        if let descriptor { descriptors.append(pollfd(fd: descriptor, events: Int16(events), revents: 0)) }
        _ = poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: next.milliseconds + 1))
        if descriptors[0].revents != 0 { thread.drainWake() }
        try check()
        return true
    }
}
