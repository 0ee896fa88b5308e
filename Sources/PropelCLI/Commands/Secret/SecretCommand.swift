import ArgumentParser
import Propel
import SecretStore

struct SecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret",
        abstract: "Passwords, tokens and keys that hosts need, encrypted to those who may deploy.",
        discussion: """
            A secret is for all hosts, for those of a role, or for one host; a host gets the one that is nearest to it. Each is a \
            file under secrets/, which `gpg -d` opens. Whose keys they are encrypted to, `propel key` keeps.
            """,
        subcommands: [Put.self, Get.self, Edit.self, List.self, Remove.self, Unused.self, Generate.self])
}

/// Which secret.
struct SecretOptions: ParsableArguments {
    @Argument(help: "The name: letters, digits, `.`, `-` and `_`, at most 100 of them.")
    var name: SecretName

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "The host or the role that it is for; host:NAME or role:NAME where both have that name. Without it: all hosts.",
            valueName: "host|role"))
    var context: String?

    /// The secret that is there.
    /// - Throws: ``UsageError`` where there is none, and for whom there is one.
    func stored(in checkout: Checkout) throws -> StoredSecret {
        let context = try checkout.storedContextNames.context(context)
        if let secret = try checkout.secretStore.secret(name, in: context) { return secret }
        let others = try checkout.secretStore.secrets().filter { $0.name == name }
        let advice =
            others.isEmpty
            ? "`propel secret list` shows those that are there; `propel secret set \(name)\(context.option)` makes it."
            : "There is one for \(others.map(\.context.description).joined(separator: ", ")): say\(others[0].context.option.isEmpty ? " nothing about whom it is for" : others[0].context.option)."
        throw UsageError(description: "there is no secret \(name) for \(context)\n\(advice)")
    }
}

extension SecretName: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension StoredSecret {
    /// What is said after it was written, where nothing else is said.
    func tellWritten(by store: SecretStore) throws {
        let readers = try store.recipients(of: self).map(\.description).joined(separator: ", ")
        Terminal.error.print("wrote \(path), which \(readers) can read".printable)
    }
}
