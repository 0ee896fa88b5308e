import Propel

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
            if let name = entry.value["interface_name"]?.text.flatMap({ string($0) }) {
                words.append("interface: \(name)")
            }
            for (label, key) in [("priority", "priority"), ("gatewayPriority", "gw_priority")] {
                let number = plain(entry.value[key], "networks: \(entry.key): \(key)").flatMap { Int($0) } ?? 0
                if number != 0 { words.append("\(label): \(number)") }
            }
            if let address = entry.value["mac_address"]?.text.flatMap({ string($0) }) {
                words.append("macAddress: \(address)")
            }
            let known = [
                "aliases", "ipv4_address", "ipv6_address", "interface_name", "priority", "gw_priority", "mac_address",
            ]
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
        case "bridge", "default": lines.append("BridgeNetwork()")
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
        let name = SwiftText.quote(Self.name(key)), docker = value.dockerName(of: key)
        var words = [name]
        if let docker {
            words = ["named: \(content(docker))"] + (docker.literal == Self.name(key) ? [] : ["as: \(name)"])
            // Somebody else has made it.
            if value["external"]?.bool == true || value["external"]?.isMap == true {
                return lines.append("Network(\(words.joined(separator: ", ")))")
            }
        }
        if value["internal"]?.bool == true { words.append("isInternal: true") }
        var options = value["driver_opts"]?.entries ?? []
        let driverName = plain(value["driver"], "networks: \(key): driver") ?? "bridge"
        if driverName == "overlay" {
            lines.append("// \(key.escaped) is an overlay of a swarm there: here it is a bridge.")
        }
        if let driver = driver(driverName, &options) { words.append("driver: \(driver)") }
        let pools = value["ipam"]?["config"]?.list ?? [], hasIPv6 = value["enable_ipv6"]?.bool == true
        var subnets = pools.compactMap { subnet($0, of: key) }
        // Engines before 27 choose none by themselves.
        if hasIPv6, !pools.contains(where: { $0["subnet"]?.text?.hasColon == true }) {
            let digits = SHA256.hash(Array("\(project.name) \(key)".utf8)).prefix(10)
            let groups = [digits.prefix(2), digits.dropFirst(2).prefix(4), digits.dropFirst(6)]
            subnets.append(SwiftText.quote("fd\(groups.map(String.init).joined(separator: ":"))::/64"))
        }
        if !subnets.isEmpty { words.append("subnets: [\(subnets.joined(separator: ", "))]") }
        if hasIPv6 { words.append("ipv6: true") }
        for (label, entries) in [("options", options), ("labels", labels(of: value))] where !entries.isEmpty {
            let pairs = entries.compactMap { entry -> String? in
                if let value = string(entry.value.text ?? ComposeText("")) {
                    return "\(SwiftText.quote(entry.key)): \(value)"
                }
                omit("networks: \(key): \(label): \(entry.key)", "it contains a secret")
                return nil
            }
            if !pairs.isEmpty { words.append("\(label): [\(pairs.joined(separator: ", "))]") }
        }
        let known = [
            "internal", "driver", "driver_opts", "ipam", "enable_ipv6", "external", "attachable", "name", "labels",
        ]
        for entry in value.entries where !known.contains(entry.key) && !entry.key.hasPrefix("x-") {
            omit("networks: \(key): \(entry.key)")
        }
        for entry in value["ipam"]?.entries ?? []
        where entry.key != "config" && !(entry.key == "driver" && entry.value.string == "default") {
            omit("networks: \(key): ipam: \(entry.key)")
        }
        lines.append("Network(\(words.joined(separator: ", ")))")
    }

    /// The labels of a network, a map or a list.
    private func labels(of network: ComposeValue) -> [ComposeValue.Entry] {
        let labels = ComposeMerge.normalized(.map([.init(key: "labels", value: network["labels"] ?? .empty)]))["labels"]
        return labels?.entries ?? []
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
        guard let addresses = value["subnet"]?.text else {
            omit("networks: \(network): ipam", "it has no subnet")
            return nil
        }
        var words = [content(addresses)]
        if let gateway = value["gateway"]?.text { words.append("gateway: \(content(gateway))") }
        if let range = value["ip_range"]?.text { words.append("range: \(content(range))") }
        let reserved = (value["aux_addresses"]?.entries ?? []).compactMap { entry in
            entry.value.string.map { "\(SwiftText.quote(entry.key)): \(SwiftText.quote($0))" }
        }
        if !reserved.isEmpty { words.append("reserved: [\(reserved.joined(separator: ", "))]") }
        return words.count == 1 && addresses.literal != nil ? words[0] : "Subnet(\(words.joined(separator: ", ")))"
    }
}

extension ComposeText {
    /// Whether it has a colon beside its variables, as each IPv6 address has.
    fileprivate var hasColon: Bool {
        parts.contains {
            guard case .literal(let text) = $0 else { return false }
            return text.contains(":")
        }
    }
}
