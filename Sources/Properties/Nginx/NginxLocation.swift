extension Nginx {
    /// A part of a site: the requests whose paths match, and what answers them
    /// (<https://nginx.org/en/docs/http/ngx_http_core_module.html#location>).
    ///
    ///     Nginx.Site("shop", names: ["shop.example.com"], root: "/srv/shop", index: ["index.php"], locations: [
    ///         Nginx.Location("/", .files(tryFiles: ["$uri", "$uri/", "/index.php?$query_string"])),
    ///         Nginx.Location(.regex("\\.php$"), .php()),
    ///         Nginx.Location("/api/", .proxy(3000), bodyLimit: .mebibytes(20)),
    ///         Nginx.Location("/downloads/", .alias("/srv/downloads/", isListed: true)),
    ///         Nginx.Location(.exact("/health"), .respond(200, "ok\n")),
    ///         Nginx.Location("/old/", .redirect(to: "/new/")),
    ///     ])
    ///
    /// A location has the settings of its site, unless it declares its own.
    public struct Location: Sendable, Hashable {
        /// The paths of a location. An exact one wins, then the longest prefix if it is preferred, then the first
        /// regular expression in the order of declaration, then the longest prefix.
        public enum Match: Sendable, Hashable {
            /// All paths that begin with it.
            case prefix(String)
            /// All paths that begin with it, before any regular expression (`^~`).
            case preferredPrefix(String)
            /// This path alone.
            case exact(String)
            /// A regular expression (PCRE).
            case regex(String)
            /// A regular expression to which case does not matter.
            case caseInsensitiveRegex(String)
            /// A name such as `@app`, which another location passes requests to, for example with `tryFiles`.
            case named(String)
        }

        public let match: Match
        public let handler: Handler
        public let access: [Access]
        public let authentication: Authentication?
        public let headers: [String: String]
        public let rateLimit: RateLimit?
        public let bodyLimit: ByteSize?
        public let readTimeout: Duration?
        public let directives: String

        /// - Parameters:
        ///   - match: the paths; a string is a prefix.
        ///   - handler: what answers.
        ///   - access: who may use it, in place of the rules of the site; those by default. Redirects and answers of
        ///     nginx itself come before such rules and before passwords.
        ///   - authentication: the proof that a client gives, in place of that of the site; that by default.
        ///   - headers: headers of the answer, besides those of the site; a header of the same name replaces it.
        ///   - rateLimit: its own limit; that of the site by default.
        ///   - bodyLimit: the largest body of a request; that of the site by default.
        ///   - readTimeout: how long the backend may take between two reads or writes; that of the site by default.
        ///   - directives: further directives for the `location` block, one per line; none by default.
        public init(
            _ match: Match, _ handler: Handler, access: [Access] = [], authentication: Authentication? = nil,
            headers: [String: String] = [:], rateLimit: RateLimit? = nil, bodyLimit: ByteSize? = nil,
            readTimeout: Duration? = nil, directives: String = ""
        ) {
            self.match = match
            self.handler = handler
            self.access = access
            self.authentication = authentication
            self.headers = headers
            self.rateLimit = rateLimit
            self.bodyLimit = bodyLimit
            self.readTimeout = readTimeout
            self.directives = directives
        }

        /// The server that requests are passed to over HTTP; nil for all but a proxy.
        var backend: Backend? { if case .proxy(let backend) = handler { backend } else { nil } }
    }
}

extension Nginx.Location.Match: ExpressibleByStringLiteral {
    /// A prefix, or the name of a location if it begins with `@`.
    public init(stringLiteral value: String) { self = value.hasPrefix("@") ? .named(value) : .prefix(value) }
}

extension Nginx.Location.Match {
    var text: String {
        switch self {
        case .prefix(let path): NginxText.word(path)
        case .preferredPrefix(let path): "^~ \(NginxText.word(path))"
        case .exact(let path): "= \(NginxText.word(path))"
        case .regex(let pattern): "~ \(NginxText.quoted(pattern))"
        case .caseInsensitiveRegex(let pattern): "~* \(NginxText.quoted(pattern))"
        case .named(let name): name
        }
    }

    /// The path that it begins with or is; nil for a regular expression or a name.
    var path: String? {
        switch self {
        case .prefix(let path), .preferredPrefix(let path), .exact(let path): path
        case .regex, .caseInsensitiveRegex, .named: nil
        }
    }

    /// Equal for locations that nginx takes for the same.
    var identity: String {
        switch self {
        case .prefix(let path), .preferredPrefix(let path): "prefix \(path)"
        case .exact, .regex, .caseInsensitiveRegex, .named: text
        }
    }

    var problems: [String] {
        switch self {
        case .prefix(let path), .preferredPrefix(let path), .exact(let path):
            path.hasPrefix("/") && NginxText.isPrintable(path)
                ? [] : ["invalid path of a location “\(path.escaped)”: begin with /"]
        case .regex(let pattern), .caseInsensitiveRegex(let pattern):
            !pattern.isEmpty && NginxText.isPrintable(pattern)
                ? [] : ["invalid regular expression of a location “\(pattern.escaped)”"]
        case .named(let name):
            name.count > 1 && name.hasPrefix("@")
                && name.utf8.dropFirst().allSatisfy { $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }
                ? [] : ["invalid name of a location “\(name.escaped)”: write one such as @app"]
        }
    }
}

extension Nginx.Location {
    var problems: [String] {
        var problems = match.problems + handler.problems(at: match) + access.flatMap(\.problems)
        problems += (authentication?.problems ?? []) + (rateLimit?.problems ?? []) + Nginx.problems(ofHeaders: headers)
        if let bodyLimit, bodyLimit.bytes < 1 {
            problems.append("invalid limit of request bodies \(bodyLimit): to nginx, 0 means no limit")
        }
        if let readTimeout, readTimeout <= .zero { problems.append("a timeout is not longer than 0") }
        switch handler {
        case .redirect, .respond:
            let isGuarded = authentication.map { $0 != .off } ?? false
            // nginx answers in its rewrite phase, before it looks at who asks.
            if !access.isEmpty || isGuarded {
                problems.append(
                    "nginx answers the location \(match.text.escaped) itself, before it looks at access and passwords")
            }
        default: break
        }
        if !NginxText.isPrintable(directives, hasLines: true) {
            problems.append("the directives of the location \(match.text.escaped) have a control character in them")
        }
        return problems
    }
}

extension Nginx {
    static func problems(ofHeaders headers: [String: String]) -> [String] {
        headers.sorted { $0.key < $1.key }.filter { name, value in
            name.isEmpty || !name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }
                || !NginxText.isPrintable(value)
        }.map { "invalid header “\("\($0.key): \($0.value)".escaped)”" }
    }
}
