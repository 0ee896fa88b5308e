import Libc

enum IPAddress {
    /// Whether a string is an IPv4 or IPv6 address, and nothing else.
    static func isValid(_ string: String) -> Bool { bytes(string) != nil }

    /// The 4 or 16 bytes of an IPv4 or IPv6 address; nil if the string is not an address.
    static func bytes(_ string: String) -> [UInt8]? {
        // A string of C ends there.
        guard !string.utf8.contains(0) else { return nil }
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var address = [UInt8](repeating: 0, count: 16)
            if inet_pton(family, string, &address) == 1 { return Array(address.prefix(count)) }
        }
        return nil
    }
}
