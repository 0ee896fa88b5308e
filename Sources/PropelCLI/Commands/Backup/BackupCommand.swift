import ArgumentParser

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "List, take and test backups of a host's data.",
        discussion: """
            A deployment takes one by itself before it changes containers that have data. `propel restore` restores one.

            Examples:
              propel backup list shop.example.com
              propel backup now shop.example.com
              propel backup test shop.example.com --stack shop
            """,
        subcommands: [BackupList.self, BackupNow.self, BackupTest.self, BackupFetch.self])
}
