import Propel
import SecretStore
import Synchronization

/// Something other than a deployment that is done with a host, or asked of it.
struct OperationRun {
    let checkout: Checkout
    let target: Target
    let output: OutputOptions
    let passphrase: PassphraseSource
    let prompter = TerminalPrompter()

    /// What the host answers.
    /// - Throws: the exit status where it does not, which has been told then.
    func ask(_ question: HostOperation) async throws -> [JSON] {
        let (outcome, answers) = try await answers(to: question)
        guard outcome.result == .converged else {
            let failure = outcome.failure ?? Failure("\(target.name) did not answer")
            Terminal.error.print(
                "\(target.name): \(failure.message)\(failure.advice.map { "\n\($0)" } ?? "")".printable)
            throw ExitStatus.summing([outcome]).code
        }
        return answers
    }

    /// What the host answers, or why it does not.
    func answers(to question: HostOperation) async throws -> (Outcome, [JSON]) {
        let answers = Mutex<[JSON]>([])
        let interruption = Interruption()
        interruption.listen { _ in }
        defer { interruption.end() }
        var deployment = Deployment(
            target: target, mode: .ask, only: [], enforcers: try await enforcers(for: .ask), decryption: decryption,
            isNew: false, prompter: prompter,
            interruption: interruption
        ) { progress in
            if case .event(.answer(let answer)) = progress { answers.withLock { $0.append(answer) } }
        }
        deployment.operation = question
        return (await deployment.run(), answers.withLock { $0 })
    }

    /// Tells what it would change.
    /// - Throws: its exit status, where it cannot be told or would fail.
    func plan(_ operation: HostOperation) async throws {
        let status = ExitStatus.summing(try await run(operation, mode: .plan))
        guard status == .changesFound || status == .converged else { throw status.code }
    }

    func perform(_ operation: HostOperation) async throws -> ExitStatus {
        ExitStatus.summing(try await run(operation, mode: .enforce))
    }

    private func run(_ operation: HostOperation, mode: Deployment.Mode) async throws -> [Outcome] {
        var run = FleetRun(
            mode: mode, enforcers: try await enforcers(for: mode), targets: [target],
            options: try HostOptions.parse([target.name]), output: output, prompter: prompter,
            decryption: decryption, newHosts: [])
        run.operation = operation
        return try await run.perform()
    }

    /// - Throws: where git stands in the way of changing anything there.
    func requirePolicy() async throws {
        try await DeploymentPolicy(of: checkout, for: [target]).require(prompter: prompter)
    }

    /// It runs what the work tree says, as root.
    private func enforcers(for mode: Deployment.Mode) async throws -> Enforcers {
        if mode == .enforce {
            try await requirePolicy()
        } else {
            try await DeploymentPolicy(of: checkout, for: [target]).requireSignature(prompter: prompter)
        }
        return try await checkout.enforcers(for: [target], prompter: prompter)
    }

    private var decryption: SecretDecryption {
        SecretDecryption(store: checkout.secretStore, passphrase: passphrase, prompter: prompter)
    }
}
