extension Stack {
    /// The ports and volumes that a container of the stack has from now on.
    func exclusiveResources(of container: Container) -> Set<ExclusiveResource> {
        let volumes = dataVolumes.filter { $0.containers.contains(container.name) }
        // One of several ports is no obstacle: docker gives the next container another one.
        let ports = container.ports.filter { $0.alternatives == nil }
        return Set(ports.map { .port($0.port) } + volumes.map { .volume($0.source) })
    }
}
