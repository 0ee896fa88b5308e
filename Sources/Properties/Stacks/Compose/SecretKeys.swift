/// The keys of a container that the compose file leaves out, since there are secrets in them.
struct SecretKeys: Sendable {
    /// The name of the container.
    let container: String
    var variables: [Environment] = []
    var labels: [Label] = []
    /// The words of the entry point; none if there is no secret in it.
    var entrypoint: [Content] = []
    /// The words of the command; none if there is no secret in it.
    var command: [Content] = []
    /// The words of the test of the health check; none if there is no secret in it.
    var test: [Content] = []

    /// A value, with what stands before it in the file.
    struct Piece {
        let before: String
        let value: Content
        /// The name for messages: “the variable PASSWORD”.
        let words: String
    }

    var isEmpty: Bool { pieces.isEmpty }
    var secrets: [Secret] { pieces.flatMap(\.value.secrets) }

    /// Whether docker gets them as arguments of a program.
    var hasWords: Bool { !entrypoint.isEmpty || !command.isEmpty }

    /// The values in the order of the file, each with the lines before it.
    var pieces: [Piece] {
        map("environment", variables.map { ($0.name, $0.value) }, "variable")
            + map("labels", labels.map { ($0.name, $0.value) }, "label")
            + list("    entrypoint:\n", entrypoint, "the entry point") + list("    command:\n", command, "the command")
            + list("    healthcheck:\n      test:\n", test, "the health check", indentation: "  ")
    }

    private func map(_ key: String, _ entries: [(name: String, value: Content)], _ kind: String) -> [Piece] {
        entries.enumerated().map { number, entry in
            Piece(
                before: (number == 0 ? "    \(key):\n" : "") + "      \(YAML.quoted(entry.name)): ",
                value: entry.value, words: "the \(kind) \(entry.name)")
        }
    }

    /// - Parameters:
    ///   - heading: the lines before the first value.
    ///   - indentation: that of the values beyond the usual one; none by default.
    private func list(
        _ heading: String, _ values: [Content], _ words: String, indentation: String = ""
    ) -> [Piece] {
        values.enumerated().map { number, value in
            Piece(before: (number == 0 ? heading : "") + indentation + "      - ", value: value, words: words)
        }
    }

    /// Identifies the values without the plaintext of a secret.
    var form: String {
        let variables = variables.map { "\($0.name)\n\($0.value.form)" }.joined(separator: "\n\n")
        let others = SecretKeys(
            container: container, labels: labels, entrypoint: entrypoint, command: command, test: test
        ).pieces.map { "\($0.before)\n\($0.value.form)" }
        return (["\(container)\n" + variables] + others).joined(separator: "\n\n")
    }
}

extension Container {
    /// Its variables with secrets.
    var secretVariables: [Environment] { environment.filter { !$0.value.secrets.isEmpty } }

    /// Its keys in the file of what has secrets.
    var secretKeys: SecretKeys {
        SecretKeys(
            container: name, variables: secretVariables, labels: secretLabels, entrypoint: secretEntrypoint,
            command: command?.secretWords ?? [], test: healthCheck?.secretTest ?? [])
    }
}

extension [Content] {
    /// Whether a secret is in one of them.
    var hasSecrets: Bool { contains { !$0.secrets.isEmpty } }

    /// The problem of what is known on the machine alone; nil without one.
    var problem: String? {
        allSatisfy(\.isResolved) ? nil : "there is a fact or a file of the repository in it: use strings and secrets"
    }
}
