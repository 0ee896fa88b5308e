import Libc

enum IPAddress {
    /// Whether a text is an address in version 4 or 6 of the protocol, and nothing else.
    static func isValid(_ text: String) -> Bool {
        var address = in6_addr()
        return [AF_INET, AF_INET6].contains { inet_pton($0, text, &address) == 1 }
    }
}
