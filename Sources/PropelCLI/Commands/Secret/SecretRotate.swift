import ArgumentParser
import Propel
import SecretStore

struct SecretRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make the next value of a secret that Propel generates.",
        discussion: """
            The hosts that use it get it with their next run, or now with --deploy. Without --for every secret of the \
            name gets a new value, one for each context. git keeps the old ones, encrypted.

            Examples:
              propel secret rotate db-password
              propel secret rotate deploy-key --for web1 --deploy
            """)

    @OptionGroup var secret: SecretOptions
    @Flag(name: .long, help: "Deploy the hosts that use it.")
    var deploy = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var git: GitOptions
    @OptionGroup var link: WaitOptions

    func run() async throws {
        try await reportingProblems {
            let session = try await Session.open(output: output, passphrase: passphrase, link: link)
            let hosts = try rotate(in: session.checkout)
            if deploy, !hosts.isEmpty {
                let deployment = Deployment(
                    session: session, hosts: hosts, isConfirmed: git.yes, usesGit: !git.noCommit)
                throw try await deployment.perform()
            }
            if !hosts.isEmpty {
                Terminal.error.print(
                    "Give it to the hosts that use it: `propel \(hosts.joined(separator: " "))`".printable)
            }
        }
    }

    /// - Returns: the hosts that use the secret.
    private func rotate(in checkout: Checkout) throws -> [String] {
        let store = checkout.secretStore
        let chosen: [StoredSecret] =
            if secret.context == nil {
                try store.secrets().filter { $0.name == secret.name }
            } else {
                [try secret.stored(in: checkout)]
            }
        let rotation = try SecretRotation(of: chosen, name: secret.name, in: checkout)
        let format = OutputFormat(isJSON: output.json)
        for (stored, generator) in rotation.generators { format.print(try store.rotate(stored, generator)) }
        return rotation.hosts
    }
}

/// The secrets of one name that get a next value.
struct SecretRotation {
    /// In their order, each with how it is made.
    var generators: [(StoredSecret, Secret.Generator)] = []
    /// The hosts that use them, in the order of hosts.conf.
    var hosts: [String] = []

    /// - Throws: ``UsageError`` if one is not in the store yet, or no host generates it.
    init(of chosen: [StoredSecret], name: SecretName, in checkout: Checkout) throws {
        let store = checkout.secretStore
        var found: [StoredSecret: Secret.Generator] = [:]
        var isGenerated = false
        let conf = try checkout.hostsConf
        for machine in conf.hosts {
            let target = try checkout.target(machine, in: conf)
            let generation = target.host.secretGenerations[name.description]
            if generation != nil { isGenerated = true }
            guard target.host.secrets.contains(name),
                let stored = try store.secret(name, host: target.name, role: machine.entry.role),
                chosen.contains(stored)
            else { continue }
            hosts.append(target.name)
            if let generation { found[stored] = generation.generator }
        }
        guard isGenerated else {
            throw UsageError(
                description:
                    "no host generates the secret \(name)\nSet its next value with `propel secret set \(name)`.")
        }
        guard !chosen.isEmpty else {
            throw UsageError(
                description: "the secret \(name) has not been generated yet\nThe first run of a host that uses it does."
            )
        }
        // One that no host uses, or that a person has set for a host, is left alone.
        generators = chosen.sorted().compactMap { stored in found[stored].map { (stored, $0) } }
        guard !generators.isEmpty else {
            throw UsageError(
                description:
                    "no host that generates the secret \(name) uses \(chosen.map(\.path).joined(separator: ", "))"
                    + "\nSet its next value with `propel secret set \(name)`.")
        }
    }
}
