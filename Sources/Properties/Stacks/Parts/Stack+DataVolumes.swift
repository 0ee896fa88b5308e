extension Stack {
    /// Its volumes, in the order in which they are first named.
    var dataVolumes: [DataVolume] {
        var names: [String] = []
        var uses: [String: [(container: String, volume: Volume)]] = [:]
        for container in containers {
            for volume in container.volumes {
                if uses[volume.name] == nil { names.append(volume.name) }
                uses[volume.name, default: []].append((container.name, volume))
            }
        }
        return names.map { name in
            let uses = uses[name] ?? []
            // Who says something else than the default decides; that two say different things is a problem of its own.
            let teller = uses.first { $0.volume.backup != .archive(while: .stopped) } ?? uses.first
            let others = uses.map(\.container).filter { $0 != teller?.container }
            return DataVolume(
                name: name, dockerName: "\(self.name)_\(name)", backup: teller?.volume.backup ?? .none,
                containers: [teller?.container].compactMap(\.self) + others)
        }
    }
}
