/// The variables that hold secrets, told by their names, and the names that the secrets get.
struct SecretNames {
    /// The name of the stack: secrets of one store are for all stacks.
    let stack: String
    /// The secrets in the order in which they were found.
    private(set) var found: [Found] = []

    struct Found: Equatable {
        var name: String
        /// Its value in the file, by which it is found again. Never printed.
        var value: String?
        /// The file with the value, if it is a whole file.
        var file: String?
    }

    init(stack: String) { self.stack = stack }

    private static let words: Set<String> = [
        "PASSWORD", "PASSWORDS", "PASSWD", "PASS", "PASSPHRASE", "PWD", "SECRET", "SECRETS", "TOKEN", "TOKENS", "KEY",
        "KEYS", "APIKEY", "CREDENTIAL", "CREDENTIALS", "SALT", "PEPPER",
    ]
    /// Words of settings about secrets, which are not secret.
    private static let settings: Set<String> = [
        "LENGTH", "EXPIRY", "EXPIRES", "EXPIRATION", "EXPIRE", "TTL", "LIFETIME", "TIMEOUT", "COUNT", "MIN", "MAX",
        "PORT", "ENABLED", "ENABLE", "DISABLED", "DISABLE", "SIZE", "INTERVAL", "AGE", "ROUNDS", "POLICY", "TYPE",
        "DURATION", "ALGORITHM", "LOGIN", "ENCRYPTION", "RESET", "FILE", "PATH", "DIR", "DIRECTORY",
    ]

    /// Whether a variable holds a secret.
    /// - Parameter value: nil if it is unknown.
    static func isSecret(_ name: String, value: String?) -> Bool {
        // The working directory of the shell.
        guard name != "PWD" else { return false }
        let segments = name.uppercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
        let isNamed = segments.contains { segment in
            words.contains(segment)
                || ["PASSWORD", "SECRET", "TOKEN", "APIKEY", "PASSPHRASE"].contains { segment.hasSuffix($0) }
        }
        guard isNamed, !(segments.last.map(settings.contains) ?? false) else { return false }
        guard let value else { return true }
        return !value.isEmpty
            && !["true", "false", "yes", "no", "on", "off", "0", "1", "none"].contains(value.lowercased())
    }

    /// The name of the secret with a value.
    /// - Parameters:
    ///   - variable: the variable that has it.
    ///   - value: nil if it is unknown; then the variable alone tells.
    ///   - owner: the service that has it, for variables of one name with different values.
    mutating func name(of variable: String, value: String?, in owner: String? = nil) -> String {
        if let value, let known = found.first(where: { $0.value == value }) { return known.name }
        let base = Self.plain("\(stack)-\(variable)")
        if value == nil, let known = found.first(where: { $0.name == base }) { return known.name }
        let taken = Set(found.map(\.name))
        let ofOwner = owner.map { Self.plain("\(stack)-\($0)-\(variable)") }
        let name =
            [base, ofOwner].compactMap(\.self).first { !taken.contains($0) }
            ?? SwiftText.free(base, besides: taken)
        found.append(Found(name: name, value: value))
        return name
    }

    /// The name of the secret that is a whole file.
    mutating func name(ofFile file: String, called wanted: String) -> String {
        if let known = found.first(where: { $0.file == file }) { return known.name }
        let name = name(of: wanted, value: nil)
        if let index = found.firstIndex(where: { $0.name == name }) { found[index].file = file }
        return name
    }

    /// Lowercase words with `-` between them.
    private static func plain(_ name: String) -> String {
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return String(words.joined(separator: "-").prefix(100))
    }
}
