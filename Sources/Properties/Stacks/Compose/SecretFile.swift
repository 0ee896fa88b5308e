import Libc

/// A file of a stack that contains secrets.
struct SecretFile: Sendable {
    enum Kind: Sendable {
        /// Mounted into a container. Docker does not look into it.
        case mounted(Content, container: String)
        /// The keys that the compose file leaves out. Compose notices changes itself.
        case keys([SecretKeys])
    }

    let path: FilePath
    let kind: Kind
    let mode: ModeBits
    let owner: Owner

    var secrets: [Secret] {
        switch kind {
        case .mounted(let content, _): content.secrets
        case .keys(let containers): containers.flatMap(\.secrets)
        }
    }

    /// Identifies the content without the plaintext of a secret.
    var form: String {
        switch kind {
        case .mounted(let content, _): content.form
        case .keys(let containers): containers.map(\.form).joined(separator: "\n\n\n")
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
        case .keys(let containers):
            var text = SecretYAML()
            defer { text.bytes.wipe() }
            text.append(
                plain: "# What the compose file beside this leaves out, since there are secrets in it.\nservices:\n")
            for keys in containers {
                text.append(plain: "  \(YAML.quoted(keys.container)):\n")
                for piece in keys.pieces {
                    text.append(plain: piece.before)
                    try await piece.value.withBytes(on: machine) { value in
                        guard String(validating: value, as: UTF8.self) != nil, !value.contains(0) else {
                            throw Failure(
                                "\(piece.words) of \(keys.container) is not valid UTF-8, or contains NUL",
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
