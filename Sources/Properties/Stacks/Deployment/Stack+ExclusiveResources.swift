extension Stack {
    /// The ports and volumes that a container of the stack has from now on.
    func exclusiveResources(of container: Container) -> Set<ExclusiveResource> {
        let volumes = dataVolumes.filter { $0.containers.contains(container.name) }
        return Set(container.ports.map { .port($0.port) } + volumes.map { .volume($0.source) })
    }
}
