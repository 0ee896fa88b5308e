/// What keeps a version of a stack from being well.
struct Trouble: Error {
    var failure: Failure
    /// The container that is to blame, as docker knows it.
    var container: String?

    init(_ failure: Failure, container: String? = nil) {
        self.failure = failure
        self.container = container
    }

    /// What compose says, and the container that it most likely speaks of.
    init(_ commandFailure: CommandFailure, of stack: Stack, found: StackContainers?) {
        failure = Failure(describing: commandFailure)
        failure.message = "compose could not start the containers of \(stack.name)"
        let blamed = stack.containers.lazy.compactMap { container in found?.named(container.name).first { $0.isUnhealthy || $0.state == "exited" && !container.isWell($0) } }
        container = blamed.first?.id
        if let name = blamed.first?.name { failure.message += ": \(name) does not get healthy" }
    }

    /// What the container said last; nil where it said nothing.
    func lastLines(on machine: Machine) async throws -> [String]? {
        guard let container else { return nil }
        let result = try await machine.run(Command("docker", ["logs", "--tail", "\(Failure.outputLineLimit)", container]))
        // What a program writes to its standard error comes on ours.
        let text = result.text + String(decoding: result.errors, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).suffix(Failure.outputLineLimit).map(String.init)
        return lines.isEmpty ? nil : lines
    }
}

/// Waits for the containers of a stack.
struct HealthWait {
    let stack: Stack
    let pollInterval: Duration
    let machine: Machine
    /// The ids of those that were there before: one of them may be unhealthy as long as another is made anew, and get well by itself.
    var former: Set<String> = []

    /// One without a health check must be seen running so many times in a row: one that ends at once is started again and again.
    private static let times = 3

    /// Until these do their work, as far as can be told at once: others wait for that.
    /// - Throws: ``Trouble`` where one is unhealthy, or not well in time.
    func untilWell(_ names: [String]) async throws { try await until(names, times: 1, isWell) }

    /// Until all do, and go on doing it.
    /// - Throws: ``Trouble`` where one is unhealthy, or not well in time.
    func untilSteady() async throws { try await until(stack.containers.map(\.name), times: Self.times, isWell) }

    private func isWell(_ name: String, _ found: StackContainers.Found) -> Bool { stack.containers.first { $0.name == name }?.isWell(found) ?? false }

    /// The same for the containers of a version of which only the compose file is known.
    /// - Parameter isPaused: whether they were paused: docker calls such a container unhealthy until its next check.
    func untilFormerWell(_ names: [String], afterPause isPaused: Bool = false) async throws {
        try await until(names, times: Self.times, isUnhealthyFinal: !isPaused) { _, found in
            (found.isRunning && !found.isUnhealthy && !found.status.hasSuffix("(health: starting)")) || found.hasSucceeded
        }
    }

    private func until(
        _ names: [String], times: Int, isUnhealthyFinal: Bool = true, _ isWell: (String, StackContainers.Found) -> Bool
    ) async throws {
        let clock = ContinuousClock(), deadline = clock.now + stack.patience
        var steady = 0
        while true {
            let found = try await StackContainers.read(stack.name, on: machine)
            let waitedFor = names.filter { name in !(found.named(name).first.map { isWell(name, $0) } ?? false) }
            if waitedFor.isEmpty {
                steady += 1
                if steady == times { return }
            } else {
                steady = 0
                machine.tell("waiting for \(waitedFor.joined(separator: ", "))")
            }
            for name in names where isUnhealthyFinal {
                if let one = found.named(name).first, one.isUnhealthy, !former.contains(one.id) {
                    throw Trouble(Failure("\(name) of \(stack.name) is unhealthy: \(one.status)"), container: one.id)
                }
            }
            guard clock.now < deadline else {
                let name = waitedFor.first ?? names.first ?? stack.name, one = found.named(name).first
                throw Trouble(Failure("\(name) of \(stack.name) did not get healthy within \(stack.patience.inWords): \(one?.status ?? "it is not there")"), container: one?.id)
            }
            try await Task.sleep(for: pollInterval)
        }
    }
}
