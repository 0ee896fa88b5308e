extension IPNetwork {
    /// Parses `192.0.2.0/24`. Bits after the prefix must be zero, as docker demands.
    init?(block text: String) {
        guard let slash = text.firstIndex(of: "/"), let network = IPNetwork(text), network.prefix > 0,
            IPAddress.bytes(String(text[..<slash])) == network.bytes
        else { return nil }
        self = network
    }

    /// Whether an address is in it.
    func contains(address: String) -> Bool {
        IPAddress.isValid(address) && IPNetwork(address).map { contains($0) } == true
    }

    /// Whether they have addresses in common.
    func overlaps(_ other: IPNetwork) -> Bool { contains(other) || other.contains(self) }
}
