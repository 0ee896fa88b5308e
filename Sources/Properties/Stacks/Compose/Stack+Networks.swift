extension Stack {
    /// Which containers reach each other by their names.
    public enum Networks: Sendable, Hashable {
        /// A container reaches those that it depends on, those that depend on it, and those that join a ``Network``
        /// with it. Containers without any of these share the default network of compose. A network for each container
        /// that others depend on.
        case byDependency
        /// All containers that join no ``Network`` share the default network, as in a compose file. ``DependsOn`` only
        /// says what is started first.
        case shared
    }

    /// The declared networks, and those between containers that depend on each other.
    var usedNetworks: [Network] {
        let connections = connections
        return networks
            + containers.flatMap { container -> [Network] in
                let kinds = Set(connections.filter { $0.network.name == container.name }.map(\.network))
                return kinds.sorted { !$0.isInternal && $1.isInternal }
            }
    }

    /// The names in the compose file of the networks of a container. None means the default network of compose, which
    /// all such containers share.
    func networks(of container: Container) -> [String] {
        guard container.networkMode == nil else { return [] }
        let joined = container.networks.map { network(named: $0.network)?.key ?? $0.network }
        // Its own network first, then those of others in the order of the description.
        let own = connections.filter { $0.network.name == container.name }
        let others = connections.filter { $0.user == container.name && $0.network.name != container.name }
        return joined + (own + others).map(\.network.key).unique(by: \.self)
    }

    /// A container that depends on another, or has the network of one that does, and the network between them.
    private struct Connection {
        var user: String
        var network: Network
    }

    private var connections: [Connection] {
        guard layout == .byDependency else { return [] }
        var connections: [Connection] = []
        for container in containers {
            guard let user = networkOwner(of: container) else { continue }
            for dependency in container.dependencies {
                guard let other = self.container(named: dependency.name),
                    let owner = networkOwner(of: other), owner.name != user.name,
                    let network = network(between: user, and: owner)
                else { continue }
                connections.append(Connection(user: user.name, network: network))
            }
        }
        return connections
    }

    /// The network that a dependency makes; nil if the two share one already and must not have another.
    private func network(between user: Container, and owner: Container) -> Network? {
        guard !keepsFormerNetworks, isIsolated(user) || isIsolated(owner) else { return Network(owner.name) }
        let shared = Set(user.networks.map(\.network)).intersection(owner.networks.map(\.network))
        return shared.isEmpty ? Network(owner.name, isInternal: true) : nil
    }

    /// Whether the description keeps a container from reaching anything outside: all networks that it joins are
    /// internal, and it publishes nothing.
    private func isIsolated(_ container: Container) -> Bool {
        !container.networks.isEmpty && !container.publishesPorts
            && container.networks.allSatisfy { network(named: $0.network)?.isInternal == true }
    }

    /// The container of the stack whose network a container has; nil if that is another network.
    func networkOwner(of container: Container) -> Container? {
        var container = container
        // Validation reports a cycle.
        for _ in containers {
            guard let mode = container.networkMode else { return container }
            guard case .container(let name) = mode, let next = self.container(named: name) else {
                return nil
            }
            container = next
        }
        return nil
    }

    /// The value of `networks` for a container: a list, or a map if there are addresses or aliases. Nil for the
    /// default.
    func networkEntries(of container: Container) -> YAML? {
        guard container.networkMode == nil else { return nil }
        let keys = networks(of: container)
        func details(_ key: String) -> YAML {
            let join = container.networks.first { network(named: $0.network)?.key == key }
            let aliases = (join?.aliases ?? []) + container.aliases
            return .map(present: [
                "aliases": aliases.isEmpty ? nil : .list(aliases.map(YAML.text)),
                "ipv4_address": join?.address.map(YAML.text), "ipv6_address": join?.ipv6Address.map(YAML.text),
                "mac_address": join?.macAddress.map(YAML.text), "interface_name": join?.interface.map(YAML.text),
                "priority": join?.priority.map { .integer($0) },
                "gw_priority": join?.gatewayPriority.map { .integer($0) },
            ])
        }
        let all = keys.isEmpty && !container.aliases.isEmpty ? ["default"] : keys
        guard !all.isEmpty else { return nil }
        let entries = all.map { YAML.Entry(key: $0, value: details($0)) }
        return entries.allSatisfy(\.value.entries.isEmpty) ? .list(all.map(YAML.text)) : .map(entries)
    }
}

extension Stack {
    /// This stack with the networks that former versions of Propel gave it, if it is deployed so: a container in an
    /// internal network that another depends on had a network that leads out as well. An upgrade of Propel alone
    /// recreates no container; the next change of the stack does.
    func asDeployed(on machine: Machine) -> Stack {
        guard !keepsFormerNetworks, networks.contains(where: \.isInternal) else { return self }
        var former = self
        former.keepsFormerNetworks = true
        guard former.usedNetworks != usedNetworks, let record = try? StackRecord(of: self, on: machine),
            record.current?.version == former.version
        else { return self }
        return former
    }
}
