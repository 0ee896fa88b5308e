extension ComposeImport {
    /// The networks of a container.
    mutating func joinNetworks(_ service: ComposeValue) {
        // The name of one without a network of the stack reaches nothing.
        if service["network_mode"] != nil, service["network_mode"] != .null {
            if let mode = plain(service["network_mode"], "network_mode") { networkMode(mode) }
            return
        }
        aliases()
        var joined = service["networks"]?.entries ?? []
        // All that join nothing have the default network, which the file may describe.
        if joined.isEmpty { joined = [.init(key: "default", value: .null)] }
        if joined.map(\.key) == ["default"], joined[0].value.entries.isEmpty, !declaresDefault { return }
        let declared = (project.sections["networks"]?.entries ?? []).map(\.key) + ["default"]
        for entry in joined {
            guard declared.contains(entry.key) else {
                omit("networks: \(entry.key)", "there is no such network: \(Self.adviceForSeveralFiles)")
                continue
            }
            var words = [SwiftText.quote(Self.name(entry.key))]
            for (label, key) in [("address", "ipv4_address"), ("ipv6Address", "ipv6_address")] {
                if let address = entry.value[key]?.text.flatMap({ string($0) }) { words.append("\(label): \(address)") }
            }
            let aliases = list(entry.value["aliases"])
            if !aliases.isEmpty { words.append("aliases: [\(aliases)]") }
            let known = ["aliases", "ipv4_address", "ipv6_address", "priority", "gw_priority"]
            for key in entry.value.entries where !known.contains(key.key) {
                omit("networks: \(entry.key): \(key.key)")
            }
            lines.append("JoinsNetwork(\(words.joined(separator: ", ")))")
        }
    }

    /// Other names of the container: that in the file, if a stack cannot have it, and those of links.
    private mutating func aliases() {
        // Compose calls all containers of a service by its name.
        let service = project.originals[self.service] ?? self.service
        var names = Self.name(self.service) == service ? [] : [service]
        for other in project.services {
            for link in other.value["links"]?.strings ?? [] {
                let parts = link.split(separator: ":").map(String.init)
                if parts.count == 2, parts[0] == service, parts[1] != service, !names.contains(parts[1]) {
                    names.append(parts[1])
                }
            }
        }
        if !names.isEmpty { lines.append("Aliases(\(SwiftText.list(names)))") }
    }

    /// Whether the default network is one to join by its name.
    private var declaresDefault: Bool {
        project.sections["networks"]?["default"] != nil
            || project.services.contains { service in
                let joined = service.value["networks"]?.entries ?? []
                return joined.contains { $0.key == "default" && (joined.count > 1 || !$0.value.entries.isEmpty) }
            }
    }

    private mutating func networkMode(_ mode: String) {
        switch mode {
        case "host": lines.append("HostNetwork()")
        case "none": lines.append("NoNetwork()")
        case _ where mode.hasPrefix("service:"):
            lines.append("NetworkOf(\(SwiftText.quote(Self.name(String(mode.dropFirst(8))))))")
        case _ where mode.hasPrefix("container:"):
            lines.append("NetworkOf(outside: \(SwiftText.quote(String(mode.dropFirst(10)))))")
        default:
            guard let name = network(named: mode) else {
                return omit("network_mode: \(mode)", "the container has a network of the stack")
            }
            lines.append("JoinsNetwork(\(SwiftText.quote(name)))")
        }
    }

    /// The name in the stack of a network of docker that a service names as its mode. Nil for the one of containers
    /// without a project, and if another network has that name.
    private func network(named docker: String) -> String? {
        guard !["bridge", "default"].contains(docker), !docker.contains(":") else { return nil }
        let entries = project.sections["networks"]?.entries ?? []
        if let declared = entries.first(where: { dockerName($0) == docker }) { return Self.name(declared.key) }
        let name = Self.name(docker)
        return entries.contains { Self.name($0.key) == name } ? nil : name
    }

    /// The name in docker of a network of the file.
    private func dockerName(_ network: ComposeValue.Entry) -> String {
        network.value.dockerName(of: network.key)?.literal ?? "\(project.name)_\(network.key)"
    }

    // MARK: - The networks of the stack

    mutating func networks() {
        lines = []
        var entries = project.sections["networks"]?.entries ?? []
        if declaresDefault, !entries.contains(where: { $0.key == "default" }) {
            entries.insert(.init(key: "default", value: .null), at: 0)
        }
        // Those that are a mode of services only.
        for mode in project.services.compactMap({ $0.value["network_mode"]?.string })
        where !["host", "none"].contains(mode) && network(named: mode) == Self.name(mode)
            && !entries.contains(where: { Self.name($0.key) == Self.name(mode) })
        {
            entries.append(.init(key: mode, value: .map([.init(key: "external", value: .text(ComposeText("true")))])))
        }
        for entry in entries { network(entry.key, entry.value) }
        networkLines = lines
        lines = []
    }

    private mutating func network(_ key: String, _ value: ComposeValue) {
        let name = SwiftText.quote(Self.name(key))
        if let docker = value.dockerName(of: key) {
            for entry in value.entries where !["external", "name", "driver", "attachable"].contains(entry.key) {
                omit("networks: \(key): \(entry.key)", "the network has a name, and others may have made it")
            }
            let other = docker.literal == Self.name(key) ? "" : ", as: \(name)"
            return lines.append("Network(named: \(content(docker))\(other))")
        }
        var words = [name]
        if value["internal"]?.bool == true { words.append("isInternal: true") }
        var options = value["driver_opts"]?.entries ?? []
        if let driver = driver(value["driver"]?.string ?? "bridge", &options) { words.append("driver: \(driver)") }
        let subnets = (value["ipam"]?["config"]?.list ?? []).compactMap { subnet($0, of: key) }
        if !subnets.isEmpty { words.append("subnets: [\(subnets.joined(separator: ", "))]") }
        if value["enable_ipv6"]?.bool == true { words.append("ipv6: true") }
        if !options.isEmpty {
            let pairs = options.map { "\(SwiftText.quote($0.key)): \(SwiftText.quote($0.value.string ?? ""))" }
            words.append("options: [\(pairs.joined(separator: ", "))]")
        }
        let known = ["internal", "driver", "driver_opts", "ipam", "enable_ipv6", "external", "attachable"]
        for entry in value.entries where !known.contains(entry.key) { omit("networks: \(key): \(entry.key)") }
        for entry in value["ipam"]?.entries ?? []
        where entry.key != "config" && !(entry.key == "driver" && entry.value.string == "default") {
            omit("networks: \(key): ipam: \(entry.key)")
        }
        lines.append("Network(\(words.joined(separator: ", ")))")
    }

    /// The driver; nil for a bridge.
    private func driver(_ name: String, _ options: inout [ComposeValue.Entry]) -> String? {
        switch name {
        case "bridge", "default", "overlay": return nil
        case "macvlan", "ipvlan":
            let parent = options.first { $0.key == "parent" }?.value.string ?? ""
            options.removeAll { $0.key == "parent" }
            return ".\(name)(parent: \(SwiftText.quote(parent)))"
        default: return ".other(\(SwiftText.quote(name)))"
        }
    }

    private mutating func subnet(_ value: ComposeValue, of network: String) -> String? {
        guard let addresses = value["subnet"]?.string else {
            omit("networks: \(network): ipam", "it has no subnet")
            return nil
        }
        var words = [SwiftText.quote(addresses)]
        if let gateway = value["gateway"]?.string { words.append("gateway: \(SwiftText.quote(gateway))") }
        if let range = value["ip_range"]?.string { words.append("range: \(SwiftText.quote(range))") }
        if value["aux_addresses"] != nil { omit("networks: \(network): ipam: aux_addresses") }
        return words.count == 1 ? words[0] : "Subnet(\(words.joined(separator: ", ")))"
    }
}
