extension Nginx {
    /// The server that a site passes its requests to.
    ///
    ///     Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080)
    ///     Nginx.Site("wiki", names: ["wiki.example.com"], proxyTo: "http://10.0.0.5:3000")
    public enum Backend: Sendable, Hashable {
        /// A port of the machine itself, on 127.0.0.1.
        case port(UInt16)
        /// `http://` or `https://`, a host, and optionally a port and a path, which is a prefix for requests.
        case url(String)
        /// A container that an nginx in a container resolves by its name; see ``NginxSites``.
        case container(String, port: UInt16)
        /// The Unix socket of a server that speaks HTTP. The user www-data must be able to write to it.
        case socket(FilePath)
        /// Several servers that share the requests.
        case servers(Upstream)

        var address: String {
            switch self {
            case .port(let port): "http://127.0.0.1:\(port)"
            case .url(let url): Self.directory(url)
            case .container(let name, let port): "http://\(name):\(port)"
            case .socket(let path): "http://unix:\(path)"
            // It has the name that the site gives to the group.
            case .servers(let upstream): upstream.isTLS ? "https://" : "http://"
            }
        }

        /// Whether the path of a request is replaced.
        var hasPath: Bool { if case .url(let url) = self { Self.hasPath(url) } else { false } }

        /// nginx appends the requested path without its first `/`, so the prefix must end with one.
        private static func directory(_ url: String) -> String {
            hasPath(url) && url.utf8.last != UInt8(ascii: "/") ? url + "/" : url
        }

        private static func hasPath(_ url: String) -> Bool {
            url.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 3, omittingEmptySubsequences: false).count > 3
        }

        var problems: [String] {
            switch self {
            case .port(let port): return port == 0 ? ["it passes requests to port 0"] : []
            case .container(let name, let port):
                return (port == 0 ? ["it passes requests to port 0"] : [])
                    + (Stack.isName(name) ? [] : ["invalid container name “\(name.escaped)”"])
            case .socket(let path): return Endpoint.socket(path).problems
            case .servers(let upstream): return upstream.problems
            case .url(let url):
                let rest = ["http://", "https://"].first(where: url.hasPrefix).map { url.dropFirst($0.count) }
                let isPlain = rest?.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._~:/[]%".utf8.contains($0) }
                guard isPlain == true, rest?.first.map({ $0 != "/" && $0 != ":" }) == true else {
                    return [
                        "invalid URL to pass requests to “\(url.escaped)”: write one such as http://127.0.0.1:8080"
                    ]
                }
                return []
            }
        }
    }
}

extension Nginx.Backend: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// A port of the machine itself.
    public init(integerLiteral port: UInt16) { self = .port(port) }
    public init(stringLiteral value: String) { self = .url(value) }
}
