import ArgumentParser

/// The hosts of a command, and the part of them.
struct HostOptions: ParsableArguments {
    @Argument(help: "The hosts, by their names in hosts.conf.")
    var hosts: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only this property or group, and what it requires. May be given several times.", valueName: "name"))
    var only: [String] = []

    @Option(name: .long, help: "How many hosts at the same time.")
    var jobs = 8

    var runOptions: RunOptions { RunOptions(only: only, jobs: jobs) }

    func validate() throws {
        guard !hosts.isEmpty else { throw ValidationError("name at least one host; `propel hosts` lists them") }
        guard (1...256).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 256") }
    }
}

/// The form of the report.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "One JSON object per line on standard output, for programs.")
    var json = false

    @Flag(name: .shortAndLong, help: "Also show what is unchanged, and the progress of the connection.")
    var verbose = false

    var format: ReportFormat { ReportFormat(isJSON: json, isVerbose: verbose) }
}

/// The questions of a deployment, and its use of git.
struct GitOptions: ParsableArguments {
    @Flag(
        name: .shortAndLong,
        help: "Do not ask before the changed configuration is committed, nor before data are restored.")
    var yes = false

    @Flag(name: .long, help: "Leave git alone: neither commit, push nor record the deployment.")
    var noCommit = false
}

extension Session {
    /// The session of a command; builds propel first if it is out of date.
    static func open(_ output: OutputOptions? = nil, _ passphrase: PassphraseOptions? = nil) async throws -> Session {
        Session(
            try await Checkout.open(), reportFormat: output?.format ?? ReportFormat(),
            passphrase: try passphrase?.source() ?? .agent)
    }
}
