import CSSH
import Foundation
import Synchronization

/// The thread of one session, and the executor of its actor.
///
/// libssh blocks, and its handles belong to one thread at a time. So each session has a dedicated thread that runs
/// the actor's jobs and waits for the session's socket between them. The cooperative pool is never blocked.
final class SessionThread: SerialExecutor, @unchecked Sendable {
    // Unchecked: `idle` is used on the thread itself only; all other state is guarded.
    private let state = Mutex(State())
    private let identity = Atomic<UInt>(0)
    private let nudged = Atomic<Bool>(false)
    /// Called when there is no job: waits for the socket or for `wakeDescriptor`, and returns.
    var idle: (() -> Void)?
    /// Readable when the thread must stop waiting.
    let wakeDescriptor: Int32

    private struct State {
        var jobs: [UnownedJob] = []
        var isStopping = false
    }

    init(name: String) {
        wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        let thread = Thread { [self] in run() }
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }

    deinit { _ = Glibc.close(wakeDescriptor) }

    /// Ends the thread after its pending jobs.
    func stop() {
        state.withLock { $0.isStopping = true }
        wake()
    }

    func wake() {
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Makes every waiter of the session check its condition again.
    func nudge() {
        nudged.store(true, ordering: .releasing)
        wake()
    }

    func takeNudge() -> Bool { nudged.exchange(false, ordering: .acquiringAndReleasing) }

    func drainWake() { Self.drain(wakeDescriptor) }

    /// Takes the count of an eventfd(2), so that it is no longer readable.
    static func drain(_ descriptor: Int32) {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }

    /// Waits until the thread is woken.
    func waitForWake() {
        var descriptor = pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&descriptor, 1, -1)
        drainWake()
    }

    var isCurrent: Bool { identity.load(ordering: .acquiring) == UInt(pthread_self()) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        if !isCurrent { wake() }
    }

    func checkIsolated() { precondition(isCurrent, "called outside of the session's thread") }

    private func run() {
        identity.store(UInt(pthread_self()), ordering: .releasing)
        while true {
            let (jobs, isStopping) = state.withLock { state in
                defer { state.jobs.removeAll() }
                return (state.jobs, state.isStopping)
            }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            if !jobs.isEmpty { continue }
            if isStopping { break }
            if let idle { idle() } else { waitForWake() }
        }
        idle = nil
    }
}
