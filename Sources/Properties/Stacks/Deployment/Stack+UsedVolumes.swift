extension Stack {
    /// What its containers keep their data in, in the order in which it is described.
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
