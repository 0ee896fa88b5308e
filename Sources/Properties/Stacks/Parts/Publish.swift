/// A port of a container that is published on the machine.
///
///     Publish(8080, to: 80)
///     Publish(5432, to: 5432, on: "127.0.0.1")
///
/// - Warning: docker opens published ports ahead of the rules of a firewall that does not know docker, as
///   `Firewall(…, filtersDocker: true)` does. Publish on `127.0.0.1` what only programs of the machine need.
public struct Publish: ContainerPart, Hashable {
    /// The port of the machine.
    public let port: Port
    /// The port in the container.
    public let containerPort: UInt16
    /// The IP address of the machine; nil for all.
    public let address: String?

    /// - Parameters:
    ///   - port: the port of the machine: `8080`, or `Port(5000, transport: "udp")`.
    ///   - containerPort: the port in the container; the same by default.
    ///   - address: the IPv4 or IPv6 address of the machine; all by default.
    public init(_ port: Port, to containerPort: UInt16? = nil, on address: String? = nil) {
        self.port = port
        self.containerPort = containerPort ?? port.number
        self.address = address
    }

    public func add(to container: inout Container) { container.ports.append(self) }

    /// The value in the compose file: `127.0.0.1:8080:80/tcp`.
    var text: String {
        let address = self.address.map { $0.contains(":") ? "[\($0)]:" : "\($0):" } ?? ""
        return "\(address)\(port.number):\(containerPort)\(port.transport == "tcp" ? "" : "/\(port.transport)")"
    }
}
