import ArgumentParser
import Foundation
import Git
import Propel
import SecretStore

extension SecretCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "List the secrets: for whom they are, which hosts use them, who can read them, when they were last changed."
        )

        @Flag(help: "One JSON object a line.")
        var json = false

        func run() async throws {
            try await reportingProblems {
                let checkout = try await Checkout.open()
                let store = checkout.secretStore
                let use = try SecretUse(in: checkout)
                let changes = await SecretHistory(of: checkout)
                let rows = try store.secrets().map { secret in
                    Row(
                        secret: secret, hosts: use.hosts(using: secret), readers: try store.recipients(of: secret),
                        changed: changes.change(of: secret))
                }
                if json { return rows.forEach { Terminal.output.print($0.json.description) } }
                guard !rows.isEmpty else {
                    return Terminal.error.print("there are no secrets; `propel secret set NAME` makes one")
                }
                Table([["NAME", "FOR", "USED BY", "READ BY", "CHANGED"]] + rows.map(\.cells)).print()
            }
        }
    }

    private struct Row {
        let secret: StoredSecret
        let hosts: [String]
        let readers: [Recipient]
        let changed: SecretHistory.Change

        var cells: [String] {
            [
                secret.name.description, secret.context.description,
                hosts.isEmpty ? "-" : hosts.joined(separator: ", "),
                readers.map(\.description).joined(separator: ", "), changed.description,
            ]
        }

        var json: JSON {
            let date: JSON = if case .committed(let date) = changed { .string(date) } else { .null }
            return .object([
                "version": .integer(JSONReporter.version), "kind": "secret", "name": .string(secret.name.description),
                "context": .string(secret.context.description), "path": .string(secret.path),
                "hosts": .array(hosts.map { .string($0) }),
                "readers": .array(readers.map { .string($0.description) }), "changed": date,
            ])
        }
    }
}

/// When secrets were last changed, as git knows it.
struct SecretHistory {
    enum Change: CustomStringConvertible {
        /// As `2026-11-21`.
        case committed(String)
        case notCommitted
        /// There is no repository.
        case unknown

        var description: String {
            switch self {
            case .committed(let date): date
            case .notCommitted: "not committed"
            case .unknown: "-"
            }
        }
    }

    /// By absolute path; nil without a repository.
    private let dates: [String: String]?

    init(of checkout: Checkout) async {
        do {
            // Links are resolved: git names files under the top of the work tree.
            let folder = checkout.root.appending(path: "secrets").resolvingSymlinksInPath()
            let repository = try await Repository(containing: checkout.root.path)
            let root = URL(filePath: repository.root).resolvingSymlinksInPath().path + "/"
            guard folder.path.hasPrefix(root) else {
                dates = nil
                return
            }
            let path = String(folder.path.dropFirst(root.count))
            var dates = try await repository.lastChanges(under: path)
            for change in try await repository.status(of: [path]).changes { dates[change.path] = nil }
            self.dates = Dictionary(uniqueKeysWithValues: dates.map { (root + $0.key, $0.value) })
        } catch {
            dates = nil
        }
    }

    func change(of secret: StoredSecret) -> Change {
        guard let dates else { return .unknown }
        return dates[secret.file.resolvingSymlinksInPath().path].map { .committed($0) } ?? .notCommitted
    }
}
