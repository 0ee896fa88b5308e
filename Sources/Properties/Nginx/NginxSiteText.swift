/// The configuration of a site (<https://nginx.org/en/docs/http/ngx_http_proxy_module.html>). Equal sites have equal
/// texts.
struct NginxSiteText {
    let site: Nginx.Site
    let http2: Nginx.HTTP2
    /// Whether the site is for an nginx in a container.
    var isInContainer = false
    /// Whether the kernel has IPv6: without it nginx does not start with `listen [::]:80`.
    var hasIPv6 = true
    /// The file with certificate and key while the site is validated; nil for the final one.
    var certificateFile: FilePath?
    /// Whether there is the certificate of an authority that the site waits for.
    var isIssued = false

    private var options: Nginx.Site.Options { site.options }

    var text: String {
        let header =
            "# The site \(site.siteName), as Propel deployed it. It is described in Swift: what is changed here is "
            + "replaced.\n\n"
        return header + shared + servers.joined(separator: "\n")
    }

    /// The blocks beside the servers: variables, zones and groups of servers.
    private var shared: String {
        let parts =
            options.maps.map(\.text) + (options.rateLimit.map { [$0.zone(names.zone(of: nil))] } ?? [])
            + site.locations.enumerated().compactMap { index, location in
                location.rateLimit.map { $0.zone(names.zone(of: index)) }
            }
            + site.backends.enumerated().compactMap { index, backend in
                if case .servers(let upstream) = backend, site.backends.firstIndex(of: backend) == index {
                    upstream.text(names.upstream(of: backend))
                } else {
                    nil
                }
            }
        return parts.map { $0 + "\n" }.joined()
    }

    private var names: NginxSharedNames { NginxSharedNames(site: site) }

    private var servers: [String] {
        let plain = listen(options.httpPort), secure = listenTLS
        guard site.tls != .none else { return [server(plain, work)] + redirects([plain]) }
        guard site.redirectsToTLS else {
            return [server(plain + secure, certificate + (challenge.isEmpty ? "" : challenge + "\n") + work)]
                + redirects([plain, secure])
        }
        let redirect = "return 308 https://$host\(portSuffix)$request_uri;\n"
        let all = options.redirectedNames.isEmpty ? site.names : site.allNames
        return [
            server(plain, challenge.isEmpty ? "    \(redirect)" : challenge + "\n" + inLocation(redirect), all),
            server(secure, certificate + work),
        ] + redirects([secure])
    }

    /// The servers for the names that are redirected.
    /// - Parameter listeners: those of plain HTTP, and those of TLS.
    private func redirects(_ listeners: [String]) -> [String] {
        guard let name = site.names.first, !options.redirectedNames.isEmpty else { return [] }
        return listeners.map { listener in
            let isSecure = listener == listenTLS
            let port = isSecure ? portSuffix : options.httpPort == 80 ? "" : ":\(options.httpPort)"
            let redirect = "return 308 \(isSecure ? "https" : "http")://\(name)\(port)$request_uri;\n"
            let isChallenged = !isSecure && !challenge.isEmpty
            return server(
                listener,
                (isSecure ? certificate : "")
                    + (isChallenged ? challenge + "\n" + inLocation(redirect) : "    \(redirect)"),
                options.redirectedNames, isDefault: false)
        }
    }

    private var portSuffix: String { options.httpsPort == 443 ? "" : ":\(options.httpsPort)" }

    private func inLocation(_ line: String) -> String { "    location / {\n        \(line)    }\n" }

    private func server(
        _ listeners: String, _ rest: String, _ names: [String]? = nil, isDefault: Bool = true
    ) -> String {
        // Only one server of an address can be the default.
        let listeners = isDefault ? listeners : listeners.replacing(" default_server", with: "")
        return "server {\n\(listeners)    server_name \((names ?? site.names).joined(separator: " "));\n\n\(rest)}\n"
    }

    private func listen(_ port: UInt16, _ parameters: String = "") -> String {
        let parameters = (options.isDefault ? " default_server" : "") + parameters
        guard options.addresses.isEmpty else {
            return options.addresses.map { address in
                "    listen \(HostNames.isIPv6(address) ? "[\(address)]" : address):\(port)\(parameters);\n"
            }.joined()
        }
        let address = "    listen \(port)\(parameters);\n"
        // A container may be without IPv6.
        return isInContainer || !hasIPv6 ? address : address + "    listen [::]:\(port)\(parameters);\n"
    }

    private var listenTLS: String {
        switch http2 {
        case .parameter: listen(options.httpsPort, " ssl http2")
        case .directive: listen(options.httpsPort, " ssl") + "    http2 on;\n"
        }
    }

    private var certificate: String {
        func lines(_ certificate: FilePath, _ key: FilePath) -> String {
            "    ssl_certificate \(certificate);\n    ssl_certificate_key \(key);\n"
        }
        switch site.tls {
        case .none: return ""
        case .files(let certificate, let key): return lines(certificate, key)
        case .signed:
            return lines(Properties.TLS.certificate(site.certificateID), Properties.TLS.key(site.certificateID))
        case .acme where isIssued: return site.acme.map { lines($0.certificatePath, $0.keyPath) } ?? ""
        case .selfSigned, .secrets, .acme:
            let path =
                certificateFile
                ?? (isInContainer ? NginxSites.certificate(of: site) : NginxPaths.certificate(site.siteName))
            return lines(path, path)
        }
    }

    /// The answer to the challenges of a certificate authority; empty if none asks.
    private var challenge: String {
        guard case .webroot(let path) = site.acme?.challenge else { return "" }
        return """
                # The authority asks without TLS, from everywhere and without a password.
                location ^~ /.well-known/acme-challenge/ {
                    root \(path);
                    default_type text/plain;
                    allow all;
                    auth_basic off;
                }

            """
    }

    private var work: String {
        let directives = NginxText.indented(site.directives, by: 4).dropLast(site.directives.hasSuffix("\n") ? 1 : 0)
        let settings = (root + NginxServerSettings(site: site).text(names)).map { "    \($0)\n" }.joined()
        let locations = site.locations.enumerated().map { index, location in
            NginxLocationText(site: site, location: location, zone: names.zone(of: index), names: names).text
        }
        let parts =
            ["    client_max_body_size \(site.bodyLimit.bytes);\n" + settings]
            + (site.backends.isEmpty ? [] : [NginxLocationText.variables])
            + (isHidingFiles ? ["    location ~ \"/\\\\.(?!well-known(/|$))\" {\n        return 404;\n    }\n"] : [])
            + locations + (site.directives.isEmpty ? [] : [String(directives)])
        return parts.joined(separator: "\n")
    }

    private var root: [String] {
        (site.root.map { ["root \(NginxText.word($0.string));"] } ?? [])
            + (site.index.isEmpty ? [] : ["index \(site.index.map(NginxText.word).joined(separator: " "));"])
    }

    private var isHidingFiles: Bool { !options.sendsHiddenFiles && site.locations.contains { $0.handler.sendsFiles } }
}

/// The names of what all sites of an nginx share, each with the name of its site in it.
struct NginxSharedNames {
    let site: Nginx.Site

    /// The zone of a rate limit: of a location, or of the site.
    func zone(of location: Int?) -> String {
        "propel_\(site.siteName)" + (location.map { "_\($0 + 1)" } ?? "")
    }

    /// The group of servers of a backend.
    func upstream(of backend: Nginx.Backend) -> String {
        "propel_\(site.siteName)_\((site.backends.firstIndex(of: backend) ?? 0) + 1)"
    }
}
