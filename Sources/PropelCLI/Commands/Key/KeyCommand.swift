import ArgumentParser
import Foundation
import Propel
import SecretStore

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "The OpenPGP keys that the secrets are encrypted to: those of everybody who may deploy.",
        subcommands: [Add.self, Remove.self, List.self, Check.self])
}

extension KeyCommand {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Add a key, or bring one up to date, and encrypt all secrets to it too. Done as a whole or not at all.")

        @Argument(
            help: ArgumentHelp(
                "A fingerprint, key id or mail address of a key in your GnuPG home, or a file with a public key.",
                valueName: "id|file"))
        var key: String
        @OptionGroup var passphrase: PassphraseOptions

        func run() async throws {
            try await reportingProblems {
                let keyring = try await Checkout.open().secretStore.keyring
                let source = isFile(key) ? try KeySource(file: key) : try KeySource(key, gpgHome: nil)
                let change = try keyring.add(source, passphrase: try passphrase.source())
                for key in change.keys {
                    Terminal.output.print("\(key.name) (\(key.fingerprint)) can read the secrets".printable)
                }
                change.tellReencrypted()
                if try keyring.ownKeys().isEmpty {
                    Terminal.error.print(
                        "None of the keys in the keyring is yours: you can write secrets, and not read them.")
                }
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove keys, and encrypt all secrets anew without them. Done as a whole or not at all.",
            discussion:
                "The owner may have the secrets still, and git keeps the files as they were. So those that are named must get new values."
        )

        @Argument(help: "Fingerprints, key ids or mail addresses of keys in the keyring.")
        var keys: [String]
        @Flag(help: "Also where none of the keys that are left is yours.")
        var lockMeOut = false
        @OptionGroup var passphrase: PassphraseOptions

        func run() async throws {
            try await reportingProblems {
                let keyring = try await Checkout.open().secretStore.keyring
                let change = try keyring.remove(keys, passphrase: try passphrase.source(), lockingOut: lockMeOut)
                for key in change.keys {
                    Terminal.output.print("\(key.name) (\(key.fingerprint)) is removed".printable)
                }
                change.tellReencrypted()
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys that the secrets are encrypted to.")

        @Flag(help: "One JSON object a line.")
        var json = false

        func run() async throws {
            try await reportingProblems {
                let keyring = try await Checkout.open().secretStore.keyring
                let keys = try keyring.keys()
                let own = Set(try keyring.ownKeys().map(\.fingerprint))
                if json {
                    return keys.forEach {
                        Terminal.output.print($0.json(isOwn: own.contains($0.fingerprint)).description)
                    }
                }
                guard !keys.isEmpty else {
                    return Terminal.error.print("the keyring is empty\n\(StoreFinding.noKeys.advice)")
                }
                Table(
                    [["FINGERPRINT", "OWNER", "EXPIRES", ""]]
                        + keys.map { key in
                            let remarks = [own.contains(key.fingerprint) ? "yours" : nil, key.problem?.description]
                                .compactMap(\.self)
                            return [
                                key.fingerprint, key.name, key.usableUntil?.dayInUTC ?? "-",
                                remarks.joined(separator: ", "),
                            ]
                        }
                ).print()
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Look whether all secrets are encrypted to exactly the keys of the keyring, and what else is wrong. Decrypts nothing.",
            discussion:
                "Exit status 1 where something is wrong; 0 also where something only wants to be known, such as a secret that nobody uses."
        )

        @Flag(help: "Encrypt anew what is not for exactly the keys of the keyring, as after two branches were merged.")
        var reencrypt = false
        @OptionGroup var passphrase: PassphraseOptions

        func run() async throws {
            try await reportingProblems {
                let checkout = try await Checkout.open()
                let keyring = checkout.secretStore.keyring
                if reencrypt { try keyring.reencrypt(passphrase: try passphrase.source()).tellReencrypted() }
                let (use, names) = (Result { try SecretUse(in: checkout) }, try checkout.contextNames)
                let findings = try keyring.check(hosts: Set(names.hosts), roles: Set(names.roles)) { secret in
                    // A store that is damaged says so by itself.
                    guard let use = try? use.get() else { return true }
                    return !use.hosts(using: secret).isEmpty
                }
                for finding in findings { Terminal.output.print("\(finding)\n  \(finding.advice)".printable) }
                if findings.isEmpty { Terminal.output.print("all is well") }
                if findings.contains(where: \.isProblem) { throw ExitStatus.failed.code }
                _ = try use.get()
            }
        }
    }
}

/// Whether there is such a file; anything else is the id of a key.
private func isFile(_ name: String) -> Bool { name.contains("/") || access(name, F_OK) == 0 }

extension Keyring.Change {
    func tellReencrypted() {
        if !reencrypted.isEmpty {
            Terminal.output.print(
                "\(reencrypted.count == 1 ? "1 secret is" : "\(reencrypted.count) secrets are") encrypted anew")
        }
        guard !toRotate.isEmpty else { return }
        Terminal.output.print(
            "These could be read with a key that is not in the keyring, and git keeps them as they were. Give them new values where they are used, and here:"
        )
        for secret in toRotate {
            Terminal.output.print("  propel secret set \(secret.name)\(secret.context.option)".printable)
        }
    }
}

extension PublicKey {
    fileprivate func json(isOwn: Bool) -> JSON {
        .object([
            "version": .integer(JSONReporter.version), "kind": "key", "fingerprint": .string(fingerprint),
            "owners": .array(userIDs.map { .string($0) }), "expires": usableUntil.map { .string($0.dayInUTC) } ?? .null,
            "problem": problem.map { .string($0.description) } ?? .null, "own": .bool(isOwn),
        ])
    }
}
