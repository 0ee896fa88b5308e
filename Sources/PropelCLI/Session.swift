import SecretStore

/// The parts that everything in one `propel` process shares: the configuration, the terminal to ask at, the
/// interruption by a signal, the form of reports, and the decryption of secrets.
struct Session: Sendable {
    let checkout: Checkout
    let reportFormat: ReportFormat
    let prompter = TerminalPrompter()
    let interruption = Interruption()
    let decryption: SecretDecryption
    /// How long a machine whose connection is lost may stay away.
    let wait: Duration

    /// - Parameters:
    ///   - passphrase: the source of the passphrase of the deployer's key.
    ///   - wait: how long a machine whose connection is lost may stay away.
    init(
        _ checkout: Checkout, reportFormat: ReportFormat = ReportFormat(), passphrase: PassphraseSource = .agent,
        wait: Duration = WaitOptions.standard
    ) {
        self.checkout = checkout
        self.reportFormat = reportFormat
        self.wait = wait
        decryption = SecretDecryption(store: checkout.secretStore, passphrase: passphrase, prompter: prompter)
    }

    /// A reporter that gives the screen up for questions and for what an interruption says.
    func reporter(for hosts: [String]) -> any Reporter {
        let reporter = QueuedReporter(reportFormat.reporter(for: hosts))
        prompter.onQuestion { reporter.pause($0) }
        return reporter
    }

    /// The handling of Ctrl-C for runs that can go on without this process.
    /// - Parameters:
    ///   - hosts: the names of their machines.
    ///   - unasked: what Ctrl-C means where nobody can be asked.
    ///   - isTogether: whether the hosts are deployed together.
    ///   - pause: called with true before a message is printed, and with false after it.
    func listener(
        for hosts: [String], unasked: Interruption.Choice = .stop, isTogether: Bool = false,
        pause: @escaping @Sendable (Bool) -> Void
    ) -> Interruption.Listener {
        let words = InterruptionWords(hosts: hosts, isTogether: isTogether)
        return Interruption.Listener(
            unasked: unasked, leaving: words.leaving, stopping: words.stopping,
            asking: { [prompter] in
                guard prompter.isFree else { return nil }
                return {
                    let choices = Interruption.Choice.allCases.map(\.rawValue)
                    let answer = try await prompter.choose("\n\(words.question)", choices)
                    return Interruption.Choice(rawValue: answer) ?? .back
                }
            }, pause: pause)
    }

    /// The enforcers for these machines; see ``Checkout/enforcers(for:prompter:)``.
    func enforcers(for targets: [Target]) async throws -> Enforcers {
        try await checkout.enforcers(for: targets, prompter: prompter)
    }
}
