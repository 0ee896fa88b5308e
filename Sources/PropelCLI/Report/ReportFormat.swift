/// The form in which a run is reported: JSON or text, and how much of it.
struct ReportFormat: Sendable {
    var isJSON = false
    var isVerbose = false

    /// The reporter for a run on these hosts.
    func reporter(for hosts: [String]) -> any Reporter {
        if isJSON { return JSONReporter(hosts: hosts) }
        return Terminal.output.isInteractive
            ? LiveReporter(hosts: hosts, isVerbose: isVerbose) : PlainReporter(isVerbose: isVerbose, hosts: hosts)
    }
}
