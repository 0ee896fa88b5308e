import ArgumentParser

/// The hosts of a command, and the part of them.
struct HostOptions: ParsableArguments {
    @Argument(help: "The hosts, by their names in hosts.conf, or by patterns such as 'web*'.")
    var hosts: [String] = []

    @Flag(name: .long, help: "All hosts of hosts.conf.")
    var all = false

    @Option(
        name: .long, help: ArgumentHelp("All hosts of this role. May be given several times.", valueName: "role"))
    var role: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("But not this host, or those of a pattern. May be given several times.", valueName: "host"))
    var except: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only this property or group, and what it requires. May be given several times.", valueName: "name"))
    var only: [String] = []

    @Option(name: .long, help: "How many hosts at the same time.")
    var jobs = 20

    var runOptions: RunOptions { RunOptions(only: only, jobs: jobs) }

    private var selection: HostSelection {
        HostSelection(names: hosts, roles: role, isEach: all, exceptions: except)
    }

    /// The names of the hosts.
    func names(in checkout: Checkout) throws -> [String] { try selection.names(in: checkout.hostsConf) }

    func validate() throws {
        guard !selection.isEmpty else {
            throw ValidationError("name at least one host, or --role or --all; `propel hosts` lists them")
        }
        guard !all || hosts.isEmpty && role.isEmpty else {
            throw ValidationError("--all means every host: drop it, or the names and roles")
        }
        guard (1...256).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 256") }
    }
}

/// The waves of a deployment.
struct RolloutOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Deploy this host first, and the others only if it converges. May be given several times.",
            valueName: "host"))
    var canary: [String] = []

    @Option(name: .long, help: "Deploy this number of hosts, then the next ones, as long as all converge.")
    var serial: Int?

    @Option(
        name: .long,
        help: "Begin no further host once more than this number have failed; 0 by default with --canary or --serial.")
    var maxFailures: Int?

    @Flag(name: .long, help: "If a host fails, put back the stacks and the guarded changes of all hosts of its wave.")
    var together = false

    var rollout: Rollout {
        Rollout(canaries: canary, waveSize: serial, failureLimit: maxFailures, isTogether: together)
    }

    func validate() throws {
        if let serial, serial < 1 { throw ValidationError("--serial takes a number from 1 on") }
        if let maxFailures, maxFailures < 0 { throw ValidationError("--max-failures takes a number from 0 on") }
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
    /// - Parameter hosts: names of hosts that a connection will be needed to; see ``Checkout/open(connectingTo:)``.
    static func open(
        output: OutputOptions? = nil, passphrase: PassphraseOptions? = nil, link: WaitOptions? = nil,
        connectingTo hosts: [String] = []
    ) async throws -> Session {
        Session(
            try await Checkout.open(connectingTo: hosts), reportFormat: output?.format ?? ReportFormat(),
            passphrase: try passphrase?.source() ?? .agent, wait: link?.duration ?? WaitOptions.standard)
    }
}
