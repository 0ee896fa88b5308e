import Properties

/// A page behind nginx, over HTTPS with a self-signed certificate: `role = "web"`.
///
/// Keys in hosts.conf: `names`, the host names that it answers to, that of the machine by default; `certificate`,
/// which is `self-signed`, `none`, or `secrets` for the secrets `web-certificate` and `web-key`; `directives`, more
/// directives for nginx; `other`, the same for a second site, which is there only with it; `site`, false for none.
let web = Role("web", runs: Debian.self, keys: ["names", "certificate", "directives", "other", "site"]) { host in
    let names = try host.strings("names")

    Directory("/srv/hello")
    File("/srv/hello/index.html", "Hello from \(host.name).\n")
    SystemdService(
        "hello",
        """
        [Unit]
        Description=The page that nginx shows

        [Service]
        ExecStart=/usr/bin/busybox httpd -f -p 127.0.0.1:8080 -h /srv/hello
        DynamicUser=yes

        [Install]
        WantedBy=multi-user.target

        """
    ).requires(Apt.Installed("busybox"))

    Nginx.Engine(isDefaultSiteEnabled: false)
    let site = Nginx.Site(
        "hello", names: names.isEmpty ? [host.name] : names, proxyTo: 8080, tls: try webCertificate(host),
        directives: try host.string("directives") ?? "")
    if try host.bool("site") ?? true {
        site
    } else {
        site.reverted()
    }
    if let directives = try host.string("other") {
        Nginx.Site("other", names: ["other.example.com"], proxyTo: 8080, directives: directives)
    }
}

/// The certificate of the page.
private func webCertificate(_ host: HostEntry) throws -> Nginx.TLS {
    switch try host.string("certificate") ?? "self-signed" {
    case "self-signed": return .selfSigned
    case "none": return .none
    case "secrets": return .secrets(certificate: Secret("web-certificate"), key: Secret("web-key"))
    case let other:
        throw Failure("unknown certificate “\(other)”", advice: "Use self-signed, none or secrets.")
    }
}
