/// What a container may use of the machine.
public struct ResourceLimits: ContainerPart, Hashable {
    /// Beyond it the container's programs are ended.
    public let memory: ByteSize?
    /// How many cpus' time: 0.5 is half of one.
    public let cpus: Double?
    /// How many processes and threads.
    public let processes: Int?

    /// - Parameters: nil, the default of each, is no limit.
    public init(memory: ByteSize? = nil, cpus: Double? = nil, processes: Int? = nil) {
        self.memory = memory
        self.cpus = cpus
        self.processes = processes
    }

    public func add(to container: inout Container) { container.limits = self }
}
