extension ComposeImport {
    /// Finds the secrets of all services first: a password of one may be a part of another one's address.
    mutating func findSecrets() {
        for service in project.services {
            for entry in service.value["environment"]?.entries ?? [] {
                guard let value = entry.value.text, let literal = value.literal,
                    SecretNames.isSecret(entry.key, value: literal), !Self.isPath(literal)
                else { continue }
                _ = secrets.name(of: entry.key, value: literal, in: service.name)
            }
        }
    }

    /// The value of a variable, with its secrets apart.
    func apart(_ value: ComposeText, of name: String) -> ComposeText {
        guard let literal = value.literal else {
            // A password that is made of variables which are no secrets by their names.
            if !value.hasSecret, SecretNames.isSecret(name, value: nil) {
                return ComposeText(parts: [.secret(variable: name, value: nil)])
            }
            return ComposeText(
                parts: value.parts.flatMap { part in
                    if case .literal(let text) = part { apart(text, of: name).parts } else { [part] }
                })
        }
        if SecretNames.isSecret(name, value: literal), !Self.isPath(literal) {
            return ComposeText(parts: [.secret(variable: name, value: literal)])
        }
        return apart(literal, of: name)
    }

    /// A string, with the passwords in it apart: those of variables, and those of addresses.
    func apart(_ text: String, of name: String) -> ComposeText {
        var parts: [ComposeText.Part] = [.literal(text)]
        for secret in secrets.found {
            // A short one may be a word like any other.
            guard let value = secret.value, value.utf8.count >= 6 else { continue }
            parts = parts.flatMap { Self.split($0, at: value, as: secret.name) }
        }
        return ComposeText(parts: parts.flatMap { Self.splitAddress($0, of: name) })
    }

    private static func split(_ part: ComposeText.Part, at value: String, as name: String) -> [ComposeText.Part] {
        guard case .literal(let text) = part else { return [part] }
        var parts: [ComposeText.Part] = [], rest = text[...]
        while let range = rest.firstRange(of: value) {
            if range.lowerBound > rest.startIndex { parts.append(.literal(String(rest[..<range.lowerBound]))) }
            parts.append(.secret(variable: name, value: value))
            rest = rest[range.upperBound...]
        }
        if !rest.isEmpty || parts.isEmpty { parts.append(.literal(String(rest))) }
        return parts
    }

    /// The password of an address: `postgres://user:PASSWORD@db/shop`.
    private static func splitAddress(_ part: ComposeText.Part, of name: String) -> [ComposeText.Part] {
        guard case .literal(let text) = part, let scheme = text.firstRange(of: "://") else { return [part] }
        let authority = text[scheme.upperBound...].prefix { !"/?# ,".contains($0) }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":"),
            authority.index(after: colon) < at
        else { return [part] }
        let password = String(authority[authority.index(after: colon)..<at])
        return [
            .literal(String(text[...colon])), .secret(variable: "\(name)-password", value: password),
            .literal(String(text[at...])),
        ]
    }

    /// Whether a value is a path rather than a key: `/certs/tls.key`.
    static func isPath(_ value: String) -> Bool { value.hasPrefix("/") && value.contains(".") || value.hasPrefix("./") }
}
