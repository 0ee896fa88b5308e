/// Replaces `$NAME` and `${NAME…}` in the values of a compose file, as compose does
/// (<https://docs.docker.com/reference/compose-file/interpolation/>).
struct Interpolation {
    /// The variables of the file that `--env` names.
    var variables: [String: String]

    /// - Throws: ``UsageError`` for what compose rejects too, such as `${`.
    func replace(in text: ComposeText) throws -> ComposeText {
        guard let literal = text.literal, literal.contains("$") else { return text }
        var rest = literal[...]
        var result = ComposeText(parts: Self.joined(try parse(&rest, until: nil)))
        result.isQuoted = text.isQuoted
        return result
    }

    /// Literals beside each other are one.
    static func joined(_ parts: [ComposeText.Part]) -> [ComposeText.Part] {
        parts.reduce(into: []) { joined, part in
            if case .literal(let before)? = joined.last, case .literal(let more) = part {
                joined[joined.count - 1] = .literal(before + more)
            } else {
                joined.append(part)
            }
        }
    }

    private func parse(_ rest: inout Substring, until end: Character?) throws -> [ComposeText.Part] {
        var parts: [ComposeText.Part] = [], text = ""
        func flush() {
            if !text.isEmpty { parts.append(.literal(text)) }
            text = ""
        }
        while let character = rest.first, character != end {
            rest.removeFirst()
            guard character == "$" else {
                text.append(character)
                continue
            }
            if rest.first == "$" {
                rest.removeFirst()
                text.append("$")
            } else if rest.first == "{" {
                rest.removeFirst()
                flush()
                parts += try braced(&rest)
            } else {
                let name = Self.name(&rest)
                guard !name.isEmpty else {
                    text.append("$")
                    continue
                }
                flush()
                parts += value(of: name)
            }
        }
        flush()
        return parts.isEmpty && end == nil ? [.literal("")] : parts
    }

    /// Reads what stands between the braces, and the closing one.
    private func braced(_ rest: inout Substring) throws -> [ComposeText.Part] {
        let name = Self.name(&rest)
        var form = ""
        if rest.first == ":" { form.append(rest.removeFirst()) }
        if let mark = rest.first, "-?+".contains(mark) { form.append(rest.removeFirst()) }
        let word = form.isEmpty ? [] : try parse(&rest, until: "}")
        guard !name.isEmpty, form != ":", rest.first == "}" else {
            throw UsageError(description: "invalid variable “${\(name)\(form)…”: use ${NAME} or ${NAME:-default}")
        }
        rest.removeFirst()
        let present = variables[name], isSet = form.hasPrefix(":") ? present?.isEmpty == false : present != nil
        switch form {
        case "-", ":-":
            if isSet { return value(of: name) }
            // A default of a password is one that everybody knows; it is a secret nevertheless.
            let text = ComposeText(parts: word).literal
            return SecretNames.isSecret(name, value: text) ? [.secret(variable: name, value: text)] : word
        case "+", ":+": return isSet ? word : []
        default: return value(of: name)
        }
    }

    /// The value of a variable that is named without one: `environment: [NAME]`.
    func value(named name: String) -> ComposeText { ComposeText(parts: value(of: name)) }

    private func value(of name: String) -> [ComposeText.Part] {
        let value = variables[name]
        if SecretNames.isSecret(name, value: value) { return [.secret(variable: name, value: value)] }
        return value.map { $0.isEmpty ? [] : [.literal($0)] } ?? [.key(name)]
    }

    private static func name(_ rest: inout Substring) -> String {
        guard let first = rest.first, first.isASCII, first.isLetter || first == "_" else { return "" }
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        rest.removeFirst(name.count)
        return String(name)
    }
}
