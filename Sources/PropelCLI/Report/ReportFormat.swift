/// The form in which a command reports: JSON or text, and how much of it.
struct ReportFormat: Sendable {
    var isJSON = false
    var isVerbose = false

    /// The reporter for a run on these hosts.
    func reporter(for hosts: [String]) -> any Reporter {
        if isJSON { return JSONReporter() }
        return Terminal.output.isInteractive
            ? LiveReporter(hosts: hosts, isVerbose: isVerbose) : PlainReporter(isVerbose: isVerbose, hosts: hosts)
    }
}
