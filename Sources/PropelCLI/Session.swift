import SecretStore

/// The parts that everything in one `propel` process shares: the configuration, the terminal to ask at, the
/// interruption by a signal, the form of reports, and the decryption of secrets.
struct Session: Sendable {
    let checkout: Checkout
    let reportFormat: ReportFormat
    let prompter = TerminalPrompter()
    let interruption = Interruption()
    let decryption: SecretDecryption

    /// - Parameter passphrase: the source of the passphrase of the deployer's key.
    init(_ checkout: Checkout, reportFormat: ReportFormat = ReportFormat(), passphrase: PassphraseSource = .agent) {
        self.checkout = checkout
        self.reportFormat = reportFormat
        decryption = SecretDecryption(store: checkout.secretStore, passphrase: passphrase, prompter: prompter)
    }

    /// A reporter that gives the screen up for questions and for what an interruption says.
    func reporter(for hosts: [String]) -> any Reporter {
        let reporter = QueuedReporter(reportFormat.reporter(for: hosts))
        prompter.onQuestion { reporter.pause($0) }
        return reporter
    }

    /// The enforcers for these machines; see ``Checkout/enforcers(for:prompter:)``.
    func enforcers(for targets: [Target]) async throws -> Enforcers {
        try await checkout.enforcers(for: targets, prompter: prompter)
    }
}
