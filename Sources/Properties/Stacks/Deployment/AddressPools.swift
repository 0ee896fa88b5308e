/// The addresses that docker takes for networks that have no fixed subnet (`default-address-pools` in daemon.json).
struct AddressPools: Sendable, Equatable {
    struct Pool: Sendable, Equatable {
        var block: IPNetwork
        /// The length of the prefix of each network.
        var size: Int
    }

    var pools: [Pool]

    /// The pools of an engine that is told of none: 31 networks.
    static let usual = AddressPools(
        pools: [
            ("172.17.0.0/16", 16), ("172.18.0.0/16", 16), ("172.19.0.0/16", 16), ("172.20.0.0/14", 16),
            ("172.24.0.0/14", 16), ("172.28.0.0/14", 16), ("192.168.0.0/16", 20),
        ].compactMap { text, size in IPNetwork(block: text).map { Pool(block: $0, size: size) } })

    /// Reads the pools of the machine.
    static func read(from machine: Machine) throws -> AddressPools {
        let settings = try Docker.DaemonConfiguration.present(on: machine)
        // An empty list changes nothing for docker.
        guard let pools = settings?["default-address-pools"]?.array, !pools.isEmpty else { return usual }
        return AddressPools(
            pools: pools.compactMap { pool in
                guard let block = pool["base"]?.string.flatMap({ IPNetwork(block: $0) }),
                    let size = pool["size"]?.integer, !block.isIPv6
                else { return nil }
                return Pool(block: block, size: size)
            })
    }

    /// How many networks fit beside those that are there.
    func room(beside present: [IPNetwork]) -> Int {
        pools.reduce(0) { sum, pool in
            let bits = pool.size - pool.block.prefix
            // A pool of this size is never used up.
            guard (0...20).contains(bits) else { return sum + (bits > 20 ? 1 << 20 : 0) }
            var used: Set<UInt32> = []
            for block in present where !block.isIPv6 && block.overlaps(pool.block) {
                guard block.prefix > pool.block.prefix else { return sum }
                let first = (block.number - pool.block.number) >> (32 - pool.size)
                let count = block.prefix >= pool.size ? 1 : 1 << (pool.size - block.prefix)
                for index in 0..<UInt32(count) { used.insert(first + index) }
            }
            return sum + (1 << bits) - used.count
        }
    }
}

extension IPNetwork {
    /// The first address of IPv4 as a number.
    fileprivate var number: UInt32 { bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }
}

extension StackContext {
    /// - Throws: ``Failure`` if docker has not enough addresses left for the networks that compose will create.
    func refuseTooManyNetworks() async throws {
        var keys = stack.usedNetworks.filter(\.usesAddressPools).map(\.key)
        if stack.containers.contains(where: { $0.networkMode == nil && stack.networks(of: $0).isEmpty }) {
            keys.append("default")
        }
        let answer = try await machine.run(DockerCommand.networks())
        guard answer.succeeded else { return }
        let names = answer.text.nonEmptyLines.map(String.init)
        let needed = keys.filter { !names.contains("\(stack.name)_\($0)") }.count
        guard needed > 0, !names.isEmpty else { return }
        let subnets = try await machine.run(
            DockerCommand.inspect(networks: names, format: "{{range .IPAM.Config}}{{println .Subnet}}{{end}}"))
        guard subnets.succeeded else { return }
        let present = subnets.text.nonEmptyLines.compactMap { IPNetwork(block: String($0)) }
        let room = try AddressPools.read(from: machine).room(beside: present)
        guard needed > room else { return }
        throw Failure(
            "\(stack.name) needs \(needed) more networks, and docker has addresses for \(room) more",
            advice: "Give its containers one network, with Stack(\"\(stack.name)\", networks: .shared), remove unused "
                + "ones with `docker network prune`, or give docker more addresses: Docker.Engine(daemon: "
                + "[\"default-address-pools\": [[\"base\": \"10.128.0.0/9\", \"size\": 24]]]).")
    }
}
