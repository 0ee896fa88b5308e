/// Sites of an nginx that is a container of a stack: its image is `nginx` or made from it.
///
///     Container("front", image: "nginx", tag: "1.28") {
///         Publish(443)
///         NginxSites(
///             Nginx.Site("shop", names: ["shop.example.com"], proxyTo: .container("app", port: 80),
///                        tls: .secrets(certificate: Secret("shop-certificate"), key: Secret("shop-key"))))
///         HealthCheck("curl -fsS -o /dev/null http://127.0.0.1/")
///     }
///
/// Each is a file in `/etc/nginx/conf.d`; the container depends on those that it passes requests to, and finds one that was made
/// anew. When a site changes the container is made anew, and an nginx that does not accept it never becomes healthy: then the
/// version before is put back.
public struct NginxSites: ContainerPart {
    public let sites: [Nginx.Site]
    /// How this version of nginx takes HTTP/2.
    public let http2: Nginx.HTTP2

    /// - Parameters:
    ///   - sites: each passes requests to a container or an URL, and has its certificate from secrets, from files of the container,
    ///     or none.
    ///   - http2: how HTTP/2 is switched on; by the directive, for nginx from 1.25.1 on, by default.
    public init(_ sites: Nginx.Site..., http2: Nginx.HTTP2 = .directive) {
        self.sites = sites
        self.http2 = http2
    }

    public func add(to container: inout Container) {
        for site in sites {
            container.partProblems += Self.problems(of: site)
            let text = NginxSiteText(site: site, http2: http2, isInContainer: true).text
            container.files.append(
                ConfigurationFile(
                    FilePath("/etc/nginx/conf.d").appending(FilePath.Component(escaping: site.siteName + ".conf")),
                    text: text))
            if case .secrets(let certificate, let key) = site.tls {
                container.files.append(
                    ConfigurationFile(Self.certificate(of: site), certificateContent(certificate, key)))
            }
            if case .container(let name, _) = site.backend, !container.dependencies.contains(where: { $0.name == name })
            {
                container.dependencies.append(DependsOn(name))
            }
        }
    }

    /// Within the container.
    static func certificate(of site: Nginx.Site) -> FilePath {
        FilePath("/etc/nginx/tls").appending(FilePath.Component(escaping: site.siteName + ".pem"))
    }

    private static func problems(of site: Nginx.Site) -> [String] {
        var problems = site.problems
        if case .port(let port) = site.backend {
            problems.append(
                "the site \(site.siteName.escaped): the port \(port) would be one of the container itself: pass requests to .container(NAME, port: \(port))"
            )
        }
        if site.tls == .selfSigned {
            problems.append(
                "the site \(site.siteName.escaped): nobody makes a certificate within a container: give it one from secrets"
            )
        }
        return problems
    }
}
