extension ComposeImport {
    mutating func flag(_ part: String, _ value: ComposeValue, key: String) {
        switch value.bool {
        case true?: lines.append(part)
        case false?: break
        case nil: omit(key, "it is neither true nor false")
        }
    }

    mutating func securityOptions(_ value: ComposeValue) {
        part("SecurityOptions", list: .list(value.texts.map { .text(placedProfile($0)) }), key: "security_opt")
    }

    /// An option with the file of a profile, which compose reads on the machine, from the root: `seccomp:./a.json`.
    private func placedProfile(_ option: ComposeText) -> ComposeText {
        guard let text = option.literal, let mark = text.firstIndex(where: { $0 == ":" || $0 == "=" }),
            text[..<mark] == "seccomp"
        else { return option }
        let value = String(text[text.index(after: mark)...])
        guard !["unconfined", "builtin"].contains(value), !value.hasPrefix("{") else { return option }
        return ComposeText("seccomp=\(onMachine(value))")
    }

    mutating func extraHosts(_ value: ComposeValue) {
        let entries = value.entries.flatMap { entry in
            entry.value.texts.map { ComposeValue.Entry(key: entry.key, value: .text($0)) }
        }
        part("ExtraHosts", map: entries, key: "extra_hosts")
    }

    mutating func logging(_ value: ComposeValue) {
        let driver = value["driver"]?.text.map { content($0) }, options = value["options"]?.entries ?? []
        guard options.isEmpty else { return part("Logging", driver, map: options, key: "logging") }
        if let driver { lines.append("Logging(\(driver))") }
    }

    mutating func size(_ name: String, _ value: ComposeValue, key: String) {
        guard let bytes = value.string.flatMap(ComposeNotation.bytes) else { return omit(key, "it is no size") }
        lines.append("\(name)(\(SwiftText.size(bytes)))")
    }

    mutating func ulimits(_ value: ComposeValue) {
        let limits: [String] = value.entries.compactMap { entry in
            let name = SwiftText.quote(entry.key)
            if let both = entry.value.string.flatMap({ Int($0) }) {
                return "\(name): \(both == -1 ? ".unlimited" : "\(both)")"
            }
            guard let soft = entry.value["soft"]?.string.flatMap({ Int($0) }),
                let hard = entry.value["hard"]?.string.flatMap({ Int($0) })
            else {
                omit("ulimits: \(entry.key)")
                return nil
            }
            if soft == -1, hard == -1 { return "\(name): .unlimited" }
            return soft == hard ? "\(name): \(soft)" : "\(name): .soft(\(soft), hard: \(hard))"
        }
        if !limits.isEmpty { lines.append("Ulimits([\(limits.joined(separator: ", "))])") }
    }

    /// `/run:size=64m,mode=1777`.
    mutating func tmpfs(_ text: ComposeText) {
        guard let text = text.literal else { return omit("tmpfs") }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let path = parts.first else { return }
        var size: String?, mode: String?, options: [String] = []
        for option in parts.dropFirst().first?.split(separator: ",").map(String.init) ?? [] {
            let value = option.split(separator: "=").last.map(String.init) ?? ""
            if option.hasPrefix("size="), let bytes = ComposeNotation.bytes(value) {
                size = "size: \(SwiftText.size(bytes))"
            } else if option.hasPrefix("mode="), let bits = Int(value, radix: 8) {
                mode = "mode: 0o\(String(bits, radix: 8))"
            } else {
                options.append(SwiftText.quote(option))
            }
        }
        var words = [SwiftText.quote(path), size, mode].compactMap(\.self)
        if !options.isEmpty { words.append("options: [\(options.joined(separator: ", "))]") }
        lines.append("Tmpfs(\(words.joined(separator: ", ")))")
    }

    /// `tmpfs: {size: 64m, mode: 01777}`, whose mode YAML may have taken for an octal number.
    mutating func tmpfs(_ options: ComposeValue, at target: String) {
        var words: [String] = []
        if let size = plain(options["size"], "volumes: \(target): tmpfs: size"), size != "0" {
            words.append("size=\(size)")
        }
        if let mode = options["mode"]?.string.flatMap(ComposeNotation.mode) {
            words.append("mode=\(String(mode, radix: 8))")
        }
        tmpfs(ComposeText(target + (words.isEmpty ? "" : ":" + words.joined(separator: ","))))
    }

    mutating func stopTimeout(_ value: ComposeValue) {
        guard let time = value.string.flatMap(ComposeNotation.milliseconds) else { return omit("stop_grace_period") }
        guard time >= 1000 else { return omit("stop_grace_period", "it is less than a second") }
        lines.append("StopTimeout(\(SwiftText.duration((time + 999) / 1000 * 1000)))")
    }

