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
/// Each is a file in `/etc/nginx/conf.d`. The container depends on the containers that it passes requests to, and finds
/// those that were replaced. If a site changes the container is replaced, and an nginx that refuses it never becomes
/// healthy: then the stack is rolled back.
public struct NginxSites: ContainerPart {
    public let sites: [Nginx.Site]
    /// The syntax of HTTP/2 in this version of nginx.
    public let http2: Nginx.HTTP2

    /// - Parameters:
    ///   - sites: each passes requests to a container or a URL, and has its certificate from secrets, from files in the
    ///     container, or no TLS.
    ///   - http2: the syntax of HTTP/2; the directive of nginx 1.25.1 and later by default.
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
                    FilePath("/etc/nginx/conf.d").appending(escaping: site.siteName + ".conf"),
                    text: text))
            if case .secrets(let certificate, let key) = site.tls {
                container.files.append(
                    ConfigurationFile(Self.certificate(of: site), certificateContent(certificate, key)))
            }
            for file in site.passwordFiles {
                guard let content = file.hashedContent else { continue }
                // The user of the workers in nginx's image, who reads it with each request.
                let owner: UInt32 = content.secrets.isEmpty ? 0 : 101
                container.files.append(ConfigurationFile(file.path, content, owner: owner))
            }
            for case .container(let name, _) in site.backends
            where !container.dependencies.contains(where: { $0.name == name }) {
                container.dependencies.append(DependsOn(name))
            }
        }
    }

    /// The path inside the container.
    static func certificate(of site: Nginx.Site) -> FilePath {
        FilePath("/etc/nginx/tls").appending(escaping: site.siteName + ".pem")
    }

    private static func problems(of site: Nginx.Site) -> [String] {
        var problems = site.problems
        for case .port(let port) in site.backends {
            problems.append(
                "the site \(site.siteName.escaped): port \(port) would be a port of the nginx container: pass "
                    + "requests to .container(NAME, port: \(port))"
            )
        }
        for file in site.passwordFiles where file.hashedContent == nil {
            problems.append(
                "the site \(site.siteName.escaped): passwords are not hashed for a container: give their hashes in "
                    + "the password file \(file.id.escaped), with .hash or .hashedSecret"
            )
        }
        switch site.tls {
        case .none, .files, .secrets: break
        case .selfSigned:
            problems.append(
                "the site \(site.siteName.escaped): a container cannot have a self-signed certificate: use one from "
                    + "secrets"
            )
        case .signed, .acme:
            problems.append(
                "the site \(site.siteName.escaped): certificates are made on the host: mount the files of one into the "
                    + "container, and use .files"
            )
        }
        return problems
    }
}
