extension ComposeImport {
    /// The networks of a container.
    mutating func joinNetworks(_ service: ComposeValue) {
        if let mode = service["network_mode"]?.string { return networkMode(mode) }
        for entry in service["networks"]?.entries ?? [] where entry.key != "default" || isDeclared("default") {
            var words = [SwiftText.quote(Self.name(entry.key))]
            for key in entry.value.entries {
                switch key.key {
                case "aliases":
                    words.append("aliases: [\(key.value.strings.map(SwiftText.quote).joined(separator: ", "))]")
                case "ipv4_address": words.append("address: \(SwiftText.quote(key.value.string ?? ""))")
                case "priority", "gw_priority": break
                default: omit("networks: \(entry.key): \(key.key)")
                }
            }
            lines.append("JoinsNetwork(\(words.joined(separator: ", ")))")
        }
    }

    private func isDeclared(_ name: String) -> Bool { project.sections["networks"]?[name] != nil }

    private mutating func networkMode(_ mode: String) {
        switch mode {
        case "host": lines.append("HostNetwork()")
        case "none": lines.append("NoNetwork()")
        case "bridge": omit("network_mode: bridge", "the container has a network of the stack")
        case _ where mode.hasPrefix("service:"):
            lines.append("NetworkOf(\(SwiftText.quote(Self.name(String(mode.dropFirst(8))))))")
        default: omit("network_mode: \(mode)")
        }
    }

    /// The networks of the stack.
    mutating func networks() {
        lines = []
        for entry in project.sections["networks"]?.entries ?? [] {
            var words = [SwiftText.quote(Self.name(entry.key))]
            for key in entry.value.entries {
                switch key.key {
                case "internal": if key.value.bool == true { words.append("isInternal: true") }
                case "driver" where ["bridge", "overlay"].contains(key.value.string): break
                case "attachable", "name": break
                default: omit("networks: \(entry.key): \(key.key)")
                }
            }
            lines.append("Network(\(words.joined(separator: ", ")))")
        }
        networkLines = lines
        lines = []
    }
}
