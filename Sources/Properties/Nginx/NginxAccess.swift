extension Nginx {
    /// A rule that decides by the address of the client. The first rule that fits counts.
    ///
    ///     Nginx.Site("admin", names: ["admin.example.com"], proxyTo: 9000,
    ///                options: .init(access: [.allow("10.0.0.0/8"), .allow("fd00::/8"), .denyAll]))
    public enum Access: Sendable, Hashable {
        /// An address or a network, such as `10.0.0.0/8`.
        case allow(String)
        /// An address or a network, such as `10.0.0.66`.
        case deny(String)
        /// All clients that no rule before has allowed.
        case denyAll

        var text: String {
            switch self {
            case .allow(let network): "allow \(network);"
            case .deny(let network): "deny \(network);"
            case .denyAll: "deny all;"
            }
        }

        var problems: [String] {
            switch self {
            case .allow(let network), .deny(let network):
                IPNetwork(network) != nil
                    ? [] : ["invalid address or network “\(network.escaped)”: write one such as 10.0.0.0/8 or fd00::/8"]
            case .denyAll: []
            }
        }
    }

    /// The proof that a client has to give before it is served.
    public enum Authentication: Sendable, Hashable {
        /// No proof, for a location of a site that demands one.
        case off
        /// The name and password of a user in this file, which the site writes too.
        case passwords(PasswordFile, realm: String = "Restricted")
        /// The name and password of a user in a file that something else writes, as htpasswd(1) does. The user www-data
        /// must be able to read it.
        case file(FilePath, realm: String = "Restricted")
        /// The answer of another location, which is asked about each request: 2xx lets it pass
        /// (<https://nginx.org/en/docs/http/ngx_http_auth_request_module.html>).
        case request(String)

        var text: [String] {
            switch self {
            case .off: ["auth_basic off;", "auth_request off;"]
            case .passwords(let file, let realm):
                [
                    "auth_basic \(NginxText.quoted(realm));",
                    "auth_basic_user_file \(file.path);",
                ]
            case .file(let path, let realm):
                ["auth_basic \(NginxText.quoted(realm));", "auth_basic_user_file \(NginxText.word(path.string));"]
            case .request(let path): ["auth_request \(NginxText.word(path));"]
            }
        }

        var problems: [String] {
            switch self {
            case .off: return []
            case .passwords(let file, let realm): return file.problems + Self.problems(ofRealm: realm)
            case .file(let path, let realm):
                let isPlain = path.isAbsolute && HostNames.isPlain(path: path.string)
                return Self.problems(ofRealm: realm)
                    + (isPlain
                        ? [] : ["invalid path of a password file “\(path.string.escaped)”: write an absolute path"])
            case .request(let path):
                return path.hasPrefix("/") && NginxText.isPrintable(path)
                    ? [] : ["invalid location that is asked about requests “\(path.escaped)”: begin with /"]
            }
        }

        private static func problems(ofRealm realm: String) -> [String] {
            NginxText.isPrintable(realm) && !realm.contains(anyOf: "$")
                ? [] : ["invalid realm of passwords “\(realm.escaped)”: it has a control character or a $ in it"]
        }
    }

    /// The rate of requests of one client address, above which requests are refused with status 429
    /// (<https://nginx.org/en/docs/http/ngx_http_limit_req_module.html>).
    ///
    ///     Nginx.Site("api", names: ["api.example.com"], proxyTo: 3000,
    ///                options: .init(rateLimit: .init(requests: 10, per: .second, burst: 20)))
    public struct RateLimit: Sendable, Hashable {
        /// The period that a rate refers to.
        public enum Period: String, Sendable, Hashable {
            case second = "s"
            case minute = "m"
        }

        public let requests: Int
        public let period: Period
        public let burst: Int
        public let zoneSize: ByteSize

        /// - Parameters:
        ///   - requests: the number of requests in the period, at least 1.
        ///   - period: a second, or a minute.
        ///   - burst: how many requests may exceed the rate at once, without a delay; 0 by default.
        ///   - zoneSize: the memory for the addresses of clients; 10 MiB by default, which is enough for 160,000.
        public init(requests: Int, per period: Period, burst: Int = 0, zoneSize: ByteSize = .mebibytes(10)) {
            self.requests = requests
            self.period = period
            self.burst = burst
            self.zoneSize = zoneSize
        }

        func zone(_ name: String) -> String {
            "limit_req_zone $binary_remote_addr zone=\(name):\(zoneSize.bytes / 1024)k "
                + "rate=\(requests)r/\(period.rawValue);\n"
        }

        func text(_ zone: String) -> [String] {
            ["limit_req zone=\(zone)\(burst > 0 ? " burst=\(burst) nodelay" : "");", "limit_req_status 429;"]
        }

        var problems: [String] {
            requests > 0 && burst >= 0 && zoneSize.bytes >= 32 * 1024
                ? [] : ["invalid rate limit: it takes at least one request, and 32 KiB of memory"]
        }
    }
}
