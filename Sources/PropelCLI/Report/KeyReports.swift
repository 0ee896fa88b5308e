import Propel
import SecretStore

/// The answer of `propel key list`.
struct KeyListReport: Report {
    var keys: [PublicKey]
    /// The fingerprints of the keys whose private half is here.
    var own: Set<String>

    var text: TextOutput {
        guard !keys.isEmpty else {
            return TextOutput(notes: [
                StyledLine("\(StoreFinding.noKeys)"), StyledLine(StoreFinding.noKeys.advice.oneLine),
            ])
        }
        let rows = keys.map { key in
            let remarks = [own.contains(key.fingerprint) ? "yours" : nil, key.problem?.description]
            return [
                key.fingerprint, key.name, key.usableUntil?.dayInUTC ?? "-",
                remarks.compactMap(\.self).joined(separator: ", "),
            ]
        }
        return TextOutput(lines: Table([["FINGERPRINT", "OWNER", "EXPIRES", ""]] + rows).lines)
    }

    var json: [JSON] {
        keys.map { key in
            .line("key", key.jsonMembers.merging(["own": .bool(own.contains(key.fingerprint))]) { $1 })
        }
    }
}

/// The answer of the commands that change the keyring.
struct KeyChangeReport: Report {
    enum Kind: String { case added, removed, reencrypted }

    var change: Keyring.Change
    var kind: Kind
    /// Whether the user has the private half of a key in the keyring.
    var canRead = true

    var text: TextOutput {
        var text = TextOutput()
        switch kind {
        case .added:
            text.lines = change.keys.map { StyledLine("\($0.name) (\($0.fingerprint)) can read the secrets".oneLine) }
        case .removed: text.lines = change.keys.map { StyledLine("removed \($0.name) (\($0.fingerprint))".oneLine) }
        case .reencrypted: break
        }
        if !change.reencrypted.isEmpty {
            let count = change.reencrypted.count
            text.lines.append(StyledLine("re-encrypted \(count) \(count == 1 ? "secret" : "secrets")"))
        }
        if !change.toRotate.isEmpty {
            text.lines.append(
                StyledLine(
                    "A key that is not in the keyring could read these, and git keeps the old files. "
                        + "Give them new values where they are used, and here:"))
            text.lines += change.toRotate.map {
                StyledLine("  propel secret set \($0.name)\($0.context.option)".oneLine)
            }
        }
        if !canRead {
            text.notes = [StyledLine("No key of the keyring is yours: you can write secrets, but not read them.")]
        }
        return text
    }

    var json: [JSON] {
        [
            .line(
                "key-change",
                [
                    "change": .string(kind.rawValue),
                    "keys": .array(change.keys.map { .object($0.jsonMembers.compactMapValues(\.self)) }),
                    "reencrypted": .array(change.reencrypted.map { .string($0.path) }),
                    "rotate": .array(change.toRotate.map { .string($0.path) }),
                ])
        ]
    }
}

/// The answer of `propel key check`.
struct KeyCheckReport: Report {
    var findings: [StoreFinding]

    var text: TextOutput {
        guard !findings.isEmpty else { return TextOutput(lines: [StyledLine("no problems found")]) }
        return TextOutput(
            lines: findings.flatMap { finding in
                [StyledLine("\(finding)".oneLine, indentation: 2)]
                    + finding.advice.printableLines.map { StyledLine("  \($0)", indentation: 2) }
            })
    }

    var json: [JSON] {
        findings.map { finding in
            .line(
                "finding",
                [
                    "message": .string("\(finding)"), "advice": .string(finding.advice),
                    "problem": .bool(finding.isProblem),
                ])
        }
    }
}

extension PublicKey {
    fileprivate var jsonMembers: [String: JSON?] {
        [
            "fingerprint": .string(fingerprint), "owners": .array(userIDs.map { .string($0) }),
            "expires": usableUntil.map { .string($0.dayInUTC) } ?? .null,
            "problem": problem.map { .string($0.description) } ?? .null,
        ]
    }
}
