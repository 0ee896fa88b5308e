/// A line of authorized keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT): `[options] type base64 [comment]`.
struct AuthorizedKey: Equatable {
    /// The line without whitespace around it.
    let line: String
    let options: String
    /// The decoded key (RFC 4253, 6.6). It contains the type, and identifies the key.
    let blob: [UInt8]

    /// The key types that OpenSSH accepts. `ssh-dss` is no longer one.
    static let types: Set<Substring> = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]

    /// The options that sshd knows. It ignores a line with any other option, which locks the user out.
    static let optionNames: Set<String> = [
        "agent-forwarding", "cert-authority", "command", "environment", "expiry-time", "from", "no-agent-forwarding",
        "no-port-forwarding", "no-pty", "no-touch-required", "no-user-rc", "no-x11-forwarding", "permitlisten",
        "permitopen",
        "port-forwarding", "principals", "pty", "restrict", "tunnel", "user-rc", "verify-required", "x11-forwarding",
    ]

    /// A declared key.
    /// - Throws: ``Failure`` if sshd would not accept the line.
    init(declared text: String) throws(Failure) {
        func refuse(_ why: String) -> Failure {
            Failure(
                "invalid public key “\(String(text.prefix(120)).escaped)”: \(why)",
                advice: "Give the one line of the .pub file.")
        }
        if text.firstRange(of: "PRIVATE KEY") != nil {
            // The key must not be shown.
            throw Failure(
                "a private key is declared as a public key",
                advice: "Give the one line of the .pub file, and replace the key.")
        }
        guard text.unicodeScalars.allSatisfy({ ($0.value >= 0x20 || $0 == "\t") && $0.value != 0x7F }) else {
            throw refuse("it has a newline or a control character in it")
        }
        guard let (options, type, base64) = Self.fields(of: text) else {
            throw refuse("it has none of the types that sshd accepts")
        }
        guard let blob = Base64.decode(base64) else { throw refuse("the text after \(type) is not base64") }
        guard let parts = Self.parts(of: blob), parts.count >= 2 else { throw refuse("it is truncated") }
        guard String(decoding: parts[0], as: UTF8.self) == type else {
            throw refuse(
                "it is declared as \(type), but is a key of the type \(String(decoding: parts[0], as: UTF8.self))")
        }
        if type == "ssh-ed25519", parts.count != 2 || parts[1].count != 32 {
            throw refuse("it has the wrong length")
        }
        if let unknown = Self.unknownOption(in: options) { throw refuse("sshd has no option “\(unknown)”") }
        (line, self.options, self.blob) = (text.trimmed, String(options), blob)
    }

    /// The key in a line of the file; nil if it has none.
    init?(found line: String) {
        let line = line.trimmed
        guard !line.begins(with: "#"), let (options, _, base64) = Self.fields(of: line),
            let blob = Base64.decode(base64)
        else { return nil }
        (self.line, self.options, self.blob) = (line, String(options), blob)
    }

    /// The options, the type and the key of a line, by scalars, as sshd reads it. Options may contain spaces in quotes.
    private static func fields(of line: String) -> (options: Substring, type: Substring, base64: Substring)? {
        func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
        func word(_ text: Substring) -> Substring { Substring(text.unicodeScalars.prefix { !isBlank($0) }) }
        func unindented(_ text: Substring) -> Substring { Substring(text.unicodeScalars.drop(while: isBlank)) }
        var rest = unindented(line[...])
        var options = rest.prefix(0)
        if !types.contains(word(rest)) {
            var isQuoted = false, isEscaped = false
            let quoted = rest.unicodeScalars.prefix { scalar in
                defer { isEscaped = scalar == "\\" && !isEscaped }
                if scalar == "\"", !isEscaped { isQuoted.toggle() }
                return isQuoted || !isBlank(scalar)
            }
            options = Substring(quoted)
            rest = unindented(rest[options.endIndex...])
        }
        let type = word(rest)
        guard types.contains(type) else { return nil }
        let base64 = word(unindented(rest[type.endIndex...]))
        return base64.isEmpty ? nil : (options, type, base64)
    }

    /// The first option that sshd does not know.
    private static func unknownOption(in options: Substring) -> String? {
        guard !options.isEmpty else { return nil }
        var isQuoted = false, isEscaped = false
        let list = options.unicodeScalars.split(omittingEmptySubsequences: false) { scalar in
            defer { isEscaped = scalar == "\\" && !isEscaped }
            if scalar == "\"", !isEscaped { isQuoted.toggle() }
            return scalar == "," && !isQuoted
        }
        let names = list.map { option in String(Substring(option.prefix { $0 != "=" })) }
        return names.first { !optionNames.contains($0.lowercased()) }
    }

    /// The length-prefixed strings in a key; nil if their lengths do not match its size.
    private static func parts(of blob: [UInt8]) -> [ArraySlice<UInt8>]? {
        var parts: [ArraySlice<UInt8>] = []
        var rest = blob[...]
        while !rest.isEmpty {
            guard rest.count >= 4 else { return nil }
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard rest.count >= length else { return nil }
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts
    }
}