    mutating func namespace(_ key: String, _ value: ComposeValue) {
        let name = key == "pid" ? "Pid" : "Ipc", text = value.string ?? ""
        if text == "host" || key == "ipc" && ["shareable", "private"].contains(text) {
            lines.append("\(name)(.\(text))")
        } else if text.hasPrefix("service:") {
            lines.append("\(name)(.container(\(SwiftText.quote(Self.name(String(text.dropFirst(8)))))))")
        } else {
            omit(key, "“\(text)” is of another project")
        }
    }

    mutating func gpus(_ value: ComposeValue) {
        if value.string == "all" { return lines.append("GPUs()") }
        (value.list ?? []).forEach { gpu($0) }
    }

    private mutating func gpu(_ device: ComposeValue) {
        let capabilities = device["capabilities"]?.strings ?? ["gpu"]
        var words: [String] = []
        if let ids = device["device_ids"]?.strings, !ids.isEmpty {
            words.append(".ids([\(SwiftText.list(ids))])")
        } else if let count = device["count"]?.string.flatMap({ Int($0) }) {
            words.append(".count(\(count))")
        }
        if let driver = device["driver"]?.string, driver != "nvidia" {
            words.append("driver: \(SwiftText.quote(driver))")
        }
        if capabilities != ["gpu"] {
            words.append("capabilities: [\(SwiftText.list(capabilities))]")
        }
        if let options = device["options"], options != .null { omit("deploy: devices: options") }
        lines.append("GPUs(\(words.joined(separator: ", ")))")
    }

    mutating func environment(_ value: ComposeValue) {
        for entry in value.entries {
            let text = entry.value.text ?? Interpolation(variables: project.variables).value(named: entry.key)
            guard !entry.key.contains("${") else {
                omit("environment: \(entry.key)", Self.adviceForNames)
                continue
            }
            let value = apart(text, of: entry.key), name = SwiftText.quote(entry.key)
            let label = value.literal == nil && !value.hasSecret ? "text: " : ""
            lines.append("Environment(\(name), \(label)\(content(value)))")
        }
    }

    mutating func pullPolicy(_ value: ComposeValue) {
        let policy = plain(value, "pull_policy") ?? ""
        // What is built is looked for on the machine.
        guard current?["build"] == nil, !["", "missing", "if_not_present", "never", "build"].contains(policy) else {
            return
        }
        guard policy != "always" else { return lines.append("PullPolicy(.always)") }
        guard ["daily", "weekly"].contains(policy) || policy.hasPrefix("every_") else {
            return omit("pull_policy: \(policy)")
        }
        lines.append("// Each run asks the registry, not only “\(policy.escaped)”.")
        lines.append("PullPolicy(.always)")
    }

    // MARK: - Limits

    mutating func limits(_ service: ComposeValue) {
        let resources = service["deploy"]?["resources"], limits = resources?["limits"]
        var words: [String] = []
        if let memory = service["mem_limit"] ?? limits?["memory"] {
            if let bytes = memory.string.flatMap(ComposeNotation.bytes) {
                words.append("memory: \(SwiftText.size(bytes))")
            } else {
                omit("mem_limit")
            }
        }
        if let cpus = service["cpus"] ?? limits?["cpus"] {
            if let number = cpus.string.flatMap({ Double($0) }), number.isFinite {
                if number > 0 { words.append("cpus: \(Int(exactly: number).map { "\($0)" } ?? "\(number)")") }
            } else {
                omit("cpus")
            }
        }
        if let processes = service["pids_limit"] ?? limits?["pids"] {
            if let number = processes.string.flatMap({ Int($0) }) {
                if number > 0 { words.append("processes: \(number)") }
            } else {
                omit("pids_limit")
            }
        }
        if !words.isEmpty { lines.append("ResourceLimits(\(words.joined(separator: ", ")))") }
        for device in resources?["reservations"]?["devices"]?.list ?? [] { gpu(device) }
        if let replicas = plain(service["deploy"]?["replicas"], "deploy: replicas"), replicas != "1" {
            omit("deploy: replicas: \(replicas)", Self.adviceForScale)
        }
    }

    mutating func dns(_ service: ComposeValue) {
        var words = [list(service["dns"])].filter { !$0.isEmpty }
        for (label, key) in [("search", "dns_search"), ("options", "dns_opt")] {
            let values = list(service[key])
            if !values.isEmpty { words.append("\(label): [\(values)]") }
        }
        if !words.isEmpty { lines.append("DNS(\(words.joined(separator: ", ")))") }
    }
}
