import ArgumentParser
import Propel
import SecretStore

struct KeyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the keys to which the secrets are encrypted.")

    @Flag(help: "One JSON object per line on standard output, for programs.")
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
            let rows = keys.map { key in
                let remarks = [own.contains(key.fingerprint) ? "yours" : nil, key.problem?.description]
                return [
                    key.fingerprint, key.name, key.usableUntil?.dayInUTC ?? "-",
                    remarks.compactMap(\.self).joined(separator: ", "),
                ]
            }
            Table([["FINGERPRINT", "OWNER", "EXPIRES", ""]] + rows).print()
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
