import Propel
import SecretStore

/// The answer of `propel secret list`.
struct SecretListReport: Report {
    struct Row {
        var secret: StoredSecret
        /// The hosts that use it.
        var hosts: [String]
        var readers: [Recipient]
        var changed: SecretHistory.Change
    }

    var rows: [Row]

    var text: TextOutput {
        guard !rows.isEmpty else {
            return TextOutput(notes: [StyledLine("there are no secrets: `propel secret set NAME` adds one")])
        }
        let cells = rows.map { row in
            [
                row.secret.name.description, row.secret.context.description,
                row.hosts.isEmpty ? "-" : row.hosts.joined(separator: ", "),
                row.readers.map(\.description).joined(separator: ", "), row.changed.description,
            ]
        }
        return TextOutput(lines: Table([["NAME", "FOR", "USED BY", "READ BY", "CHANGED"]] + cells).lines)
    }

    var json: [JSON] {
        rows.map { row in
            let date: JSON = if case .committed(let date) = row.changed { .string(date) } else { .null }
            return .line(
                "secret",
                row.secret.jsonMembers.merging([
                    "hosts": .array(row.hosts.map(JSON.string)),
                    "readers": .array(row.readers.map { .string($0.description) }), "changed": date,
                ]) { $1 })
        }
    }
}

/// The answer of `propel secret unused`: as text, the commands that remove the secrets.
struct SecretUnusedReport: Report {
    var secrets: [StoredSecret]

    var text: TextOutput {
        TextOutput(lines: secrets.map { StyledLine("propel secret remove \($0.name)\($0.context.option)".oneLine) })
    }

    var json: [JSON] { secrets.map { .line("unused-secret", $0.jsonMembers) } }
}

/// The answer of the commands that change a secret.
struct SecretChangeReport: Report {
    enum Kind {
        case written(readers: [Recipient])
        /// The hosts that still use a secret of this name.
        case removed(users: [String])
        /// The editor changed nothing.
        case unchanged
    }

    var secret: StoredSecret
    var kind: Kind

    // All of it on standard error: the commands have no answer on standard output.
    var text: TextOutput {
        switch kind {
        case .written(let readers):
            let names = readers.map(\.description).joined(separator: ", ")
            return TextOutput(notes: [StyledLine("wrote \(secret.path), which \(names) can read".oneLine)])
        case .removed(let users):
            var notes = [StyledLine("removed \(secret.path)".oneLine)]
            if !users.isEmpty {
                let use = users.count == 1 ? "uses" : "use"
                notes.append(StyledLine("\(users.joined(separator: ", ")) still \(use) a secret of this name".oneLine))
            }
            return TextOutput(notes: notes)
        case .unchanged: return TextOutput(notes: [StyledLine("\(secret.path) is unchanged".oneLine)])
        }
    }

    var json: [JSON] {
        let members: [String: JSON?] =
            switch kind {
            case .written(let readers):
                ["change": "written", "readers": .array(readers.map { .string($0.description) })]
            case .removed(let users): ["change": "removed", "users": .array(users.map(JSON.string))]
            case .unchanged: ["change": "unchanged"]
            }
        return [.line("secret-change", secret.jsonMembers.merging(members) { $1 })]
    }
}

extension StoredSecret {
    /// The members of a line of JSON that name the secret.
    var jsonMembers: [String: JSON?] {
        ["name": .string(name.description), "context": .string(context.description), "path": .string(path)]
    }
}

extension SecretStore {
    /// The report about a secret that was written.
    func writtenReport(on secret: StoredSecret) throws -> SecretChangeReport {
        SecretChangeReport(secret: secret, kind: .written(readers: try recipients(of: secret)))
    }
}
