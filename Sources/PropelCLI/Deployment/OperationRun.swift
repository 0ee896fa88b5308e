import Propel
import SecretStore
import Synchronization

/// Something other than a deployment that is done with a host, or asked of it.
struct OperationRun {
    let session: Session
    let target: Target

    /// What the host answers.
    /// - Throws: the exit status where it does not, which has been told then.
    func ask(_ question: HostOperation) async throws -> [JSON] {
        let (outcome, answers) = try await answers(to: question)
        guard outcome.result == .converged else {
            let failure = outcome.failure ?? Failure("\(target.name) did not answer")
            Terminal.error.print(
                "\(target.name): \(failure.message)\(failure.advice.map { "\n\($0)" } ?? "")".printable)
            throw ExitStatus.summing([outcome])
        }
        return answers
    }

    /// What the host answers, or why it does not.
    func answers(to question: HostOperation) async throws -> (Outcome, [JSON]) {
        let answers = Mutex<[JSON]>([])
        session.interruption.listen { _ in }
        defer { session.interruption.end() }
        let run = HostRun(
            session: session, target: target, mode: .ask, operation: question, enforcers: try await enforcers(for: .ask)
        ) { progress in
            if case .event(.answer(let answer)) = progress { answers.withLock { $0.append(answer) } }
        }
        return (await run.perform(), answers.withLock { $0 })
    }

    /// Tells what it would change.
    /// - Throws: its exit status, where it cannot be told or would fail.
    func plan(_ operation: HostOperation) async throws {
        let status = ExitStatus.summing(try await run(operation, mode: .plan))
        guard status == .changesFound || status == .converged else { throw status }
    }

    func perform(_ operation: HostOperation) async throws -> ExitStatus {
        ExitStatus.summing(try await run(operation, mode: .enforce))
    }

    private func run(_ operation: HostOperation, mode: HostRun.Mode) async throws -> [Outcome] {
        var run = FleetRun(
            session: session, mode: mode, targets: [target], enforcers: try await enforcers(for: mode))
        run.operation = operation
        return try await run.perform()
    }

    /// - Throws: where git stands in the way of changing anything there.
    func requirePolicy() async throws {
        try await DeploymentPolicy(of: session.checkout, for: [target]).require(prompter: session.prompter)
    }

    /// It runs what the work tree says, as root.
    private func enforcers(for mode: HostRun.Mode) async throws -> Enforcers {
        if mode == .enforce {
            try await requirePolicy()
        } else {
            try await DeploymentPolicy(of: session.checkout, for: [target]).requireSignature(prompter: session.prompter)
        }
        return try await session.enforcers(for: [target])
    }
}
