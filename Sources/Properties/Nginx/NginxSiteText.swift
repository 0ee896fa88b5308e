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

    var text: String {
        let header =
            "# The site \(site.siteName), as Propel deployed it. It is described in Swift: what is changed here is "
            + "replaced.\n\n"
        guard site.tls != .none else { return header + server([listen(80)].joined(), work) }
        guard site.redirectsToTLS else { return header + server(listen(80) + listenTLS, certificate + work) }
        return header + server(listen(80), "    return 308 https://$host$request_uri;\n") + "\n"
            + server(listenTLS, certificate + work)
    }

    private func server(_ listeners: String, _ rest: String) -> String {
        "server {\n\(listeners)    server_name \(site.names.joined(separator: " "));\n\n\(rest)}\n"
    }

    private func listen(_ port: Int, _ options: String = "") -> String {
        let address = "    listen \(port)\(options);\n"
        // A container may be without IPv6.
        return isInContainer || !hasIPv6 ? address : address + "    listen [::]:\(port)\(options);\n"
    }

    private var listenTLS: String {
        switch http2 {
        case .parameter: listen(443, " ssl http2")
        case .directive: listen(443, " ssl") + "    http2 on;\n"
        }
    }

    private var certificate: String {
        func lines(_ certificate: FilePath, _ key: FilePath) -> String {
            "    ssl_certificate \(certificate);\n    ssl_certificate_key \(key);\n"
        }
        switch site.tls {
        case .none: return ""
        case .files(let certificate, let key): return lines(certificate, key)
        case .selfSigned, .secrets:
            let path =
                certificateFile
                ?? (isInContainer ? NginxSites.certificate(of: site) : NginxPaths.certificate(site.siteName))
            return lines(path, path)
        }
    }

    private var work: String {
        let directives = site.directives.lines.map {
            $0.isEmpty ? "" : "    \($0)"
        }
        return """
                client_max_body_size \(site.bodyLimit.bytes);

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

                location / {
            \(passing)
                    proxy_http_version 1.1;
                    proxy_set_header Host $propel_host;
                    proxy_set_header X-Real-IP $remote_addr;
                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                    proxy_set_header X-Forwarded-Host $propel_host;
                    proxy_set_header X-Forwarded-Proto $scheme;
                    proxy_set_header Upgrade $propel_upgrade;
                    proxy_set_header Connection $propel_connection;
                }

            """
                + (site.directives.isEmpty
                    ? "" : "\n" + directives.joined(separator: "\n") + (site.directives.hasSuffix("\n") ? "" : "\n"))
    }

    private var passing: String {
        let address = site.backend?.address ?? ""
        guard case .container = site.backend else { return "        proxy_pass \(address);" }
        return """
                    # Docker's resolver, asked with every request: a recreated container may have another address.
                    resolver 127.0.0.11 valid=5s;
                    set $backend \(address);
                    proxy_pass $backend;
            """
    }
}
