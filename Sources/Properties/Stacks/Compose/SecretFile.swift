import Libc

/// A file of a stack that contains secrets.
struct SecretFile: Sendable {
    enum Kind: Sendable {
        /// Mounted into a container. Docker does not look into it.
        case mounted(Content, container: String)
        /// Variables that the compose file leaves out, by the names of containers. Compose notices changes itself.
        case variables([(container: String, variables: [Environment])])
    }

    let path: FilePath
    let kind: Kind
    let mode: ModeBits
    let owner: Owner

    var secrets: [Secret] {
        switch kind {
        case .mounted(let content, _): content.secrets
        case .variables(let containers): containers.flatMap(\.variables).flatMap(\.value.secrets)
        }
    }

    /// Identifies the content without the plaintext of a secret.
    var form: String {
        switch kind {
        case .mounted(let content, _): content.form
        case .variables(let containers):
            containers.map { container, variables in
                "\(container)\n" + variables.map { "\($0.name)\n\($0.value.form)" }.joined(separator: "\n\n")
            }
            .joined(separator: "\n\n\n")
        }
    }

    /// Whether the present bytes are those described. If the plaintexts are here, they decide.
    /// - Throws: ``Undetermined`` if that takes a plaintext.
    func matches(_ present: [UInt8], on machine: Machine) async throws -> Bool {
        let applied = AppliedSecrets(in: path.string, form: form, of: secrets)
        guard secrets.allSatisfy({ machine.secrets.known($0) != nil }) else {
            return try applied.matches(present, on: machine)
        }
        let isSame = try await withBytes(on: machine) { $0 == present }
        if isSame { try applied.remember(present, on: machine) }
        return isSame
    }

    /// Passes its bytes to `body`, and wipes them afterwards.
    func withBytes<Result: Sendable>(on machine: Machine, _ body: ([UInt8]) throws -> Result) async throws -> Result {
        switch kind {
        case .mounted(let content, _): return try await content.withBytes(on: machine, body)
        case .variables(let containers):
            var text = SecretYAML()
            defer { text.bytes.wipe() }
            text.append(
                plain: "# What the compose file beside this leaves out, since there are secrets in it.\nservices:\n")
            for (container, variables) in containers {
                text.append(plain: "  \(YAML.quoted(container)):\n    environment:\n")
                for variable in variables {
                    text.append(plain: "      \(YAML.quoted(variable.name)): ")
                    try await variable.value.withBytes(on: machine) { value in
                        guard String(validating: value, as: UTF8.self) != nil, !value.contains(0) else {
                            throw Failure(
                                "the variable \(variable.name) of \(container) is not valid UTF-8, or contains NUL",
                                advice:
                                    "Pass the secret as a file: ConfigurationFile(\"/run/secrets/…\", …)."
                            )
                        }
                        text.append(quoted: value)
                    }
                    text.append(plain: "\n")
                }
            }
            return try body(text.bytes)
        }
    }
}
