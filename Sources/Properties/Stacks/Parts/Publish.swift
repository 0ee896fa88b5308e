/// A port of a container that is published on the machine.
///
///     Publish(8080, to: 80)
///     Publish(5432, to: 5432, on: "127.0.0.1")
///     Publish(oneOf: 8080...8081, to: 80)
///
/// - Warning: docker opens published ports ahead of the rules of a firewall that does not know docker, as
///   `Firewall(…, filtersDocker: true)` does. Publish on `127.0.0.1` what only programs of the machine need.
public struct Publish: ContainerPart, Hashable {
    /// The port of the machine, or the first of ``alternatives``.
    public let port: Port
    /// The port in the container.
    public let containerPort: UInt16
    /// The IP address of the machine; nil for all.
    public let address: String?
    /// The ports of the machine of which the container gets one that is free; nil if it has a fixed one.
    public let alternatives: ClosedRange<UInt16>?
    /// The time that connections to a container may take to end when another one has taken its place.
    public let drainTimeout: Duration

    /// - Parameters:
    ///   - port: the port of the machine: `8080`, or `Port(5000, transport: "udp")`.
    ///   - containerPort: the port in the container; the same by default.
    ///   - address: the IPv4 or IPv6 address of the machine; all by default.
    public init(_ port: Port, to containerPort: UInt16? = nil, on address: String? = nil) {
        self.init(port, containerPort ?? port.number, address, nil, .zero)
    }

    /// A port for the nginx of the machine, on 127.0.0.1: docker gives the container one of the range that is free. So
    /// a new container can start beside the one that it replaces, and no request is lost. `Nginx.Site(for:container:)`
    /// finds the port. It may be another one after each deployment and each boot, and only the nginx of the machine
    /// follows.
    /// - Parameters:
    ///   - ports: from 2 to 16 ports that nothing else uses.
    ///   - containerPort: the port in the container.
    ///   - drainTimeout: the time that connections to the former container may take to end before it is stopped; 30
    ///     seconds by default. A websocket lasts until then.
    public init(
        oneOf ports: ClosedRange<UInt16>, to containerPort: UInt16, drainTimeout: Duration = .seconds(30)
    ) {
        self.init(Port(ports.lowerBound), containerPort, "127.0.0.1", ports, drainTimeout)
    }

    private init(
        _ port: Port, _ containerPort: UInt16, _ address: String?, _ alternatives: ClosedRange<UInt16>?,
        _ drainTimeout: Duration
    ) {
        self.port = port
        self.containerPort = containerPort
        self.address = address
        self.alternatives = alternatives
        self.drainTimeout = drainTimeout
    }

    public func add(to container: inout Container) {
        if alternatives != nil, container.ports.contains(where: { $0.alternatives != nil }) {
            container.partProblems.append("Publish(oneOf:) is there twice: keep one")
        }
        container.ports.append(self)
        if let alternatives, !(2...16).contains(alternatives.count) {
            container.partProblems.append(
                "Publish(oneOf:) needs from 2 to 16 ports: one for the container, and one for its successor")
        }
    }

    /// All ports of the machine that it may have.
    var allPorts: [Port] { alternatives.map { $0.map { Port($0) } } ?? [port] }

    /// The value in the compose file: `127.0.0.1:8080:80/tcp`. Both versions of compose pass a range on to docker,
    /// which chooses.
    var text: String {
        let numbers = alternatives.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "\(port.number)"
        return "\(Self.prefix(of: address))\(numbers):\(containerPort)\(port.transportSuffix)"
    }

    /// The address of a port in the compose file: `127.0.0.1:`, `[::1]:`; empty for all.
    static func prefix(of address: String?) -> String {
        address.map { $0.contains(":") ? "[\($0)]:" : "\($0):" } ?? ""
    }
}

extension Port {
    /// The transport in the compose file, where it is not the usual one: `/udp`.
    var transportSuffix: String { transport == "tcp" ? "" : "/\(transport)" }
}
