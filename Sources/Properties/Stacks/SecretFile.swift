#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A file of a stack with secrets in it.
struct SecretFile: Sendable {
    enum Kind: Sendable {
        /// A container has it mounted. Docker does not look into it.
        case mounted(Content, container: String)
        /// What the compose file leaves out: variables of containers, by their names. Compose sees a change by itself.
        case variables([(container: String, variables: [Environment])])
    }

    let path: FilePath
    let kind: Kind
    let mode: Permissions
    let owner: Owner

    var secrets: [Secret] {
        switch kind {
        case .mounted(let content, _): content.secrets
        case .variables(let containers): containers.flatMap(\.variables).flatMap(\.value.secrets)
        }
    }

    /// Tells it from every other, without the plaintext of a secret.
    var form: String {
        switch kind {
        case .mounted(let content, _): content.form
        case .variables(let containers):
            containers.map { container, variables in "\(container)\n" + variables.map { "\($0.name)\n\($0.value.form)" }.joined(separator: "\n\n") }
                .joined(separator: "\n\n\n")
        }
    }

    /// Compares what is there with what is to be, as far as can be told: where the plaintexts are here, they decide.
    func compare(_ present: [UInt8], on machine: Machine) async throws -> AppliedSecrets.Comparison {
        let applied = AppliedSecrets(in: path.string, form: form, of: secrets)
        guard secrets.allSatisfy({ machine.secrets.known($0) != nil }) else { return try applied.compare(present, on: machine) }
        let isSame = try await withBytes(on: machine) { $0 == present }
        if isSame { try applied.remember(present, on: machine) }
        return isSame ? .same : .different
    }

    /// Lends its bytes, and wipes them.
    func withBytes<Result: Sendable>(on machine: Machine, _ body: ([UInt8]) throws -> Result) async throws -> Result {
        switch kind {
        case .mounted(let content, _): return try await content.withBytes(on: machine, body)
        case .variables(let containers):
            var text = SecretText()
            defer { text.bytes.wipe() }
            text.append(plain: "# What the compose file beside this leaves out, since there are secrets in it.\nservices:\n")
            for (container, variables) in containers {
                text.append(plain: "  \(container):\n    environment:\n")
                for variable in variables {
                    text.append(plain: "      \(variable.name): ")
                    try await variable.value.withBytes(on: machine) { value in
                        guard String(validating: value, as: UTF8.self) != nil, !value.contains(0) else {
                            throw Failure(
                                "the variable \(variable.name) of \(container) would have bytes that are no text",
                                advice: "Give the secret to the container as a file: ConfigurationFile(\"/run/secrets/…\", …).")
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

/// A text of YAML that has secrets in it, and leaves no copy of itself behind.
private struct SecretText {
    var bytes: [UInt8] = []

    mutating func append(plain text: String) { append(Array(text.utf8)) }

    /// In double quotes, and as it is: compose replaces `$NAME`.
    mutating func append(quoted value: [UInt8]) {
        var quoted: [UInt8] = []
        quoted.reserveCapacity(value.count * 4 + 2)
        defer { quoted.wipe() }
        quoted.append(UInt8(ascii: "\""))
        for byte in value {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "$"): quoted += [byte, byte]
            case 0..<0x20, 0x7F:
                let digits = Array("0123456789ABCDEF".utf8)
                quoted += [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: quoted.append(byte)
            }
        }
        quoted.append(UInt8(ascii: "\""))
        append(quoted)
    }

    /// Into new memory, and wipes the old: an array that grows by itself leaves a copy behind.
    private mutating func append(_ more: [UInt8]) {
        var all: [UInt8] = []
        all.reserveCapacity(bytes.count + more.count)
        all += bytes
        all += more
        bytes.wipe()
        bytes = all
    }
}

extension Stack {
    /// Where the variables with secrets are. Compose reads it beside the compose file, also when somebody calls it by hand.
    var overrideFile: FilePath { directory.appending("docker-compose.override.yml") }

    /// In the order of its containers, the variables last.
    var secretFiles: [SecretFile] {
        var files: [SecretFile] = []
        var variables: [(container: String, variables: [Environment])] = []
        for container in containers {
            for file in container.files where !file.content.secrets.isEmpty {
                files.append(
                    SecretFile(
                        path: path(of: file, in: container), kind: .mounted(file.content, container: container.name), mode: file.mode,
                        owner: Owner(user: file.owner, group: file.owner)))
            }
            let own = container.environment.filter { !$0.value.secrets.isEmpty }
            if !own.isEmpty { variables.append((container.name, own)) }
        }
        if !variables.isEmpty { files.append(SecretFile(path: overrideFile, kind: .variables(variables), mode: 0o600, owner: .root)) }
        return files
    }

    /// The mounted files without secrets, with their places.
    var plainFiles: [(path: FilePath, file: ConfigurationFile)] {
        containers.flatMap { container in
            container.files.filter(\.content.secrets.isEmpty).map { (path(of: $0, in: container), $0) }
        }
    }

    /// Tells what is to be from everything else that could be, without the plaintext of a secret.
    var version: String {
        let secrets = secretFiles.map { "\($0.path) \(octal($0.mode)) \($0.owner.user)\n\($0.form)" }
        return SHA256.hash(Array(([ComposeFile(stack: self).text, "\(dataFormat)"] + secrets).joined(separator: "\n\n").utf8))
    }
}
