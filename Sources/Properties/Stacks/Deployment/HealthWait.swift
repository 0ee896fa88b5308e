/// Waits for the containers of a stack, for all of them together as long as it is patient.
struct HealthWait {
    let stack: Stack
    let pollInterval: Duration
    let machine: Machine
    /// The ids of those that were there before: one of them may be unhealthy as long as another is made anew, and get well by itself.
    let former: Set<String>
    /// See ``StackRecord/excused``.
    let excused: Set<String>
    private let now: @Sendable () -> ContinuousClock.Instant
    private let deadline: ContinuousClock.Instant

    /// Its patience begins now.
    init(
        stack: Stack, pollInterval: Duration, machine: Machine, former: Set<String> = [], excused: Set<String> = [],
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.stack = stack
        self.pollInterval = pollInterval
        self.machine = machine
        self.former = former
        self.excused = excused
        self.now = now
        deadline = now() + stack.healthTimeout
    }

    /// How often in a row all must be seen well.
    private static let times = 3
    /// How long one without a health check must have run without a restart: one that ends at once is started again and again.
    static let steadySeconds = 10

    /// What is said of a container.
    private enum Verdict {
        case well
        case waiting
        /// It will not get well.
        case failed(String)
    }

    /// Until these do their work, as far as can be told at once, and have ended where they are to: others wait for that.
    /// - Throws: ``DeploymentError`` where one has failed, or is not well in time.
    func untilWell(_ names: [String]) async throws { try await until(names, times: 1, verdict) }

    /// Until these have ended, whether they have succeeded or not.
    /// - Throws: ``DeploymentError`` where one has not in time.
    func untilEnded(_ names: [String]) async throws {
        try await until(names, times: 1) { _, found in found.hasEnded ? .well : .waiting }
    }

    /// Until all do, and go on doing it. For those that have no health check it may take longer than it is patient, by the time that
    /// they must have run.
    /// - Throws: ``DeploymentError`` where one has failed, or is not well in time.
    func untilSteady() async throws {
        try await until(stack.containers.map(\.name), times: Self.times, extra: Self.extra) { name, found in
            let verdict = verdict(name, found)
            return if case .well = verdict, !found.isSteady { .waiting } else { verdict }
        }
    }

    private static var extra: Duration { .seconds(steadySeconds + 5) }

    private func verdict(_ name: String, _ found: StackContainers.Found) -> Verdict {
        guard let container = stack.containers.first(where: { $0.name == name }) else { return .waiting }
        if container.isWell(found) || found.isAmong(excused: excused) { return .well }
        if container.isOneShot, found.hasEnded { return .failed("has failed") }
        return found.isUnhealthy && !former.contains(found.id) ? .failed("is unhealthy") : .waiting
    }

    /// The same for the containers of a version of which only the compose file is known.
    /// - Parameters:
    ///   - isPaused: whether they were paused: docker calls such a container unhealthy until its next check.
    ///   - isSteady: whether those that have no health check must go on running.
    func untilFormerWell(
        _ names: [String], afterPause isPaused: Bool = false, andSteady isSteady: Bool = false
    ) async throws {
        try await until(names, times: Self.times, extra: isSteady ? Self.extra : .zero) { _, found in
            if found.isRunningWell && (!isSteady || found.isSteady) { return .well }
            if try await found.isDone(on: machine) { return .well }
            return found.isUnhealthy && !isPaused && !former.contains(found.id) ? .failed("is unhealthy") : .waiting
        }
    }

    private func until(
        _ names: [String], times: Int, extra: Duration = .zero,
        _ verdict: (String, StackContainers.Found) async throws -> Verdict
    ) async throws {
        // What comes on top of it begins when it is over, or when this does: compose takes its time too.
        let deadline = extra == .zero ? deadline : max(deadline, now()) + extra
        var steady = 0
        while true {
            let found = try await StackContainers.read(stack.name, on: machine)
            var waitedFor: [String] = []
            for name in names {
                guard let one = found.named(name).first else {
                    waitedFor.append(name)
                    continue
                }
                switch try await verdict(name, one) {
                case .well: break
                case .waiting: waitedFor.append(name)
                case .failed(let words):
                    throw DeploymentError(
                        Failure("\(name) of \(stack.name) \(words): \(one.status)"), container: one.id)
                }
            }
            if waitedFor.isEmpty {
                steady += 1
                if steady == times { return }
            } else {
                steady = 0
                machine.showProgress("waiting for \(waitedFor.joined(separator: ", "))")
            }
            guard waitedFor.isEmpty || now() < deadline else {
                let name = waitedFor.first ?? names.first ?? stack.name, one = found.named(name).first
                throw DeploymentError(
                    Failure(
                        "\(name) of \(stack.name) \(complaint(of: name)) within \(stack.healthTimeout.inWords): \(one?.status ?? "it is not there")"
                    ), container: one?.id)
            }
            try await Task.sleep(for: pollInterval)
        }
    }

    private func complaint(of name: String) -> String {
        guard let container = stack.containers.first(where: { $0.name == name }), container.healthCheck == nil else {
            return "did not get healthy"
        }
        return container.isOneShot ? "did not end" : "did not begin to run and go on"
    }
}
