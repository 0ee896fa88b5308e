/// The form in which a run is reported: JSON or text, and how much of it.
struct ReportFormat: Sendable {
    var isJSON = false
    var isVerbose = false

    /// The reporter for a run on these hosts.
    func reporter(for hosts: [String]) -> any Reporter {
        !isJSON && Terminal.output.isInteractive
            ? LiveReporter(hosts: hosts, isVerbose: isVerbose) : recordReporter(for: hosts)
    }

    /// The reporter for a run of the past: nothing of it is going on.
    func recordReporter(for hosts: [String]) -> any Reporter {
        isJSON ? JSONReporter(hosts: hosts) : PlainReporter(isVerbose: isVerbose, hosts: hosts)
    }
}
