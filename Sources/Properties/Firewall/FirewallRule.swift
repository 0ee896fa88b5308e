extension Firewall {
    /// A rule: which packets, and what becomes of them. Of several that match a packet the first one counts.
    public struct Rule: Sendable, Hashable {
        enum Verdict: Sendable, Hashable {
            case allow, deny, reject, masquerade
            /// Allow, up to this number of new connections per minute from one address.
            case limit(Int)
            /// Allow the ports that the host declares, except for these.
            case allowDeclared(except: [Port])
        }

        var verdict: Verdict
        var ports: [Ports] = []
        var transport: Transport?
        var sources: Addresses = []
        var destinations: Addresses = []
        /// The interface through which a packet comes in.
        var incoming: String?
        /// The interface through which a packet goes out.
        var outgoing: String?
        var direction = Direction.incoming
        var comment: String?
    }

    /// A port, or a range of ports: `443`, `.range(6000...6010)`.
    public struct Ports: Sendable, Hashable, ExpressibleByIntegerLiteral {
        let range: ClosedRange<UInt16>

        public init(integerLiteral port: UInt16) { range = port...port }
        public init(_ port: UInt16) { range = port...port }

        /// All ports of a range.
        public static func range(_ ports: ClosedRange<UInt16>) -> Ports { Ports(ports) }
        private init(_ range: ClosedRange<UInt16>) { self.range = range }
    }

    /// Addresses and networks, IPv4 and IPv6: `"10.0.0.0/8"`, `["192.0.2.1", "2001:db8::/32"]`.
    public struct Addresses: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
        let texts: [String]
        /// Whether they are a list that turned out to be empty. A rule that names no addresses is for all of them.
        private(set) var isEmptyList = false

        /// Addresses from a list. One that is empty is refused: without addresses, a rule would be for all of them.
        public init(_ texts: [String]) {
            self.texts = texts
            isEmptyList = texts.isEmpty
        }
        public init(stringLiteral text: String) { texts = [text] }
        public init(arrayLiteral texts: String...) { self.texts = texts }

        var networks: [IPNetwork] { texts.compactMap { IPNetwork($0) } }
    }

    /// A protocol above IP.
    public enum Transport: Sendable, Hashable {
        case tcp, udp
        /// TCP and UDP.
        case both
        /// A protocol without ports, by its number (protocols(5)): 47 for GRE, 50 for ESP.
        case number(UInt8)
    }

    /// The packets that a rule is for.
    public enum Direction: String, Sendable {
        /// Packets for the machine itself.
        case incoming
        /// Packets that the machine sends.
        case outgoing
        /// Packets that the machine passes on from one network to another.
        case forwarded
    }
}

extension Firewall.Rule {
    /// Allows new connections.
    /// - Parameters:
    ///   - ports: the ports; all by default.
    ///   - transport: the protocol: TCP by default if there are ports, else any.
    ///   - from: the addresses that they come from; all by default.
    ///   - to: the addresses that they go to; all by default.
    ///   - interface: the interface through which they come in, or go out if the direction is `.outgoing`; any by
    ///     default. A `*` at the end stands for any further characters.
    ///   - direction: `.incoming` by default.
    ///   - comment: a note that `nft list ruleset` shows; at most 120 bytes.
    public static func allow(
        _ ports: Firewall.Ports..., transport: Firewall.Transport? = nil, from: Firewall.Addresses = [],
        to: Firewall.Addresses = [], on interface: String? = nil, direction: Firewall.Direction = .incoming,
        comment: String? = nil
    ) -> Firewall.Rule {
        rule(.allow, ports, transport, from, to, interface, direction, comment)
    }

    /// Allows new connections, up to a number from each address: what guesses passwords is slowed down.
    /// - Parameters:
    ///   - ports: the ports; all by default.
    ///   - perMinute: how many connections a minute an address may begin; 12 by default. Half of them may begin at
    ///     once.
    ///   - transport: the protocol: TCP by default if there are ports, else any.
    ///   - from: the addresses that they come from; all by default.
    ///   - interface: the interface through which they come in; any by default.
    ///   - comment: a note that `nft list ruleset` shows; at most 120 bytes.
    public static func limit(
        _ ports: Firewall.Ports..., perMinute: Int = 12, transport: Firewall.Transport? = nil,
        from: Firewall.Addresses = [], on interface: String? = nil, comment: String? = nil
    ) -> Firewall.Rule {
        rule(.limit(perMinute), ports, transport, from, [], interface, .incoming, comment)
    }

    /// Drops packets without an answer. The parameters are those of
    /// ``allow(_:transport:from:to:on:direction:comment:)``.
    public static func deny(
        _ ports: Firewall.Ports..., transport: Firewall.Transport? = nil, from: Firewall.Addresses = [],
        to: Firewall.Addresses = [], on interface: String? = nil, direction: Firewall.Direction = .incoming,
        comment: String? = nil
    ) -> Firewall.Rule {
        rule(.deny, ports, transport, from, to, interface, direction, comment)
    }

