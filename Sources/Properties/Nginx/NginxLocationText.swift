/// The settings of a `server` block that most sites do not have.
struct NginxServerSettings {
    let site: Nginx.Site

    func text(_ names: NginxSharedNames) -> [String] {
        let options = site.options
        return options.accessLog.text + options.errorLog.text + options.access.map(\.text)
            + (options.authentication?.text ?? [])
            + Self.headers(options.headers) + (options.rateLimit?.text(names.zone(of: nil)) ?? [])
            + (options.readTimeout.map { timeout in
                site.locations.map(\.handler).reduce(into: []) { lines, handler in
                    for line in handler.timeouts(timeout) where !lines.contains(line) { lines.append(line) }
                }
            } ?? [])
    }

    /// Headers of all answers, not only of successful ones.
    static func headers(_ headers: [String: String]) -> [String] {
        headers.sorted { $0.key < $1.key }.map { "add_header \($0.key) \(NginxText.quoted($0.value)) always;" }
    }
}

/// The `location` block of a site.
struct NginxLocationText {
    let site: Nginx.Site
    let location: Nginx.Location
    /// The zone of its rate limit.
    let zone: String
    let names: NginxSharedNames

    /// The variables of the headers for a backend; for a server with at least one proxy.
    static let variables = """
            # The name that was asked for, as nginx understands it, with the port where the client names one.
            set $propel_host $host;
            if ($http_host ~ ":([0-9]+)$") { set $propel_host $host:$1; }

            # Only a request that asks for a websocket becomes one.
            set $propel_upgrade "";
            set $propel_connection "";
            if ($http_upgrade ~* "^websocket$") {
                set $propel_upgrade websocket;
                set $propel_connection upgrade;
            }

        """

    var text: String {
        "    location \(location.match.text) {\n" + handler
            + settings.map { "        \($0)\n" }.joined() + NginxText.indented(location.directives, by: 8) + "    }\n"
    }

    private var handler: String {
        guard let backend = location.backend else {
            return location.handler.text(at: location.match).map { "        \($0)\n" }.joined()
        }
        return """
            \(passing(to: backend))
                    proxy_http_version 1.1;
                    proxy_set_header Host $propel_host;
                    proxy_set_header X-Real-IP $remote_addr;
                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                    proxy_set_header X-Forwarded-Host $propel_host;
                    proxy_set_header X-Forwarded-Proto $scheme;
                    proxy_set_header Upgrade $propel_upgrade;
                    proxy_set_header Connection $propel_connection;

            """
    }

    private func passing(to backend: Nginx.Backend) -> String {
        switch backend {
        case .container:
            return """
                        # Docker's resolver, asked with every request: a recreated container may have another address.
                        resolver 127.0.0.11 valid=5s;
                        set $backend \(backend.address);
                        proxy_pass $backend;
                """
        case .servers: return "        proxy_pass \(backend.address)\(names.upstream(of: backend));"
        case .port, .url, .socket: return "        proxy_pass \(backend.address);"
        }
    }

    private var settings: [String] {
        var lines = (location.bodyLimit.map { ["client_max_body_size \($0.bytes);"] } ?? [])
        lines += location.access.map(\.text) + (location.authentication?.text ?? [])
        // nginx forgets the headers of the server as soon as a location has one.
        if !location.headers.isEmpty {
            lines += NginxServerSettings.headers(site.options.headers.merging(location.headers) { $1 })
        }
        lines += location.rateLimit?.text(zone) ?? []
        lines += location.readTimeout.map(location.handler.timeouts) ?? []
        return lines
    }
}

extension Nginx.Location.Handler {
    /// The directives that set a timeout for the backend.
    fileprivate func timeouts(_ timeout: Duration) -> [String] {
        let module: String
        switch self {
        case .proxy: module = "proxy"
        case .php, .fastCGI: module = "fastcgi"
        case .uwsgi: module = "uwsgi"
        case .files, .alias, .redirect, .respond, .directives: return []
        }
        return ["read", "send"].map { "\(module)_\($0)_timeout \(NginxText.time(timeout));" }
    }
}
