@testable import Properties

extension Stack {
    /// The same stack, with another pause between two looks at its containers.
    func polling(every interval: Duration) -> Stack {
        var stack = self
        stack.timing.pollInterval = interval
        return stack
    }
}
