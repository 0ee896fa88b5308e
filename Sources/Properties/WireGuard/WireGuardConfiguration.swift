/// The file of wg-quick for a tunnel.
struct WireGuardConfiguration: FileBacked {
    typealias Target = DebianLike

    let interface: String
    let addresses: [String]
    let port: UInt16?
    let key: WireGuard.Key
    let mtu: Int?
    let peers: [WireGuard.Peer]

    var name: String { "configuration" }
    var ports: [Port] { port.map { [Port($0, transport: "udp")] } ?? [] }
    var createsDirectory: Bool { true }

    static func path(_ interface: String) -> FilePath { "/etc/wireguard/\(interface).conf" }

    var file: File { File(Self.path(interface), content, mode: 0o600) }

    private var content: Content {
        var text: Content = "# Kept by Propel: changes are overwritten.\n[Interface]\n"
        for address in addresses { text = text + "Address = \(address)\n" }
        if let port { text = text + "ListenPort = \(port)\n" }
        if let mtu { text = text + "MTU = \(mtu)\n" }
        switch key {
        case .generated: text = text + "PostUp = wg set %i private-key \(WireGuardKey.path("%i"))\n"
        case .secret(let secret): text = text + "PrivateKey = \(secret)\n"
        }
        for peer in peers { text = text + peer.content }
        return text
    }

    func validate() throws {
        try InterfaceName.validate(interface)
        for address in addresses where IPNetwork(address) == nil {
            throw Failure(
                "invalid address “\(address.escaped)” of \(interface)", advice: "Write one such as 10.8.0.1/24.")
        }
        if let port, port == 0 { throw Failure("\(interface) cannot listen on the port 0", advice: "Leave it out.") }
        if let mtu, !(576...65535).contains(mtu) {
            throw Failure("invalid MTU \(mtu) of \(interface)", advice: "Give 576 to 65535, or leave it out.")
        }
        let keys = peers.map(\.publicKey)
        for key in keys where keys.count(where: { $0 == key }) > 1 {
            throw Failure("the peer \(key.escaped) of \(interface) is given twice", advice: "Give it once.")
        }
        var owners: [IPNetwork: String] = [:]
        for peer in peers {
            try peer.validate(of: interface)
            for network in peer.allowedIPs.compactMap({ IPNetwork($0) }) {
                if let other = owners.updateValue(peer.publicKey, forKey: network), other != peer.publicKey {
                    throw Failure(
                        "\(network) is behind two peers of \(interface): \(other) and \(peer.publicKey)",
                        advice: "The last one would count: give each network to one peer.")
                }
            }
        }
    }

    /// Whether a string is a key: 32 bytes in base64.
    static func isKey(_ text: String) -> Bool {
        text.utf8.count == 44 && text.hasSuffix("=") && Base64.decode(text[...])?.count == 32
    }
}

extension WireGuard.Peer {
    fileprivate var content: Content {
        var text: Content = "\n[Peer]\nPublicKey = \(publicKey)\n"
        if let presharedKey { text = text + "PresharedKey = \(presharedKey)\n" }
        if !allowedIPs.isEmpty { text = text + "AllowedIPs = \(allowedIPs.joined(separator: ", "))\n" }
        if let endpoint { text = text + "Endpoint = \(endpoint)\n" }
        if let keepalive { text = text + "PersistentKeepalive = \(keepalive.components.seconds)\n" }
        return text
    }

    fileprivate func validate(of interface: String) throws {
        guard WireGuardConfiguration.isKey(publicKey) else {
            throw Failure(
                "invalid public key “\(publicKey.escaped)” of a peer of \(interface)",
                advice: "Give what `wg pubkey` prints: 44 characters.")
        }
        for network in allowedIPs where IPNetwork(network) == nil {
            throw Failure(
                "invalid network “\(network.escaped)” of a peer of \(interface)",
                advice: "Write one such as 10.8.0.2/32.")
        }
        if let keepalive, !(1...65535).contains(keepalive.components.seconds) {
            throw Failure(
                "invalid keepalive \(keepalive) of a peer of \(interface)", advice: "Give 1 to 65535 seconds.")
        }
        guard let endpoint else { return }
        let parts = endpoint.split(separator: ":", omittingEmptySubsequences: false)
        let host = parts.dropLast().joined(separator: ":"), port = parts.last.flatMap { UInt16($0) } ?? 0
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let isHost =
            isBracketed
            ? IPNetwork(String(host.dropFirst().dropLast()))?.isIPv6 == true
            : !host.isEmpty && host.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._".utf8.contains($0) }
        guard isHost, port > 0 else {
            throw Failure(
                "invalid endpoint “\(endpoint.escaped)” of a peer of \(interface)",
                advice: "Write a name or an address with a port: vpn.example.com:51820, [2001:db8::1]:51820.")
        }
    }
}
