import Properties

/// A small server on the Internet: one administrator, a closed firewall, security updates, a site of files over HTTPS,
/// and a backup every night.
///
/// Keys in hosts.conf: `names`, the host names of the site, that of the machine by default; `backup`, the restic
/// repository, none by default.
let vps = Role("vps", runs: Debian.self, keys: ["names", "backup"]) { host in
    base(host, timezone: "Etc/UTC")
    Apt.UnattendedUpgrades(origins: [.security], rebootAt: "03:30")

    PropertyGroup("access") {
        User("anna", groups: ["sudo"], comment: "Anna Berg", shell: "/bin/bash")
        AuthorizedKeys(of: "anna", [annasKey])
        Sudoers("anna", .user("anna"), withoutPassword: true)
        Sshd(.passwordAuthentication(false), .permitRootLogin(.prohibitPassword), .x11Forwarding(false))
        Firewall(.limit(22), .declaredPorts)
        Fail2ban(.sshd)
    }

    let declared = try host.strings("names"), names = declared.isEmpty ? [host.name] : declared
    PropertyGroup("site") {
        Directory("/srv/site")
        File("/srv/site/index.html", "<!doctype html>\n<title>\(host.name)</title>\n<p>Hello from \(host.name).\n")
        Nginx.Engine(isDefaultSiteEnabled: false)
        Nginx.Site("site", names: names, root: "/srv/site", tls: .selfSigned)
        Expect("the site redirects to HTTPS", .http("http://\(names[0])/", status: 308, at: "127.0.0.1"))
    }

    if let repository = try host.string("backup") {
        Restic(
            "system", to: "\(repository)", password: Secret("restic-password"), paths: ["/etc", "/srv"],
            restoreTest: ["/etc/hostname"])
    }
}
