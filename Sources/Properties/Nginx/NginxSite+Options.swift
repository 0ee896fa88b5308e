extension Nginx.Site {
    /// The settings of a site that most sites leave as they are.
    ///
    ///     Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, tls: .selfSigned,
    ///                options: .init(redirectedNames: ["www.shop.example.com"],
    ///                               accessLog: .file("/var/log/nginx/shop.log"),
    ///                               headers: ["X-Frame-Options": "DENY"]))
    public struct Options: Sendable, Hashable {
        /// Whether it answers for names that no site has.
        public var isDefault: Bool
        /// Names that are redirected permanently (308) to the first name of the site.
        public var redirectedNames: [String]
        /// The port for plain HTTP.
        public var httpPort: UInt16
        /// The port for TLS.
        public var httpsPort: UInt16
        /// The addresses of the machine that it listens on; empty for all.
        public var addresses: [String]
        /// Whether files and directories whose names begin with a dot are sent too.
        public var sendsHiddenFiles: Bool
        public var accessLog: Nginx.AccessLog
        public var errorLog: Nginx.ErrorLog
        /// The clients that may use it.
        public var access: [Nginx.Access]
        /// The proof that a client has to give.
        public var authentication: Nginx.Authentication?
        /// Headers of every answer, errors included.
        public var headers: [String: String]
        /// The rate of requests of one client.
        public var rateLimit: Nginx.RateLimit?
        /// How long a backend may take between two reads or writes.
        public var readTimeout: Duration?
        /// Variables that the site defines.
        public var maps: [Nginx.Map]

        /// - Parameters:
        ///   - isDefault: whether it answers for names that no site has; no by default. Debian's default site is
        ///     disabled then.
        ///   - redirectedNames: names that are redirected permanently (308) to the first name of the site; none by
        ///     default. Certificates cover them.
        ///   - httpPort: the port for plain HTTP; 80 by default.
        ///   - httpsPort: the port for TLS; 443 by default.
        ///   - addresses: the IP addresses of the machine that it listens on, such as `10.0.0.1` and `fd00::1`; all by
        ///     default, IPv6 included if the kernel has it.
        ///   - sendsHiddenFiles: whether files whose names begin with a dot are sent too, such as those in `.git`; no
        ///     by default. `/.well-known` always is.
        ///   - accessLog: the log of requests; that of nginx by default.
        ///   - errorLog: the log of errors; that of nginx by default.
        ///   - access: the rules that decide by the address of the client; anybody by default.
        ///   - authentication: the proof that a client has to give; none by default.
        ///   - headers: headers of every answer, errors included; none by default.
        ///   - rateLimit: the rate of requests of one client; no limit by default.
        ///   - readTimeout: how long a backend may take between two reads or writes; a minute by default, as in nginx.
        ///   - maps: variables whose values depend on others; none by default.
        public init(
            isDefault: Bool = false, redirectedNames: [String] = [], httpPort: UInt16 = 80, httpsPort: UInt16 = 443,
            addresses: [String] = [], sendsHiddenFiles: Bool = false,
            accessLog: Nginx.AccessLog = .common, errorLog: Nginx.ErrorLog = .common, access: [Nginx.Access] = [],
            authentication: Nginx.Authentication? = nil, headers: [String: String] = [:],
            rateLimit: Nginx.RateLimit? = nil, readTimeout: Duration? = nil, maps: [Nginx.Map] = []
        ) {
            self.isDefault = isDefault
            self.redirectedNames = redirectedNames
            self.httpPort = httpPort
            self.httpsPort = httpsPort
            self.addresses = addresses
            self.sendsHiddenFiles = sendsHiddenFiles
            self.accessLog = accessLog
            self.errorLog = errorLog
            self.access = access
            self.authentication = authentication
            self.headers = headers
            self.rateLimit = rateLimit
            self.readTimeout = readTimeout
            self.maps = maps
        }
    }
}

extension Nginx.Site.Options {
    var problems: [String] {
        var problems = accessLog.problems + errorLog.problems + access.flatMap(\.problems) + maps.flatMap(\.problems)
        problems += (authentication?.problems ?? []) + (rateLimit?.problems ?? []) + Nginx.problems(ofHeaders: headers)
        if httpPort == 0 || httpsPort == 0 { problems.append("it listens on port 0") }
        if httpPort == httpsPort { problems.append("plain HTTP and TLS have the same port \(httpPort)") }
        for address in addresses where address.contains("/") || IPNetwork(address) == nil {
            problems.append("invalid address to listen on “\(address.escaped)”: write one such as 10.0.0.1 or fd00::1")
        }
        if let readTimeout, readTimeout <= .zero { problems.append("a timeout is not longer than 0") }
        return problems
    }
}
