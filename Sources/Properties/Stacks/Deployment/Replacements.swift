/// The running containers that a deployment replaces, as far as Propel can tell before compose decides.
struct Replacements: Sendable {
    struct One: Sendable {
        let name: String
        /// The ID of the container that runs.
        let predecessor: String
        let proxy: Handover.Proxy?
        /// The reason why it is stopped before the new one starts; nil if that starts beside it.
        let obstacle: String?
    }

    let all: [One]
    /// The names of the containers that are restarted with one of them.
    let restarted: [String]

    /// - Parameter isReplaced: whether a container that runs is replaced.
    init(
        _ context: StackContext, _ record: StackRecord, _ found: StackContainers,
        isReplaced: (Container, StackContainers.Found) -> Bool
    ) async throws {
        var all: [One] = []
        // Before the first healthy version there is none to replace.
        for container in context.stack.containers where record.current != nil && !container.isOneShot {
            guard let one = found.kept(container.name, of: record), one.isRunning, isReplaced(container, one) else {
                continue
            }
            all.append(
                One(
                    name: container.name, predecessor: one.id, proxy: Handover.Proxy(of: container, in: context.stack),
                    obstacle: try await context.obstacle(to: container, besides: one, record)))
        }
        self.all = all
        let names = Set(all.map(\.name))
        restarted = context.stack.containers.filter { !names.contains($0.name) && $0.isRestarted(with: names) }
            .map(\.name)
    }

    /// The order in which the containers are replaced, for a plan.
    var notes: [String] {
        let beside = all.filter { $0.obstacle == nil }.map(\.name)
        let stopped = all.compactMap { one in one.obstacle.map { "\(one.name) (\($0))" } }
        return (beside.isEmpty ? [] : ["start beside the former one: \(beside.joined(separator: ", "))"])
            + (stopped.isEmpty ? [] : ["stop first: \(stopped.joined(separator: ", "))"])
            + (restarted.isEmpty ? [] : ["restart: \(restarted.joined(separator: ", "))"])
    }

    /// The containers that start beside their predecessors.
    func handovers(_ context: StackContext) -> [Handover] {
        all.filter { $0.obstacle == nil }.compactMap { one in
            one.proxy.map { Handover(context, $0, replacing: one.predecessor) }
        }
    }
}

extension StackContext {
    /// The reason why a container cannot start beside the one that it replaces; nil if it can.
    fileprivate func obstacle(
        to container: Container, besides one: StackContainers.Found, _ record: StackRecord
    ) async throws -> String? {
        if let obstacle = stack.obstacle(to: container) { return obstacle }
        if let current = record.current, current.dataFormat != stack.dataFormat {
            return "the format of the data changes"
        }
        if container.traefik != nil {
            if let obstacle = try await traefikObstacle(to: container, besides: one) { return obstacle }
        } else {
            guard let ports = ContainerPorts(of: container, in: stack), try ports.first(on: machine) != nil else {
                return "no site of nginx passes requests to it yet"
            }
        }
        // Compose passes a volume that only the image declares on to the container that it recreates.
        let own = Set(container.volumes.map { ExclusiveResource.volume($0.source(in: stack.name)) })
        let held = try await ExclusiveResource.read(of: [one], on: machine)[one.id] ?? []
        let hasVolume = held.subtracting(own).contains { resource in
            if case .volume(let name) = resource { !name.hasPrefix("/") } else { false }
        }
        return hasVolume ? "it has a volume" : nil
    }
}

extension Stack {
    /// The reason in the description why a container cannot run beside the one that it replaces; nil if there is none.
    func obstacle(to container: Container) -> String? {
        if let volume = container.volumes.first(where: { !$0.isReadOnly }) { return "it has the volume \(volume.name)" }
        if let bind = container.binds.first(where: { !$0.isReadOnly }) { return "it writes to \(bind.source)" }
        if let mode = container.networkMode { return "it \(mode.words)" }
        if let owner = container.borrowedFrom.first { return "it shares with \(owner)" }
        if let port = container.ports.first(where: { $0.alternatives == nil }) {
            return "it has the port \(port.port) of the machine"
        }
        if container.ports.isEmpty, container.traefik == nil { return "it has no Publish(oneOf:)" }
        if container.traefik != nil, let ipc = container.value(of: "ipc")?.string, ipc != "private" {
            return "it shares its memory"
        }
        if container.healthCheck == nil { return "it has no health check" }
        for (key, words) in Self.uniqueKeys where container.value(of: key) != nil { return words }
        if let join = container.networks.first(where: \.hasAddress) {
            return "it has an address in the network \(join.network)"
        }
        let names = [container.name] + container.aliases + container.networks.flatMap(\.aliases)
        // Both would answer to the name, and one of them is not healthy yet.
        let user = containers.first { other in
            other.name != container.name
                && (other.predecessors.contains(container.name) || names.contains { other.mention(of: $0) != nil })
        }
        return user.map { "\($0.name) reaches it by its name" }
    }

    /// The keys of the compose file that two containers cannot have at a time.
    private static let uniqueKeys: KeyValuePairs = [
        "container_name": "its name in docker is fixed", "mac_address": "its MAC address is fixed",
        "devices": "it has a device of the machine",
    ]
}
