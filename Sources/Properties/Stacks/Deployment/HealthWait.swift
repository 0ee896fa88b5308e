import Synchronization
import Vocabulary

/// Waits for the containers of a stack, for all of them together at most ``Stack/healthTimeout``.
///
/// Only the time in which started containers are waited for counts. Before a container is started, compose stops the
/// old one, which may take a minute, and creates the new one.
struct HealthWait {
    let context: StackContext
    /// The IDs of containers that existed before. One of them may be unhealthy while another is recreated, and recover.
    let existing: Set<String>
    /// See ``StackRecord/excused``.
    let excused: Set<String>
    /// The IDs of the containers that others run beside, and that are not waited for.
    let predecessors: Set<String>
    private let waited = Waited()

    /// The time that was waited so far.
    private final class Waited: Sendable { let time = Mutex(Duration.zero) }

    private var stack: Stack { context.stack }

    init(
        _ context: StackContext, existing: Set<String> = [], excused: Set<String> = [],
        except predecessors: Set<String> = []
    ) {
        self.context = context
        self.existing = existing
        self.excused = excused
        self.predecessors = predecessors
    }

    /// How often in a row all must be found healthy.
    static let rounds = 3
    /// How long a container without a health check must run without a restart: one that exits at once is restarted
    /// forever.
    static let steadySeconds = 10

    private enum State {
        case healthy
        case waiting
        /// It will not become healthy.
        case failed(String)
    }

    /// Waits until these containers do their job, or have exited with 0 if they are one-shot: others wait for that.
    /// - Throws: ``DeploymentError`` if one has failed or is not healthy in time.
    func untilHealthy(_ names: [String]) async throws { try await until(names, rounds: 1, state) }

    /// Waits until these containers have exited, successfully or not.
    /// - Throws: ``DeploymentError`` if one has not in time.
    func untilExited(_ names: [String]) async throws {
        try await until(names, rounds: 1) { _, found in found.hasExited ? .healthy : .waiting }
    }

    /// Waits until all containers are healthy and stay so. For those without a health check this may exceed the
    /// timeout by the time that they must have run.
    /// - Throws: ``DeploymentError`` if one has failed or is not healthy in time.
    func untilSteady() async throws {
        try await until(stack.containers.map(\.name), rounds: Self.rounds, extra: Self.extra) { name, found in
            let state = state(of: name, found)
            return if case .healthy = state, !found.isSteady { .waiting } else { state }
        }
    }

    private static var extra: Duration { .seconds(steadySeconds + 5) }

    private func state(of name: String, _ found: StackContainers.Found) -> State {
        guard let container = stack.container(named: name) else { return .waiting }
        if container.isSatisfied(by: found) || found.isExcused(in: excused) { return .healthy }
        if container.isOneShot, found.hasExited { return .failed("failed") }
        return found.isUnhealthy && !existing.contains(found.id) ? .failed("is unhealthy") : .waiting
    }

    /// Waits for the containers of a version of which only the compose file is known.
    /// - Parameters:
    ///   - isPaused: whether they were paused: docker calls such a container unhealthy until its next check.
    ///   - isSteady: whether those without a health check must keep running.
    func untilPreviousHealthy(
        _ names: [String], afterPause isPaused: Bool = false, andSteady isSteady: Bool = false
    ) async throws {
        try await until(names, rounds: Self.rounds, extra: isSteady ? Self.extra : .zero) { _, found in
            if found.isRunningWell && (!isSteady || found.isSteady) { return .healthy }
            if try await found.isDone(on: context.machine) { return .healthy }
            return found.isUnhealthy && !isPaused && !existing.contains(found.id) ? .failed("is unhealthy") : .waiting
        }
    }

    private func until(
        _ names: [String], rounds: Int, extra: Duration = .zero,
        _ state: (String, StackContainers.Found) async throws -> State
    ) async throws {
        let before = min(stack.healthTimeout, waited.time.withLock { $0 })
        var limit = TimeLimit(
            stack.healthTimeout + extra, spent: before, pause: context.pollInterval, now: context.now)
        defer {
            _ = limit.left(at: context.now)
            let spent = limit.spent - before
            waited.time.withLock { $0 += spent }
        }
        var steady = 0
        while true {
            let found = try await context.reloadContainers().all.filter { !predecessors.contains($0.id) }
            let pending = try await pending(of: names, found, state)
            steady = pending.isEmpty ? steady + 1 : 0
            if steady == rounds { return }
            if let name = pending.first {
                context.machine.showProgress("waiting for \(pending.joined(separator: ", "))")
                if limit.hasPassed(at: context.now) { throw tooLate(name, found.first { $0.name == name }) }
            }
            try await Task.sleep(for: context.pollInterval)
        }
    }

    /// The names of the containers that are not healthy yet.
    /// - Throws: ``DeploymentError`` if one has failed.
    private func pending(
        of names: [String], _ found: [StackContainers.Found],
        _ state: (String, StackContainers.Found) async throws -> State
    ) async throws -> [String] {
        var pending: [String] = []
        for name in names {
            guard let one = found.first(where: { $0.name == name }) else {
                pending.append(name)
                continue
            }
            switch try await state(name, one) {
            case .healthy: break
            case .waiting: pending.append(name)
            case .failed(let reason):
                throw DeploymentError(Failure("\(name) of \(stack.name) \(reason): \(one.status)"), container: one.id)
            }
        }
        return pending
    }

    private func tooLate(_ name: String, _ found: StackContainers.Found?) -> DeploymentError {
        DeploymentError(
            Failure(
                "\(name) of \(stack.name) \(complaint(about: name)) within \(stack.healthTimeout.inWords): "
                    + "\(found?.status ?? "no such container")"),
            container: found?.id)
    }

    private func complaint(about name: String) -> String {
        guard let container = stack.container(named: name), container.healthCheck == nil else {
            return "did not become healthy"
        }
        return container.isOneShot ? "did not exit" : "did not keep running"
    }
}
