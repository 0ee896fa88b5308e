import Libc

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
            containers.map { container, variables in
                "\(container)\n" + variables.map { "\($0.name)\n\($0.value.form)" }.joined(separator: "\n\n")
            }
            .joined(separator: "\n\n\n")
        }
    }

    /// Compares what is there with what is to be, as far as can be told: where the plaintexts are here, they decide.
    func compare(_ present: [UInt8], on machine: Machine) async throws -> AppliedSecrets.Comparison {
        let applied = AppliedSecrets(in: path.string, form: form, of: secrets)
        guard secrets.allSatisfy({ machine.secrets.known($0) != nil }) else {
            return try applied.compare(present, on: machine)
        }
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
            text.append(
                plain: "# What the compose file beside this leaves out, since there are secrets in it.\nservices:\n")
            for (container, variables) in containers {
                text.append(plain: "  \(YAML.quoted(container)):\n    environment:\n")
                for variable in variables {
                    text.append(plain: "      \(YAML.quoted(variable.name)): ")
                    try await variable.value.withBytes(on: machine) { value in
                        guard String(validating: value, as: UTF8.self) != nil, !value.contains(0) else {
                            throw Failure(
                                "the variable \(variable.name) of \(container) would have bytes that are no text",
                                advice:
                                    "Give the secret to the container as a file: ConfigurationFile(\"/run/secrets/…\", …)."
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

/// A text of YAML that has secrets in it, and leaves no copy of itself behind.
private struct SecretText {
    var bytes: [UInt8] = []

    mutating func append(plain text: String) { append(Array(text.utf8)) }

    /// In double quotes, and as it is: compose replaces `$NAME`.
    /// - Parameter value: UTF-8.
    mutating func append(quoted value: [UInt8]) {
        var quoted: [UInt8] = []
        quoted.reserveCapacity(value.count * 4 + 2)
        defer { quoted.wipe() }
        quoted.append(UInt8(ascii: "\""))
        var index = value.startIndex
        while index < value.endIndex {
            let byte = value[index]
            if let (scalar, length) = Self.unprintable(value[index...]) {
                quoted += Self.escape(scalar)
                index += length
                continue
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "$"): quoted += [byte, byte]
            default: quoted.append(byte)
            }
            index += 1
        }
        quoted.append(UInt8(ascii: "\""))
        append(quoted)
    }

    /// A character that YAML does not take as it is, or takes for the end of a line, and how many bytes it has; nil for all others.
    private static func unprintable(_ bytes: ArraySlice<UInt8>) -> (scalar: UInt16, length: Int)? {
        var next = bytes.startIndex
        func byte() -> UInt8 {
            defer { next += 1 }
            return next < bytes.endIndex ? bytes[next] : 0
        }
        switch (byte(), byte(), byte()) {
        case (let control, _, _) where control < 0x20 || control == 0x7F: return (UInt16(control), 1)
        // U+0080 to U+00A0.
        case (0xC2, let last, _) where last <= 0xA0: return (UInt16(last), 2)
        // U+2028 and U+2029.
        case (0xE2, 0x80, let last) where last == 0xA8 || last == 0xA9: return (0x2000 | UInt16(last & 0x3F), 3)
        case (0xEF, 0xBB, 0xBF): return (0xFEFF, 3)
        case (0xEF, 0xBF, let last) where last >= 0xBE: return (0xFFC0 | UInt16(last & 0x3F), 3)
        default: return nil
        }
    }

    private static func escape(_ scalar: UInt16) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8), isShort = scalar < 0x100
        let shifts = isShort ? [4, 0] : [12, 8, 4, 0]
        return [UInt8(ascii: "\\"), UInt8(ascii: isShort ? "x" : "u")] + shifts.map { digits[Int(scalar >> $0 & 15)] }
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
                        path: path(of: file, in: container), kind: .mounted(file.content, container: container.name),
                        mode: file.mode,
                        owner: Owner(user: file.owner, group: file.owner)))
            }
            let own = container.environment.filter { !$0.value.secrets.isEmpty }
            if !own.isEmpty { variables.append((container.name, own)) }
        }
        if !variables.isEmpty {
            files.append(SecretFile(path: overrideFile, kind: .variables(variables), mode: 0o600, owner: .root))
        }
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
        return SHA256.hash(
            Array(([ComposeFile(stack: self).text, "\(dataFormat)"] + secrets).joined(separator: "\n\n").utf8))
    }
}
