/// A port of a container that is published on a port of the machine which docker chooses.
///
///     PublishOnFreePort(80)
///     PublishOnFreePort(Port(5000, transport: "udp"), of: 5000...5010, on: "127.0.0.1")
///
/// It may be another one after each start of the container: `docker port` on the machine tells it, and a proxy that
/// looks at docker finds it. ``Publish`` is for a port that people or programs know. A firewall that filters what
/// docker publishes does not open it.
public struct PublishOnFreePort: ContainerPart, Hashable {
    /// The port in the container.
    public let containerPort: Port
    /// The ports of the machine of which docker takes one; nil for any.
    public let ports: ClosedRange<UInt16>?
    /// The IP address of the machine; nil for all.
    public let address: String?

    /// - Parameters:
    ///   - containerPort: the port in the container: `80`, or `Port(5000, transport: "udp")`.
    ///   - ports: the ports of the machine of which docker takes one that is free; by default any of those that the
    ///     kernel gives to programs, usually 32768 to 60999.
    ///   - address: the IPv4 or IPv6 address of the machine; all by default.
    public init(_ containerPort: Port, of ports: ClosedRange<UInt16>? = nil, on address: String? = nil) {
        self.containerPort = containerPort
        self.ports = ports
        self.address = address
    }

    public func add(to container: inout Container) {
        container.freePorts.append(self)
        if containerPort.number == 0 || ports?.lowerBound == 0 {
            container.addProblem("there is no port 0: use 1 to 65535", of: "PublishOnFreePort")
        }
        if let address, !IPAddress.isValid(address) {
            container.addProblem(
                "invalid address “\(address.escaped)”: use an IPv4 or IPv6 address such as 127.0.0.1 or ::1",
                of: "PublishOnFreePort")
        }
    }

    /// The value in the compose file: `80`, `127.0.0.1::80`, `8000-8010:80/udp`.
    var text: String {
        let address = Publish.prefix(of: address)
        let numbers = ports.map { "\($0.lowerBound)-\($0.upperBound):" } ?? (address.isEmpty ? "" : ":")
        return "\(address)\(numbers)\(containerPort.number)\(containerPort.transportSuffix)"
    }
}
