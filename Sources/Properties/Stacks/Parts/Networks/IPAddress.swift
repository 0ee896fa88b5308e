import Libc

enum IPAddress {
    /// Whether a string is an IPv4 or IPv6 address, and nothing else.
    static func isValid(_ string: String) -> Bool { bytes(string) != nil }

    /// The 4 or 16 bytes of an IPv4 or IPv6 address; nil if the string is not an address.
    static func bytes(_ string: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var address = [UInt8](repeating: 0, count: 16)
            if inet_pton(family, string, &address) == 1 { return Array(address.prefix(count)) }
        }
        return nil
    }
}

/// The addresses that begin with the same bits (RFC 4632).
struct AddressBlock: Sendable, Hashable {
    /// The first address, 4 or 16 bytes.
    let first: [UInt8]
    /// The number of bits that all have in common.
    let prefix: Int

    /// Parses `192.0.2.0/24`. Bits after the prefix must be zero, as docker demands.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let first = IPAddress.bytes(parts[0]), let prefix = Int(parts[1]), prefix > 0,
            prefix <= first.count * 8, parts[1].utf8.allSatisfy(\.isASCIIDigit)
        else { return nil }
        self.init(first, prefix)
        guard AddressBlock.masked(first, prefix) == first else { return nil }
    }

    init(_ first: [UInt8], _ prefix: Int) {
        self.first = first
        self.prefix = prefix
    }

    var isIPv6: Bool { first.count == 16 }

    private static func masked(_ bytes: [UInt8], _ prefix: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let bits = min(8, max(0, prefix - index * 8))
            return bits == 0 ? 0 : byte & ~UInt8((1 << (8 - bits)) - 1)
        }
    }

    /// Whether an address is in it.
    func contains(_ address: String) -> Bool {
        IPAddress.bytes(address).map { $0.count == first.count && Self.masked($0, prefix) == first } ?? false
    }

    /// Whether another block is a part of it.
    func contains(_ other: AddressBlock) -> Bool {
        other.first.count == first.count && other.prefix >= prefix && Self.masked(other.first, prefix) == first
    }

    /// Whether they have addresses in common.
    func overlaps(_ other: AddressBlock) -> Bool { contains(other) || other.contains(self) }
}
