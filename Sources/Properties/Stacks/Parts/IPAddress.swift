import Libc

enum IPAddress {
    /// Whether a string is an IPv4 or IPv6 address, and nothing else.
    static func isValid(_ string: String) -> Bool {
        var address = in6_addr()
        return [AF_INET, AF_INET6].contains { inet_pton($0, string, &address) == 1 }
    }
}
