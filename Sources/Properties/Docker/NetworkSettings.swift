/// The settings that a network of docker or podman is declared with. Both fix them when they create it.
struct NetworkSettings: Sendable {
    var driver: Network.Driver
    var isInternal: Bool
    var subnets: [Subnet]
    var hasIPv6: Bool
    var options: [String: String]
    var labels: [String: String] = [:]

    /// The options of `docker network create`, and of podman's; empty for a plain bridge.
    var arguments: [String] {
        (driver == .bridge ? [] : ["--driver", driver.name]) + (isInternal ? ["--internal"] : [])
            + (hasIPv6 ? ["--ipv6"] : []) + subnets.flatMap(\.options)
            + DockerCommand.pairs("--opt", driver.parent.map { options.merging(["parent": $0]) { $1 } } ?? options)
            + DockerCommand.pairs("--label", labels)
    }

    /// The reason of a network that is missing.
    var creation: String { arguments.isEmpty ? "create it" : "create it with \(arguments.joined(separator: " "))" }

    /// - Parameter name: that of the property.
    func claims(of name: String) -> [Claim] {
        let words = arguments.joined(separator: " ")
        return [Claim(name, is: "present")]
            + (words.isEmpty ? [] : [Claim("the settings of the \(name)", is: words, summary: words)])
    }

    /// - Throws: ``Failure`` if a word cannot be given to the program. The subnets say themselves what is wrong.
    func validate(_ name: String) throws {
        let words =
            options.flatMap { [$0.key, $0.value] } + labels.keys + [driver.name, driver.parent].compactMap(\.self)
        for word in words where word.isEmpty || word.hasPrefix("-") || word.utf8.contains(where: { $0 < 0x20 }) {
            throw Failure("invalid setting “\(word.escaped)” of the \(name)")
        }
    }

    /// - Throws: ``Failure`` if the network is another one. Without settings it may be any.
    func require(of found: FoundNetwork, _ name: String, _ program: String) throws {
        let differences = arguments.isEmpty ? [] : differences(from: found)
        guard differences.isEmpty else {
            throw Failure(
                "the \(name) has other settings than are declared: \(differences.joined(separator: "; "))",
                advice: "\(program) changes no network. Remove it when no container uses it, or declare what it has.")
        }
    }

    private func differences(from found: FoundNetwork) -> [String] {
        var differences: [String] = []
        func compare(_ what: String, _ present: String?, _ wanted: String) {
            if present != wanted { differences.append("\(what) \(present ?? "unset"), and not \(wanted)") }
        }
        compare("driver", found.driver, driver.name)
        compare("internal", "\(found.isInternal)", "\(isInternal)")
        if let present = found.hasIPv6 { compare("IPv6", "\(present)", "\(hasIPv6)") }
        if let parent = driver.parent { compare("parent", found.parent, parent) }
        for (key, value) in options.sorted(by: { $0.key < $1.key }) { compare(key, found.options[key], value) }
        for (key, value) in labels.sorted(by: { $0.key < $1.key }) { compare("label \(key)", found.labels[key], value) }
        guard !subnets.isEmpty else { return differences }
        compare("subnets", Self.list(found.pools.map(\.subnet)), Self.list(subnets.map(\.addresses)))
        for subnet in subnets {
            let pool = found.pools.first { $0.subnet == subnet.addresses }
            if let gateway = subnet.gateway { compare("gateway", pool?.gateway, gateway) }
            if found.tellsRanges, let range = subnet.range { compare("range", pool?.range, range) }
        }
        return differences
    }

    private static func list(_ subnets: [String]) -> String { subnets.sorted().joined(separator: ", ") }
}

/// A network that is there.
struct FoundNetwork {
    struct Pool {
        var subnet: String
        var gateway: String?
        var range: String?
    }

    var driver: String?
    var isInternal: Bool
    /// nil: it does not matter.
    var hasIPv6: Bool?
    /// The interface of the machine that it is on.
    var parent: String?
    var options: [String: String]
    var labels: [String: String]
    var pools: [Pool]
    /// Whether the ranges of the pools are known.
    var tellsRanges: Bool

    /// As `docker network inspect` describes it.
    init(docker json: JSON) {
        driver = json["Driver"]?.string
        isInternal = json["Internal"]?.bool ?? false
        hasIPv6 = json["EnableIPv6"]?.bool ?? false
        options = Self.texts(json["Options"])
        parent = options["parent"]
        labels = Self.texts(json["Labels"])
        pools = (json["IPAM"]?["Config"]?.array ?? []).map {
            Pool(
                subnet: $0["Subnet"]?.string ?? "", gateway: $0["Gateway"]?.string,
                range: $0["IPRange"]?.string)
        }
        tellsRanges = true
    }

    /// As `podman network ls` describes it.
    /// - Parameter settings: the declared ones: with IPv6, podman adds a subnet of it where none is given.
    init(podman json: JSON, for settings: NetworkSettings) {
        driver = json["driver"]?.string
        isInternal = json["internal"]?.bool ?? false
        hasIPv6 = settings.hasIPv6 ? json["ipv6_enabled"]?.bool ?? false : nil
        options = Self.texts(json["options"])
        parent = json["network_interface"]?.string
        labels = Self.texts(json["labels"])
        let hasOwn = settings.subnets.contains { $0.block?.isIPv6 == true }
        pools = (json["subnets"]?.array ?? []).map {
            Pool(subnet: $0["subnet"]?.string ?? "", gateway: $0["gateway"]?.string)
        }.filter { !settings.hasIPv6 || hasOwn || !$0.subnet.contains(":") }
        tellsRanges = false
    }

    private static func texts(_ json: JSON?) -> [String: String] { (json?.object ?? [:]).compactMapValues(\.string) }
}
