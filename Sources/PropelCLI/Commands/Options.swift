import ArgumentParser

/// Which hosts, and which part of them.
struct HostOptions: ParsableArguments {
    @Argument(help: "The hosts, by their names in hosts.conf.")
    var hosts: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only this property or group, with what it requires. May be given several times.", valueName: "name"))
    var only: [String] = []

    @Option(name: .long, help: "How many hosts at the same time.")
    var jobs = 8

    func validate() throws {
        guard !hosts.isEmpty else { throw ValidationError("name at least one host; `propel hosts` lists them") }
        guard (1...256).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 256") }
    }
}

/// How much is shown, and for whom.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "One JSON object a line on standard output, for programs.")
    var json = false

    @Flag(name: .shortAndLong, help: "Also what is unchanged, and what the connection says.")
    var verbose = false
}