    /// Refuses packets with an answer, so that programs do not wait for one. The parameters are those of
    /// ``allow(_:transport:from:to:on:direction:comment:)``.
    public static func reject(
        _ ports: Firewall.Ports..., transport: Firewall.Transport? = nil, from: Firewall.Addresses = [],
        to: Firewall.Addresses = [], on interface: String? = nil, direction: Firewall.Direction = .incoming,
        comment: String? = nil
    ) -> Firewall.Rule {
        rule(.reject, ports, transport, from, to, interface, direction, comment)
    }

    /// Allows the ports that other properties of the host declare: sites of nginx, published ports of containers,
    /// services with `ports`. What a container publishes on a loopback address is left out.
    public static let declaredPorts = Firewall.Rule(verdict: .allowDeclared(except: []))

    /// Allows the ports that other properties of the host declare, but for some.
    /// - Parameters:
    ///   - ports: the ports that stay as they are.
    ///   - from: the addresses that connections come from; all by default.
    ///   - interface: the interface through which they come in; any by default.
    public static func declaredPorts(
        except ports: [Port], from: Firewall.Addresses = [], on interface: String? = nil
    ) -> Firewall.Rule {
        rule(.allowDeclared(except: ports), [], nil, from, [], interface, .incoming, nil)
    }

    /// Passes packets on from one interface to another. The kernel does that only with `Sysctl("net.ipv4.ip_forward",
    /// "1")`, and `net.ipv6.conf.all.forwarding` for IPv6.
    /// - Parameters:
    ///   - incoming: the interface through which they come in; any by default.
    ///   - outgoing: the interface through which they go out; any by default.
    ///   - sources: the addresses that they come from; all by default.
    ///   - destinations: the addresses that they go to; all by default.
    ///   - ports: the ports; all by default.
    ///   - transport: the protocol: TCP by default if there are ports, else any.
    ///   - comment: a note that `nft list ruleset` shows; at most 120 bytes.
    public static func forward(
        from incoming: String? = nil, to outgoing: String? = nil, sources: Firewall.Addresses = [],
        destinations: Firewall.Addresses = [], ports: [Firewall.Ports] = [], transport: Firewall.Transport? = nil,
        comment: String? = nil
    ) -> Firewall.Rule {
        var rule = rule(.allow, ports, transport, sources, destinations, incoming, .forwarded, comment)
        rule.outgoing = outgoing
        return rule
    }

    /// Gives packets the address of the machine when they leave through an interface, as a gateway for a private
    /// network does. They must be forwarded too; see
    /// ``forward(from:to:sources:destinations:ports:transport:comment:)``.
    /// - Parameters:
    ///   - from: the addresses of the private network.
    ///   - interface: the interface through which they go out.
    ///   - comment: a note that `nft list ruleset` shows; at most 120 bytes.
    public static func masquerade(
        from: Firewall.Addresses, on interface: String, comment: String? = nil
    ) -> Firewall.Rule {
        var rule = rule(.masquerade, [], nil, from, [], nil, .forwarded, comment)
        rule.outgoing = interface
        return rule
    }

    private static func rule(
        _ verdict: Verdict, _ ports: [Firewall.Ports], _ transport: Firewall.Transport?, _ from: Firewall.Addresses,
        _ to: Firewall.Addresses, _ interface: String?, _ direction: Firewall.Direction, _ comment: String?
    ) -> Firewall.Rule {
        Firewall.Rule(
            verdict: verdict, ports: ports, transport: transport ?? (ports.isEmpty ? nil : .tcp), sources: from,
            destinations: to, incoming: direction == .outgoing ? nil : interface,
            outgoing: direction == .outgoing ? interface : nil, direction: direction, comment: comment)
    }
}

extension Firewall.Rule: CustomStringConvertible {
    /// The rule in a few words: “allow 80, 443/tcp from 10.0.0.0/8 on eth0”.
    public var description: String {
        var words =
            switch verdict {
            case .allow: direction == .forwarded ? "forward" : "allow"
            case .deny: "deny"
            case .reject: "reject"
            case .masquerade: "masquerade"
            case .limit: "limit"
            case .allowDeclared: "allow the declared ports"
            }
        if direction == .outgoing { words += " outgoing" }
        let list = ports.map(\.text).joined(separator: ", ")
        switch transport {
        case .tcp: words += " \(list.isEmpty ? "TCP" : list + "/tcp")"
        case .udp: words += " \(list.isEmpty ? "UDP" : list + "/udp")"
        case .both: words += " \(list.isEmpty ? "TCP and UDP" : list + " of TCP and UDP")"
        case .number(let number): words += " protocol \(number)"
        case nil: break
        }
        if !sources.texts.isEmpty { words += " from \(sources.texts.joined(separator: ", "))" }
        if !destinations.texts.isEmpty { words += " to \(destinations.texts.joined(separator: ", "))" }
        if let incoming { words += " on \(incoming)" }
        if let outgoing { words += " through \(outgoing)" }
        return words
    }
}

extension Firewall.Ports {
    /// As nftables writes it.
    var text: String {
        range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }
}

extension [Firewall.Ports] {
    /// The same ports in ascending order, without ranges that overlap or touch: nftables refuses those.
    var merged: [Firewall.Ports] {
        var merged: [ClosedRange<UInt16>] = []
        for range in map(\.range).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 {
                merged[merged.count - 1] = last.lowerBound...Swift.max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged.map { .range($0) }
    }
}
