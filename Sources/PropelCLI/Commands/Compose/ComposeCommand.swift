import ArgumentParser

struct ComposeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compose",
        abstract: "The compose file of a stack, and the Swift of a compose file. Touches no machine.",
        discussion: """
            `propel compose HOST` is short for `propel compose show HOST`.

            Examples:
              propel compose shop.example.com
              propel compose shop.example.com shop > docker-compose.yml
              propel compose import /opt/nextcloud/compose.yaml > Nextcloud.swift
            """, subcommands: [ComposeShow.self, ComposeImportCommand.self], defaultSubcommand: ComposeShow.self)
}
