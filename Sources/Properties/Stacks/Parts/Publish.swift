/// A port of a container that the machine answers on.
///
///     Publish(8080, to: 80)
///     Publish(5432, to: 5432, on: "127.0.0.1")
///
/// - Warning: docker opens published ports before any rule of a firewall that does not know of docker. What only programs of the
///   machine itself are to reach is published on `127.0.0.1`.
public struct Publish: ContainerPart, Hashable {
    /// The port of the machine.
    public let port: Port
    /// The port within the container.
    public let containerPort: UInt16
    /// The address of the machine; nil for all.
    public let address: String?

    /// - Parameters:
    ///   - port: of the machine: `8080`, or `Port(5000, transport: "udp")`.
    ///   - containerPort: within the container; the same by default.
    ///   - address: of the machine, in version 4 or 6 of the protocol; all by default.
    public init(_ port: Port, to containerPort: UInt16? = nil, on address: String? = nil) {
        self.port = port
        self.containerPort = containerPort ?? port.number
        self.address = address
    }

    public func add(to container: inout Container) { container.ports.append(self) }

    /// As compose writes it: `127.0.0.1:8080:80/tcp`.
    var text: String {
        let address = self.address.map { $0.contains(":") ? "[\($0)]:" : "\($0):" } ?? ""
        return "\(address)\(port.number):\(containerPort)\(port.transport == "tcp" ? "" : "/\(port.transport)")"
    }
}
