import Propel

/// A file of `NAME=value` lines: `.env`, or one that `env_file` names.
struct EnvironmentFile {
    struct Variable: Equatable {
        var name: String
        /// Nil for a name alone: its value comes from elsewhere.
        var value: String?
        /// Whether `$NAME` in it is replaced: not in single quotes.
        var isInterpolated = true
    }

    var variables: [Variable] = []

    /// Reads lines in the syntax of compose 2: comments, `export`, quotes, and values over several lines in them.
    /// - Parameter isRaw: whether quotes and `$` belong to the value (`format: raw`).
    init(_ text: String, isRaw: Bool = false) {
        var rest = text.replacing("\r\n", with: "\n")[...]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != "\n" }
            var entry = line.drop { $0 == " " || $0 == "\t" }
            if entry.isEmpty || entry.hasPrefix("#") {
                rest = rest.dropFirst(line.count + 1)
                continue
            }
            if entry.hasPrefix("export ") { entry = entry.dropFirst(7).drop { $0 == " " } }
            let name = entry.prefix { $0 != "=" && (isRaw || $0 != ":") }
            let trimmedName = String(name.trimmed)
            guard name.endIndex < entry.endIndex else {
                variables.append(Variable(name: trimmedName, value: nil))
                rest = rest.dropFirst(line.count + 1)
                continue
            }
            var value = rest[entry.index(after: name.endIndex)...]
            if isRaw {
                value = value.prefix { $0 != "\n" }
                variables.append(Variable(name: trimmedName, value: String(value), isInterpolated: false))
                rest = rest[value.endIndex...].dropFirst()
                continue
            }
            value = value.drop { $0 == " " || $0 == "\t" }
            let (found, isInterpolated, end) = Self.value(value)
            variables.append(Variable(name: trimmedName, value: found, isInterpolated: isInterpolated))
            rest = rest[end...].drop { $0 != "\n" }.dropFirst()
        }
    }

    private static func value(_ text: Substring) -> (String, isInterpolated: Bool, end: Substring.Index) {
        guard let quote = text.first, quote == "\"" || quote == "'" else {
            let line = text.prefix { $0 != "\n" }
            let comment = line.indices.first {
                line[$0] == "#" && ($0 == line.startIndex || line[line.index(before: $0)].isWhitespace)
            }
            return (String(line[..<(comment ?? line.endIndex)].trimmed), true, line.endIndex)
        }
        var value = "", index = text.index(after: text.startIndex)
        while index < text.endIndex, text[index] != quote {
            if quote == "\"", text[index] == "\\", text.index(after: index) < text.endIndex {
                index = text.index(after: index)
                switch text[index] {
                case "n": value.append("\n")
                case "t": value.append("\t")
                case "r": value.append("\r")
                case "$": value += "$$"
                case let other: value.append(other)
                }
            } else {
                value.append(text[index])
            }
            index = text.index(after: index)
        }
        return (value, quote == "\"", index)
    }

    /// The variables with their values, each of which may use those before it.
    func values() throws -> [String: String] {
        var values: [String: String] = [:]
        for variable in variables {
            guard let value = variable.value else { continue }
            let text = ComposeText(value)
            let isPlain = !variable.isInterpolated || !value.contains("$")
            // Here even a secret is replaced: what it is used for decides.
            values[variable.name] =
                isPlain
                ? value
                : try Interpolation(variables: values).replace(in: text).parts.map { part in
                    switch part {
                    case .literal(let text): text
                    case .secret(_, let value): value ?? ""
                    case .key: ""
                    }
                }.joined()
        }
        return values
    }
}
