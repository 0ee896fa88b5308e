extension Stack {
    /// The volumes of its containers, in the order of the description.
    var usedVolumes: [StackRecord.UsedVolume] {
        let volumes = Dictionary(dataVolumes.map { ($0.name, $0) }) { first, _ in first }
        return containers.flatMap { container in
            container.volumes.compactMap { volume in
                volumes[volume.name].map {
                    StackRecord.UsedVolume(
                        container: container.name, source: $0.source, path: volume.path.string,
                        isBackedUp: $0.backup != .none, name: $0.source == "\(name)_\($0.name)" ? nil : $0.name)
                }
            }
        }
    }
}
