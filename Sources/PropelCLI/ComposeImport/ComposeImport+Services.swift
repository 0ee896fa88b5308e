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
            if entry.value["restart"]?.bool == true {
                omit(
                    "depends_on: \(entry.key): restart",
                    "it keeps running when a deployment recreates \(entry.key): it has to connect again by itself")
            }
            let copies = project.services.map(\.name).filter { project.originals[$0] == entry.key }
            let all = ([entry.key] + copies).map { "DependsOn(\(SwiftText.quote(Self.name($0))))" }
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
        // A shell of the container finds a secret in its environment.
        var words = test.texts
        let kind = test.list == nil ? "CMD-SHELL" : words.removeFirst().literal ?? ""
        var arguments: [String]
        if kind == "CMD-SHELL" {
            guard words.count == 1, let line = shellLine(words[0]) else {
                return omit("healthcheck: test", Self.secretInCommand)
            }
            arguments = [line]
        } else {
            guard kind == "CMD", let program = words.first.flatMap({ string($0) }) else {
                return omit("healthcheck: test")
            }
            let rest = words.dropFirst().map { string($0) }
            guard !rest.contains(nil) else {
                return omit("healthcheck: test", Self.secretInCommand)
            }
            arguments = ["program: \(program)"]
            if !rest.isEmpty { arguments.append("[\(rest.compactMap(\.self).joined(separator: ", "))]") }
        }
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

    /// A line for the shell of the container, with the variable of the container in place of a secret.
    private mutating func shellLine(_ text: ComposeText) -> String? {
        guard text.hasSecret else { return string(text) }
        let environment = current?["environment"]?.entries ?? []
        var line = ComposeText(parts: [])
        for part in text.parts {
            guard case .secret(let variable, let value) = part else {
                line.parts.append(part)
                continue
            }
            let own = environment.first { entry in
                entry.value.text?.parts == [part] || entry.value == .null && entry.key == variable
                    || value != nil && entry.value.text?.literal == value
            }
            guard let own else { return nil }
            line.parts.append(.literal("$" + own.key))
        }
        return content(line)
    }
}
