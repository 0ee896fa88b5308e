import Libc

/// An IPv4 or IPv6 network, or a single address.
struct IPNetwork: Sendable, Hashable {
    /// The address in network byte order, with zeros behind the prefix: 4 or 16 bytes.
    let bytes: [UInt8]
    /// The length of the prefix in bits.
    let prefix: Int

    var isIPv6: Bool { bytes.count == 16 }
    var isAddress: Bool { prefix == bytes.count * 8 }

    /// Parses `10.0.0.0/8`, `2001:db8::/32` or an address; nil if it is something else. Bits behind the prefix are
    /// dropped.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let bytes = IPAddress.bytes(String(parts[0])) else { return nil }
        var prefix = bytes.count * 8
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy(\.isASCIIDigit), let length = Int(parts[1]),
                length <= prefix
            else { return nil }
            prefix = length
        }
        self.prefix = prefix
        self.bytes = Self.masked(bytes, prefix)
    }

    /// The bytes with zeros behind a prefix.
    private static func masked(_ bytes: [UInt8], _ prefix: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(max(prefix - index * 8, 0), 8)
            return kept == 0 ? 0 : byte & (0xFF << UInt8(8 - kept))
        }
    }

    /// Whether every address of the other network is in this one.
    func contains(_ other: IPNetwork) -> Bool {
        isIPv6 == other.isIPv6 && prefix <= other.prefix && Self.masked(other.bytes, prefix) == bytes
    }
}

extension IPNetwork: CustomStringConvertible {
    var description: String { isAddress ? address : "\(address)/\(prefix)" }

    /// The address alone, in its shortest spelling.
    var address: String {
        var text = [CChar](repeating: 0, count: 64)
        let family = isIPv6 ? AF_INET6 : AF_INET
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension [IPNetwork] {
    /// The same addresses without networks that others contain, each once, in their order.
    var merged: [IPNetwork] {
        enumerated().filter { index, network in
            !enumerated().contains { other, larger in
                other != index && larger.contains(network) && (larger != network || other < index)
            }
        }.map(\.element)
    }
}

/// The name of a network interface (netdevice(7)).
enum InterfaceName {
    /// - Parameter allowsWildcard: whether a `*` at the end stands for any further characters, as in nftables.
    /// - Throws: ``Failure`` if no interface can have the name.
    static func validate(_ name: String, allowsWildcard: Bool = false) throws {
        let plain = allowsWildcard && name.hasSuffix("*") ? name.dropLast() : name[...]
        guard !plain.isEmpty, plain.utf8.count <= 15, plain != ".", plain != "..",
            plain.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_.:@".utf8.contains($0) })
        else {
            throw Failure(
                "invalid name of a network interface “\(name.escaped)”",
                advice: "Use 15 letters, digits and - _ . at most, such as eth0: `ip link` lists those of a machine.")
        }
    }
}
