extension Stack {
    /// The problems with the networks of a container; each completes the sentence “the container app …”.
    func networkProblems(of container: Container) -> [String] {
        var problems: [String] = []
        for join in container.networks where network(named: join.network) == nil {
            problems.append("joins the network \(join.network.escaped), which the stack does not have")
        }
        for name in container.networks.map(\.network).duplicates {
            problems.append("joins the network \(name.escaped) twice")
        }
        for alias in container.aliases + container.networks.flatMap(\.aliases) where !HostnameLabels.isValid(alias) {
            problems.append("has the invalid alias “\(alias.escaped)”: use letters, digits, “-”, “_” and “.”")
        }
        for join in container.networks { problems += addressProblems(of: join) }
        if let mode = container.networkMode { problems += self.problems(of: container, in: mode) }
        return problems
    }

    private func addressProblems(of join: JoinsNetwork) -> [String] {
        guard let network = network(named: join.network) else { return [] }
        return [(join.address, false), (join.ipv6Address, true)].compactMap { address, isIPv6 in
            guard let address else { return nil }
            guard IPAddress.bytes(address)?.count == (isIPv6 ? 16 : 4) else {
                return "has the invalid \(isIPv6 ? "IPv6" : "IPv4") address “\(address.escaped)” in \(join.network)"
            }
            // The subnets of one that is shared are those of docker.
            if network.dockerName != nil
                || network.subnets.contains(where: { $0.block?.contains(address: address) == true })
            {
                return nil
            }
            return "has the address \(address) in \(join.network), whose subnets do not have it: give "
                + "Network(\"\(join.network)\", subnets: …) the one that it is in"
        }
    }

    private func problems(of container: Container, in mode: NetworkMode) -> [String] {
        var problems: [String] = []
        func refuse(_ what: String, _ instead: String) {
            problems.append("\(what), but \(mode.words): \(instead)")
        }
        if let join = container.networks.first { refuse("joins \(join.network.escaped)", "leave one of them out") }
        if !container.aliases.isEmpty { refuse("has aliases", "leave them out") }
        switch mode {
        case .host:
            if !container.freePorts.isEmpty {
                refuse("publishes on a port that docker chooses", "Publish says on which its program listens")
            }
            for port in container.ports where port.alternatives != nil {
                refuse("publishes one of several ports", "Publish(\(port.containerPort)) says on which it listens")
            }
            for port in container.ports where port.alternatives == nil && port.port.number != port.containerPort {
                refuse(
                    "publishes \(port.containerPort) as \(port.port.number)",
                    "Publish(\(port.containerPort)) says on which port its program listens")
            }
            if container.value(of: "sysctls")?.entries.contains(where: { $0.key.hasPrefix("net.") }) == true {
                refuse("has Sysctls of the network", "declare Sysctl beside the Stack")
            }
        case .bridge: break
        case .none:
            if container.publishesPorts { refuse("publishes ports", "leave one of them out") }
        case .container(let name):
            if self.container(named: name) == nil {
                problems.append("has the network of \(name.escaped), which the stack does not have")
            }
            if container.publishesPorts { refuse("publishes ports", "publish them there") }
        case .outsideContainer:
            if container.publishesPorts { refuse("publishes ports", "publish them there") }
        }
        if mode.isOfContainer {
            for (key, part) in [("hostname", "Container.Hostname"), ("dns", "DNS"), ("extra_hosts", "ExtraHosts")]
            where container.value(of: key) != nil {
                refuse("has \(part)", "give it to that container")
            }
        }
        return problems
    }

    /// The problems with networks themselves.
    var networkProblems: [String] {
        var problems: [String] = []
        for network in networks {
            for subnet in network.subnets { if let problem = subnet.problem { problems.append(problem) } }
            if network.hasIPv6, !network.subnets.contains(where: { $0.block?.isIPv6 == true }) {
                problems.append(
                    "the network \(network.name) has no subnet of IPv6, which docker needs before version 27: add one, "
                        + "such as fd00:\(SHA256.hash(Array(network.name.utf8)).prefix(4))::/64")
            }
            if network.driver.parent?.isEmpty == true {
                problems.append("the network \(network.name) has no parent: name an interface, such as eth0")
            }
            if let name = network.dockerName { problems += Docker.Network(name).problems }
        }
        let blocks = networks.flatMap { network in network.subnets.compactMap(\.block).map { (network.name, $0) } }
        for (index, (name, block)) in blocks.enumerated() {
            for (other, second) in blocks.dropFirst(index + 1) where block.overlaps(second) {
                problems.append("subnets of the networks \(name) and \(other) overlap")
            }
        }
        let addresses = containers.flatMap { container in
            container.networks.flatMap { join in
                [join.address, join.ipv6Address].compactMap(\.self).map { "\($0) in \(join.network)" }
            }
        }
        return problems + addresses.duplicates.map { "two containers have the address \($0)" }
    }
}

extension Network {
    /// The resources that it decides about outside of its stack.
    func claims(in stack: String) -> [Claim] {
        if let dockerName {
            return [Claim("the docker network \(dockerName)", is: "shared", summary: "shared by stacks")]
                + subnets.map { Claim("the subnet \($0.addresses)", is: "the docker network \(dockerName)") }
        }
        return subnets.map {
            Claim("the subnet \($0.addresses)", is: "the network \(name) of the stack \(stack)")
        }
    }
}
