extension Stack {
    /// The volumes of its containers, in the order of the description.
    var usedVolumes: [StackRecord.UsedVolume] {
        let volumes = Dictionary(dataVolumes.map { ($0.name, $0) }) { first, _ in first }
        return containers.flatMap { container in
            container.volumes.compactMap { volume in
                volumes[volume.name].map {
                    StackRecord.UsedVolume(
                        container: container.name, dockerName: $0.dockerName, path: volume.path.string,
                        isBackedUp: $0.backup != .none)
                }
            }
        }
    }
}
