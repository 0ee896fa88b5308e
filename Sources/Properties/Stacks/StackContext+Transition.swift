extension Stack {
    /// The same stack, with another pause between two looks at its containers.
    func polling(every interval: Duration) -> Stack {
        var stack = self
        stack.timing.pollInterval = interval
        return stack
    }
}

extension StackContainers {
    static func question(_ project: String) -> [String] { listing(of: project).arguments }

    static func read(_ project: String, on machine: Machine) async throws -> StackContainers {
        try StackContainers(try await machine.succeed(listing(of: project)).text)
    }
}

extension HealthWait {
    init(stack: Stack, pollInterval: Duration, machine: Machine) {
        self.init(StackContext(stack.polling(every: pollInterval), on: machine))
    }
}
