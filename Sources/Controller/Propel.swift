import ArgumentParser

@main
struct PropelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "propel",
        abstract: "Brings machines into the state that this repository describes.",
        discussion: """
            `propel HOST…` is short for `propel deploy HOST…`. Hosts and their roles are in hosts.conf, roles are in Sources/Hosts.

            Exit status: 0 all hosts are as described · 1 something failed · 2 a plan found changes · 3 a host could not be \
            reached · 4 another run is going on · 64 the command or the configuration is wrong · 130 interrupted
            """,
        subcommands: [Deploy.self, Plan.self, ListHosts.self, Show.self, SandboxCommand.self],
        defaultSubcommand: Deploy.self)
}
