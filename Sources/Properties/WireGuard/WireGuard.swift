/// A tunnel of WireGuard (wg(8), wg-quick(8)).
///
///     WireGuard(
///         "wg0", addresses: ["10.8.0.1/24"], port: 51820,
///         peers: [.init("TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=", allowedIPs: ["10.8.0.2/32"])])
///     WireGuard(
///         "wg1", addresses: ["10.9.0.2/32"], key: .secret(Secret("wg1-key")),
///         peers: [
///             .init(
///                 "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=", allowedIPs: ["10.9.0.0/24"],
///                 endpoint: "vpn.example.com:51820", keepalive: .seconds(25), presharedKey: Secret("wg1-psk"))
///         ])
///
/// The private key is made on the machine once, in `/etc/wireguard/NAME.key`, and never leaves it; the public one is
/// beside it in `NAME.pub`, and the report ends with it when it is made. A changed peer is brought to the running
/// tunnel by `wg syncconf`, with its routes: other connections stay. Only a change of the addresses, or of a peer that
/// gets all traffic, starts the tunnel again.
///
/// The port is one of those that `Firewall(.declaredPorts)` opens. Packets for others need ``Firewall/Rule`` `.forward`
/// and `Sysctl("net.ipv4.ip_forward", "1")`.
public struct WireGuard: CompositeProperty {
    public typealias Target = DebianLike

    let configuration: WireGuardConfiguration

    /// The private key of the machine.
    public enum Key: Sendable, Hashable {
        /// One that is made on the machine.
        case generated
        /// One of the secrets, as `wg genkey` prints it.
        case secret(Secret)
    }

    /// - Parameters:
    ///   - interface: the name of the interface: `wg0`.
    ///   - addresses: the addresses of the machine in the tunnel, with the length of their network: `10.8.0.1/24`.
    ///   - port: the UDP port on which peers reach it; any by default, for a machine that reaches its peers.
    ///   - key: the private key; one that is made on the machine by default.
    ///   - mtu: the size of packets in bytes, from 576 to 65535; as the route to the peers allows by default.
    ///   - peers: the peers.
    public init(
        _ interface: String, addresses: [String], port: UInt16? = nil, key: Key = .generated, mtu: Int? = nil,
        peers: [Peer]
    ) {
        configuration = WireGuardConfiguration(
            interface: interface, addresses: addresses, port: port, key: key, mtu: mtu, peers: peers)
    }

    public var name: String { "wireguard \(configuration.interface)" }

    public var body: [Declaration] {
        let interface = configuration.interface
        Self.package
        if configuration.key == .generated {
            WireGuardKey(interface: interface).requires(Self.package)
            configuration.requires(WireGuardKey(interface: interface)).onChange(Sync(interface))
        } else {
            configuration.requires(Self.package).onChange(Sync(interface))
        }
        Service("wg-quick@\(interface)").requires(configuration)
    }

    private static let package = Apt.Installed("wireguard-tools")

    /// A peer of a tunnel.
    public struct Peer: Sendable, Hashable {
        let publicKey: String
        let allowedIPs: [String]
        let endpoint: String?
        let keepalive: Duration?
        let presharedKey: Secret?

        /// - Parameters:
        ///   - publicKey: its public key: 44 characters, as `wg pubkey` prints it.
        ///   - allowedIPs: the addresses and networks behind it: what comes from it must come from these, and what is
        ///     for these is sent to it.
        ///   - endpoint: the name or address and the port at which it is reached; none if it is the one that comes.
        ///   - keepalive: how often a packet is sent, so that a router on the way keeps the connection; never by
        ///     default. 25 seconds are usual.
        ///   - presharedKey: a further key that both know, as `wg genpsk` prints it; none by default.
        public init(
            _ publicKey: String, allowedIPs: [String], endpoint: String? = nil, keepalive: Duration? = nil,
            presharedKey: Secret? = nil
        ) {
            self.publicKey = publicKey
            self.allowedIPs = allowedIPs
            self.endpoint = endpoint
            self.keepalive = keepalive
            self.presharedKey = presharedKey
        }
    }

    /// No tunnel: it is stopped, and its configuration is removed. The private key stays.
    ///
    ///     WireGuard.Absent("wg0")
    public struct Absent: CompositeProperty {
        public typealias Target = DebianLike

        public let interface: String

        /// - Parameter interface: the name of the interface.
        public init(_ interface: String) { self.interface = interface }

        public var name: String { "no wireguard \(interface)" }

        public var body: [Declaration] {
            let stopped = Service("wg-quick@\(interface)", isRunning: false, isEnabled: false)
            // Before its configuration goes, and that goes only then: wg-quick needs it.
            stopped
            WireGuardConfiguration(
                interface: interface, addresses: [], port: nil, key: .generated, mtu: nil, peers: []
            ).reverted().requires(stopped)
        }
    }
}
