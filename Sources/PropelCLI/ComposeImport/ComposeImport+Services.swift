extension ComposeImport {
    /// The service that is written, as the file has it.
    var current: ComposeValue? { project.services.first { $0.name == service }?.value }

    mutating func dependencies(_ value: ComposeValue) {
        // Compose does not wait for one of which there are no containers.
        for entry in value.entries where !project.unscaled.contains(entry.key) {
            let other = project.services.first { $0.name == entry.key }
            guard let other else {
                if entry.value["required"]?.bool != false {
                    omit("depends_on: \(entry.key)", "there is no such service: \(Self.adviceForSeveralFiles)")
                }
                continue
            }
            let copies = project.services.map(\.name).filter { project.originals[$0] == entry.key }
            let restarts = entry.value["restart"]?.bool == true ? ", restarts: true" : ""
            let all = ([entry.key] + copies).map { "DependsOn(\(SwiftText.quote(Self.name($0)))\(restarts))" }
            guard let profiles = other.value["profiles"]?.strings, !profiles.isEmpty else {
                lines += all
                continue
            }
            // One that is not there cannot be waited for.
            let own = current?["profiles"]?.strings ?? []
            if Set(own).isSubset(of: profiles), !own.isEmpty {
                lines += all
            } else {
                lines += ["if \(Self.condition(anyOf: profiles)) {"] + all.map(Self.indented) + ["}"]
            }
        }
    }

    /// `links: [db, "db:database"]`: the order, and perhaps another name, which is an alias of the other container.
    mutating func links(_ value: ComposeValue) {
        let known = (current?["depends_on"]?.entries ?? []).map(\.key)
        var names: [String] = []
        for text in value.strings {
            let name = text.prefix { $0 != ":" }
            if !known.contains(String(name)), !names.contains(String(name)) { names.append(String(name)) }
        }
        if let mode = current?["network_mode"]?.string, ["bridge", "default"].contains(mode), !value.texts.isEmpty {
            omit("links", "the bridge of docker has no names: leave network_mode out, or use the address")
        }
        dependencies(.map(names.map { .init(key: $0, value: .null) }))
    }

    mutating func healthCheck(_ value: ComposeValue) {
        let test = value["test"]
        if value["disable"]?.bool == true || test?.list?.first?.string == "NONE" || test?.string == "NONE" {
            return lines.append("HealthCheck.none")
        }
        if value.entries.map(\.key) == ["disable"] { return }
        guard let test, !test.texts.isEmpty else {
            return omit("healthcheck", "it has no test; the check of the image stays as it is")
        }
        guard var arguments = probe(test) else { return }
        // What compose does where the file says nothing.
        for (label, key, byDefault) in [("every", "interval", 30_000), ("timeout", "timeout", 30_000)] {
            let time = value[key]?.string.flatMap(ComposeNotation.milliseconds)
            if value[key] != nil, time == nil { omit("healthcheck: \(key)") }
            arguments.append("\(label): \(SwiftText.duration(time ?? byDefault))")
        }
        let retries = plain(value["retries"], "healthcheck: retries").flatMap { Int($0) } ?? 3
        arguments.append("retries: \(retries == 0 ? 3 : retries)")
        let period = plain(value["start_period"], "healthcheck: start_period")
        if let start = period.flatMap(ComposeNotation.milliseconds), start > 0 {
            arguments.append("startPeriod: \(SwiftText.duration(start))")
            // Without a start period it has no effect.
            if let time = value["start_interval"]?.string.flatMap(ComposeNotation.milliseconds), time > 0 {
                arguments.append("startInterval: \(SwiftText.duration(time))")
            }
        }
        let line = "HealthCheck(\(arguments.joined(separator: ", ")))"
        guard line.utf8.count > 100 else { return lines.append(line) }
        lines += SwiftText.call("HealthCheck", arguments)
    }

    /// The first arguments of a health check: its program or its line; nil if it is left out.
    private mutating func probe(_ test: ComposeValue) -> [String]? {
        var words = test.texts
        var kind = test.list == nil ? "CMD-SHELL" : words.removeFirst().literal ?? ""
        if kind == "CMD-SHELL", words.count == 1 {
            // A shell of the container finds a secret in its environment.
            if let line = shellLine(words[0]) { return [line] }
        }
        // Docker passes further words on to the shell, which takes only the first one for its line.
        if kind == "CMD-SHELL", !words.isEmpty {
            words = [ComposeText("/bin/sh"), ComposeText("-c")] + words
            kind = "CMD"
        }
        guard kind == "CMD", let program = words.first else {
            omit("healthcheck: test")
            return nil
        }
        let rest = words.dropFirst().map { content($0) }.joined(separator: ", ")
        let isSecret = words.contains(where: \.hasSecret)
        if isSecret { lines.append(Self.warning) }
        return ["\(isSecret ? "revealing" : "program"): \(content(program))"] + (rest.isEmpty ? [] : ["[\(rest)]"])
    }

    /// The comment above what everybody on the machine can read.
    static let warning = "// Everybody on the machine can read the secret in it."

    /// A line for the shell of the container, with the variable of the container in place of a secret.
    private mutating func shellLine(_ text: ComposeText) -> String? {
        guard text.hasSecret else { return string(text) }
        let environment = current?["environment"]?.entries ?? []
        var line = ComposeText(parts: []), before = ""
        for (index, part) in text.parts.enumerated() {
            guard case .secret(let variable, let value) = part else {
                if case .literal(let text) = part { before += text }
                line.parts.append(part)
                continue
            }
            let own = environment.first { entry in
                entry.value.text?.parts == [part] || entry.value == .null && entry.key == variable
                    || value != nil && entry.value.text?.literal == value
            }
            // A shell knows no other names of variables.
            guard let own, own.key.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else {
                return nil
            }
            var next: Character?
            if index + 1 < text.parts.count, case .literal(let text) = text.parts[index + 1] { next = text.first }
            let isApart = next.map { !($0.isLetter || $0.isNumber || $0 == "_") } ?? true
            let variableText = isApart ? "$" + own.key : "${\(own.key)}"
            // Within single quotes a shell replaces nothing.
            line.parts.append(.literal(Self.endsInSingleQuotes(before) ? "'\"\(variableText)\"'" : variableText))
        }
        return content(line)
    }

    /// Whether the beginning of a shell command is within single quotes at its end.
    private static func endsInSingleQuotes(_ line: String) -> Bool {
        var quote: Character?, isEscaped = false
        for character in line {
            if isEscaped {
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            }
        }
        return quote == "'"
    }
}
