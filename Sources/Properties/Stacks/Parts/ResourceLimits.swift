/// The most of the machine's resources that a container may use.
public struct ResourceLimits: ContainerPart, Hashable {
    /// The memory beyond which processes of the container are killed.
    public let memory: ByteSize?
    /// The number of CPUs: 0.5 is half the time of one.
    public let cpus: Double?
    /// The number of processes and threads.
    public let processes: Int?

    /// - Parameters: nil, the default of each, means no limit.
    public init(memory: ByteSize? = nil, cpus: Double? = nil, processes: Int? = nil) {
        self.memory = memory
        self.cpus = cpus
        self.processes = processes
    }

    public func add(to container: inout Container) { container.limits = self }
}
