extension Stack {
    /// The volumes, in the order in which they are first named.
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
            // A container that differs from the default decides. Validation reports two that differ from each other.
            let teller = uses.first { $0.volume.backup != .archive(while: .stopped) } ?? uses.first
            let others = uses.map(\.container).filter { $0 != teller?.container }
            return DataVolume(
                name: name, source: teller?.volume.source(in: self.name) ?? "", backup: teller?.volume.backup ?? .none,
                containers: [teller?.container].compactMap(\.self) + others)
        }
    }
}
