import Properties

extension ComposeImport {
    /// A command: a line, or a list of words.
    mutating func words(_ name: String, _ value: ComposeValue, key: String) {
        guard !value.isMap else { return omit(key, "it is no command") }
        if value.texts.allSatisfy({ $0.literal == "" }) {
            // Docker takes the command of the image then, but no entry point.
            if key == "entrypoint" { lines.append("\(name).none") }
            return
        }
        let isSecret = value.texts.contains(where: \.hasSecret)
        if isSecret { lines.append(Self.warning) }
        if case .text(let text) = value, !isSecret { return lines.append("\(name)(line: \(content(text)))") }
        let texts = value.text.map(Self.words) ?? value.texts
        let words = texts.enumerated().map { (isSecret && $0 == 0 ? "revealing: " : "") + content($1) }
        let all = words.joined(separator: ", ")
        guard all.utf8.count > 90 else { return lines.append("\(name)(\(all))") }
        lines += SwiftText.call(name, words)
    }

    /// The words of a command line, as a stack splits it. What is no literal has no blank in it.
    private static func words(_ line: ComposeText) -> [ComposeText] {
        // One character of a range that no file uses stands for each part.
        let marks = line.parts.indices.compactMap { UnicodeScalar(0xF_0000 + $0).map(Character.init) }
        guard marks.count == line.parts.count else { return [line] }
        let text = zip(line.parts, marks).map { part, mark in
            if case .literal(let text) = part { text } else { String(mark) }
        }.joined()
        return Container.Command(line: text).words.map { word in
            var parts: [ComposeText.Part] = []
            for character in word {
                if let index = marks.firstIndex(of: character) {
                    parts.append(line.parts[index])
                } else {
                    parts.append(.literal(String(character)))
                }
            }
            return ComposeText(parts: Interpolation.joined(parts.isEmpty ? [.literal("")] : parts))
        }
    }

    mutating func labels(_ value: ComposeValue) {
        let entries = value.entries, secret = entries.filter { $0.value.text?.hasSecret == true }
        part("Labels", map: entries.filter { $0.value.text?.hasSecret != true }, key: "labels")
        for entry in secret {
            guard let text = entry.value.text, !entry.key.contains("${") else {
                omit("labels: \(entry.key)", Self.adviceForNames)
                continue
            }
            lines.append("Label(\(SwiftText.quote(entry.key)), \(content(text)))")
        }
    }

    // MARK: - Restarts

    mutating func restartPolicy(_ service: ComposeValue) {
        let deployed = service["deploy"]?["restart_policy"]
        let isJob = project.services.contains { other in
            let name = project.originals[self.service] ?? self.service
            let condition = other.value["depends_on"]?[name]?["condition"]?.string
            return condition == "service_completed_successfully"
        }
        let text = service["restart"]?.string ?? deployed?["condition"]?.string
        let parts = (text ?? "").split(separator: ":").map(String.init)
        switch parts.first {
        case "no", "false", "none":
            // A stack takes one that nothing restarts for a job, and waits until it has exited.
            guard isJob || service["ports"]?.list?.isEmpty != false || service["healthcheck"] != nil else {
                return lines.append("// It has a port, so it is no job: docker restarts it.")
            }
            lines.append("RestartPolicy(.never)")
        case "on-failure":
            let limit = service["restart"] == nil ? deployed?["max_attempts"]?.string : nil
            let attempts = (parts.count > 1 ? parts[1] : limit).flatMap { Int($0) } ?? 0
            let condition = isJob && service["healthcheck"] == nil ? "untilSuccess" : "onFailure"
            lines.append("RestartPolicy(.\(condition)\(attempts > 0 ? ", attempts: \(attempts)" : ""))")
        case nil where service["restart"] == nil || service["restart"] == .null:
            // A job that others wait for; anything else without a policy is meant to run.
            if isJob { lines.append("RestartPolicy(.never)") }
        case "always", "unless-stopped", "any": break
        default: omit("restart: \(service["restart"]?.text?.words ?? "")")
        }
    }
}
