/// What a container may use of the machine.
public struct Limits: ContainerPart, Hashable {
    /// Beyond it the container's programs are ended.
    public let memory: ByteSize?
    /// How many processors' time: 0.5 is half of one.
    public let processors: Double?
    /// How many processes and threads.
    public let processes: Int?

    /// - Parameters: nil, the default of each, is no limit.
    public init(memory: ByteSize? = nil, processors: Double? = nil, processes: Int? = nil) {
        self.memory = memory
        self.processors = processors
        self.processes = processes
    }

    public func add(to container: inout Container) { container.limits = self }
}
