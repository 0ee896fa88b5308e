import Properties

/// A page behind nginx, by https with a certificate that the machine makes for itself: `role = "web"`.
///
/// Keys in hosts.conf: `names`, the host names that it answers to, that of the machine by default; `directives`, more directives
/// for nginx; `site`, false for none.
let web = Role("web", runs: Debian.self, keys: ["names", "directives", "site"]) { host in
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
        "hello", names: names.isEmpty ? [host.name] : names, proxyTo: 8080, tls: .selfSigned, directives: try host.string("directives") ?? "")
    if try host.bool("site") ?? true {
        site
    } else {
        site.reverted()
    }
}
