import Libc

/// A thread for calls that block: on a machine with one core, a task that blocks would stop all others.
enum BlockingThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread.
    /// - Returns: 0, or the errno if no thread could be created; then `body` is not run.
    @discardableResult
    static func start(_ body: @escaping @Sendable () -> Void) -> Int32 {
        var thread = unstartedThread()
        let boxed = Unmanaged.passRetained(Body(body)).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { context in
                context.map { Unmanaged<Body>.fromOpaque($0).takeRetainedValue().run() }
                return nil
            }, boxed)
        if result == 0 { _ = pthread_detach(thread) } else { Unmanaged<Body>.fromOpaque(boxed).release() }
        return result
    }

    /// Runs `body` on a new thread and waits for its result without blocking the task.
    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let result = start { continuation.resume(with: Swift.Result(catching: body)) }
            if result != 0 { continuation.resume(throwing: Errno(rawValue: result)) }
        }
    }
}
