import ArgumentParser

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "The OpenPGP keys to which the secrets are encrypted: those of everyone who may deploy.",
        discussion: """
            The public keys are files under secrets/keyring.

            Examples:
              propel key add anna@example.com
              propel key list
              propel key remove ben@example.com
              propel key check --reencrypt
            """,
        subcommands: [KeyAdd.self, KeyRemove.self, KeyList.self, KeyCheck.self])
}
