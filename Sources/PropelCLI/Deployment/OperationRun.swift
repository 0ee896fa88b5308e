import Propel
import Properties
import SecretStore
import Synchronization

/// An operation on a host other than a deployment, or a question to it.
struct OperationRun {
    let session: Session
    let target: Target

    /// Asks the host a question.
    /// - Throws: the exit status if the host does not answer; the reason has been printed then.
    func ask(_ question: HostOperation) async throws -> [JSON] {
        let (outcome, answers) = try await answers(to: question)
        try requireAnswer(outcome)
        return answers
    }

    /// - Throws: the exit status if the host did not answer, after its reason was printed.
    func requireAnswer(_ outcome: Outcome) throws {
        guard outcome.result == .converged else {
            let failure = outcome.failure ?? Failure("\(target.name) did not answer")
            Terminal.error.print(
                "\(target.name): \(failure.message.oneLine)\(failure.advice.map { "\n\($0.oneLine)" } ?? "")")
            throw ExitStatus.summing([outcome])
        }
    }

    /// Asks the host a question about its stacks.
    /// - Parameter stack: the only stack that is asked; nil for all.
    /// - Throws: the exit status if the host does not answer; the reason has been printed then.
    func ask<Answer>(_ question: StackQuestion<Answer>, ofStack stack: String? = nil) async throws -> [Answer] {
        let (outcome, answers) = try await answers(to: question, ofStack: stack)
        try requireAnswer(outcome)
        return answers
    }

    /// Asks the host a question about its stacks, and returns its answers beside the outcome.
    func answers<Answer>(
        to question: StackQuestion<Answer>, ofStack stack: String? = nil
    ) async throws -> (Outcome, [Answer]) {
        let (outcome, answers) = try await answers(to: question.operation.hostOperation(onStack: stack))
        return (outcome, try answers.map { try Answer($0) })
    }

    private func answers(to question: HostOperation) async throws -> (Outcome, [JSON]) {
        let answers = Mutex<[JSON]>([])
        session.interruption.listen { _ in }
        defer { session.interruption.end() }
        let outcome = try await perform(question) { answer in answers.withLock { $0.append(answer) } }
        return (outcome, answers.withLock { $0 })
    }

    /// Asks the host a question, and passes its answers on: when all have come, or those of a journal as they arrive.
    /// - Parameter answerLimit: the limit of the size of all answers in bytes; nil for none.
    func perform(
        _ question: HostOperation, answerLimit: Int? = nil, receive: @escaping @Sendable (JSON) -> Void
    ) async throws -> Outcome {
        var run = try await hostRun(asking: question) { [host = target.name] progress in
            switch progress {
            case .event(.answer(let answer)): receive(answer)
            // Without it nobody would know what is waited for.
            case .warning(let text): Terminal.error.print("\(host): \(text.oneLine)")
            case .doing, .uploading, .sent, .event: break
            }
        }
        run.answerLimit = answerLimit
        return await run.perform()
    }

    /// Follows the run that is going on.
    /// - Parameters:
    ///   - report: reports the connection; an answer of the machine goes to `receive`.
    ///   - receive: receives the answers of the machine.
    func join(
        report: @escaping @Sendable (HostRun.Progress) -> Void,
        receive: @escaping @Sendable (JSON) -> Void
    ) async throws -> Outcome {
        var run = try await hostRun(asking: RunQuestion.attach().operation) { progress in
            switch progress {
            case .event(.answer(let answer)): receive(answer)
            // Those of the question itself.
            case .event: break
            case .doing, .uploading, .sent, .warning: report(progress)
            }
        }
        run.joins = true
        return await run.perform()
    }

    private func hostRun(
        asking question: HostOperation, report: @escaping @Sendable (HostRun.Progress) -> Void
    ) async throws -> HostRun {
        HostRun(
            session: session, target: target, mode: .ask, operation: question,
            enforcers: try await enforcers(for: .ask), report: report)
    }

    /// Shows what an operation would change.
    /// - Returns: whether it would change anything.
    /// - Throws: the exit status if the plan fails.
    @discardableResult
    func plan(_ operation: StackOperation, onStack stack: String? = nil) async throws -> Bool {
        try await plan(operation.hostOperation(onStack: stack))
    }

    /// Shows what an operation would change.
    /// - Returns: whether it would change anything.
    /// - Throws: the exit status if the plan fails.
    @discardableResult
    func plan(_ operation: HostOperation) async throws -> Bool {
        let status = ExitStatus.summing(try await run(operation, mode: .plan))
        guard status == .changesFound || status == .converged else { throw status }
        return status == .changesFound
    }

    /// Performs an operation.
    /// - Parameter stack: the only stack that it is for; nil for all.
    func perform(_ operation: StackOperation, onStack stack: String? = nil) async throws -> ExitStatus {
        try await perform(operation.hostOperation(onStack: stack))
    }

    /// Performs an operation.
    func perform(_ operation: HostOperation) async throws -> ExitStatus {
        ExitStatus.summing(try await run(operation, mode: .enforce))
    }

    private func run(_ operation: HostOperation, mode: HostRun.Mode) async throws -> [Outcome] {
        var run = FleetRun(
            session: session, mode: mode, targets: [target], enforcers: try await enforcers(for: mode))
        run.operation = operation
        return try await run.perform()
    }

    /// Checks that the deployment policy allows changes on the host.
    func requirePolicy() async throws {
        try await DeploymentPolicy(of: session.checkout, for: [target]).require(prompter: session.prompter)
    }

    /// The enforcers, once the policy allows it: they run the code of the work tree as root.
    private func enforcers(for mode: HostRun.Mode) async throws -> Enforcers {
        try target.requireReachable()
        if mode == .enforce {
            try await requirePolicy()
        } else {
            try await DeploymentPolicy(of: session.checkout, for: [target]).requireSignature(prompter: session.prompter)
        }
        return try await session.enforcers(for: [target])
    }
}
