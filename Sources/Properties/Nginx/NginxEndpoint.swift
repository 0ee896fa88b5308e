extension Nginx {
    /// The address of a program that speaks FastCGI or uwsgi: a Unix socket, a port of the machine, or another host.
    ///
    ///     Nginx.Site("app", names: ["app.example.com"],
    ///                locations: [Nginx.Location("/", .uwsgi("/run/app/uwsgi.sock"))])
    public enum Endpoint: Sendable, Hashable {
        /// The path of a Unix socket. The user www-data must be able to write to it.
        case socket(FilePath)
        /// A port of the machine itself, on 127.0.0.1.
        case port(UInt16)
        /// Another host and its port, such as `10.0.0.5:9000`.
        case address(String)

        var text: String {
            switch self {
            case .socket(let path): "unix:\(path)"
            case .port(let port): "127.0.0.1:\(port)"
            case .address(let address): address
            }
        }

        var problems: [String] {
            switch self {
            case .socket(let path):
                path.isAbsolute && HostNames.isPlain(path: path.string)
                    ? [] : ["invalid path of a socket “\(path.string.escaped)”: write an absolute path without spaces"]
            case .port(let port): port == 0 ? ["it passes requests to port 0"] : []
            case .address(let address):
                HostNames.isServer(address)
                    ? [] : ["invalid address to pass requests to “\(address.escaped)”: write one such as 10.0.0.5:9000"]
            }
        }
    }
}

extension Nginx.Endpoint: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// A port of the machine itself.
    public init(integerLiteral port: UInt16) { self = .port(port) }
    /// The path of a socket if it begins with `/`, otherwise an address.
    public init(stringLiteral value: String) {
        self = value.hasPrefix("/") ? .socket(FilePath(value)) : .address(value)
    }
}

extension HostNames {
    /// Whether it is a host and a port: `10.0.0.5:9000`, `[::1]:9000`, `app.example.com:80`.
    static func isServer(_ address: String) -> Bool {
        guard let colon = address.lastIndex(of: ":") else { return false }
        let host = String(address[..<colon]), digits = address[colon...].dropFirst()
        guard digits.utf8.allSatisfy(\.isASCIIDigit), let port = UInt16(digits), port > 0 else { return false }
        if host.hasPrefix("["), host.hasSuffix("]") { return isIPv6(String(host.dropFirst().dropLast())) }
        return isValid(host) && !host.hasPrefix("*")
    }

    static func isIPv6(_ address: String) -> Bool { IPAddress.bytes(address)?.count == 16 }
}
