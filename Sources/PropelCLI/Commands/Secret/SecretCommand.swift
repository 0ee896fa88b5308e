import ArgumentParser
import Propel
import SecretStore

struct SecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret",
        abstract: "Passwords, tokens and keys that hosts need, encrypted to those who may deploy.",
        discussion: """
            A secret is for all hosts, for the hosts with a role, or for one host; a host gets the most specific \
            one. Each is \
            a file under secrets/, which `gpg -d` decrypts. `propel key` manages the keys that they are encrypted to.

            Examples:
              propel secret set database-password --for app.example.com
              propel secret generate session-key --for web
              propel secret set tls-key --file key.pem
              propel secret list
            """,
        subcommands: [
            SecretSet.self, SecretGenerate.self, SecretRotate.self, SecretGet.self, SecretEdit.self, SecretList.self,
            SecretRemove.self,
            SecretUnused.self,
        ])
}

/// The arguments that name a secret.
struct SecretOptions: ParsableArguments {
    @Argument(help: "The name: letters, digits, `.`, `-` and `_`, at most 100 of them.")
    var name: SecretName

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "The host or the role that the secret is for; host:NAME or role:NAME if both have that name. Default: "
                + "all hosts.",
            valueName: "host|role"))
    var context: String?

    /// The secret in the store.
    /// - Throws: ``UsageError`` if there is none, with the hosts and roles that have one of this name.
    func stored(in checkout: Checkout) throws -> StoredSecret {
        let context = try checkout.storedContextNames.context(context)
        if let secret = try checkout.secretStore.secret(name, in: context) { return secret }
        let others = try checkout.secretStore.secrets().filter { $0.name == name }
        let option = others.first?.context.option ?? ""
        let advice =
            if others.isEmpty {
                "`propel secret list` shows all secrets; `propel secret set \(name)\(context.option)` adds this one."
            } else {
                "There is one for \(others.map(\.context.description).joined(separator: ", ")): "
                    + (option.isEmpty ? "leave out --for." : "say\(option).")
            }
        throw UsageError(description: "there is no secret \(name) for \(context)\n\(advice)")
    }
}

extension SecretName: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
