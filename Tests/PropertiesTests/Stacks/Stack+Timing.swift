import Synchronization

@testable import Properties

extension Stack {
    /// The same stack, with another pause between two looks at its containers.
    func polling(every interval: Duration) -> Stack {
        var stack = self
        stack.timing.pollInterval = interval
        return stack
    }
}

/// The deployment of a stack that looks at its containers without a pause.
func deployment(_ stack: Stack) -> StackDeployment { StackDeployment(stack: stack.polling(every: .zero)) }

/// A clock on which each look at it takes a second, so that no wait takes real time.
final class SteppingClock: Sendable {
    private let start = ContinuousClock.now
    private let looks = Mutex(0)

    func now() -> ContinuousClock.Instant {
        let count = looks.withLock { looks in
            looks += 1
            return looks
        }
        return start + .seconds(count)
    }

    /// The timing of a stack by this clock, without pauses.
    var timing: StackTiming { StackTiming(pollInterval: .zero) { self.now() } }
}
