import Properties

/// Sites of nginx as people have them, certificates of a private authority, and one from an ACME server.
///
/// Key in hosts.conf: `acme`, true for the site whose certificate the ACME server of the machine itself issues.
let sites = Role("sites", runs: Debian.self, keys: ["acme"]) { host in
    let office = TLS.Authority("office", commonName: "Office CA")
    let staff = Nginx.PasswordFile(
        "staff",
        users: [
            "anna": .hash(
                "$6$abcdefgh$FPVwuCNaDoFutYuGJK3zXOhY2zLVy2j166C25XdpSKWrG0cji5YLVe1F57RNxFNV6ZRdS0avHViyyhBzA4hYL/")
        ])

    Apt.Installed("curl", "openssl")
    HostsFile("127.0.0.1", "wiki.example.com", "www.wiki.example.com", "shop.example.com", "own.example.com")
    office
    TLS.TrustedCA(office)
    TLS.PrivateKey("/etc/ssl/propel/app.key", .ed25519, owner: "www-data")
    TLS.DHParameters("/etc/ssl/propel/dh.pem")

    Directory("/srv/wiki/.git", parents: true)
    File("/srv/wiki/index.html", "wiki\n")
    File("/srv/wiki/.git/config", "hidden\n")
    Directory("/srv/files")
    File("/srv/files/a.txt", "a\n")
    Nginx.Site(
        "wiki", names: ["wiki.example.com"], root: "/srv/wiki",
        locations: [
            Nginx.Location("/private/", .alias("/srv/files"), authentication: .passwords(staff)),
            Nginx.Location("/closed/", .alias("/srv/files"), access: [.denyAll]),
            Nginx.Location(.exact("/health"), .respond(200, "ok\n")),
            Nginx.Location("/old/", .redirect(to: "/new/")),
        ], tls: .signed(by: .authority(office)),
        options: .init(
            isDefault: true, redirectedNames: ["www.wiki.example.com"], accessLog: .file("/var/log/nginx/wiki.log"),
            headers: ["X-Frame-Options": "DENY"], rateLimit: .init(requests: 100, per: .second, burst: 100)))

    let request = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=own -days 30"
    Directory("/srv/tls")
    Command(
        "\(request) -keyout /srv/tls/key.pem -out /srv/tls/certificate.pem", as: "certificate of somebody else",
        creates: "/srv/tls/certificate.pem")
    Nginx.Site(
        "own", names: ["own.example.com"], root: "/srv/wiki",
        tls: .files(certificate: "/srv/tls/certificate.pem", key: "/srv/tls/key.pem"))

    if try host.bool("acme") ?? false { acme(signedBy: office) }
}

/// An ACME server that is on the machine itself, and a site that gets its certificate there.
@PropertyBuilder<Debian>
private func acme(signedBy office: TLS.Authority) -> [Declaration] {
    let pebble = Apt.Installed("pebble")
    TLS.Certificate("pebble", names: ["localhost"], signedBy: .authority(office))
    File(
        "/etc/pebble.json",
        """
        {"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
            "certificate": "/etc/ssl/propel/pebble.crt", "privateKey": "/etc/ssl/propel/pebble.key",
            "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "", "externalAccountBindingRequired": false}}

        """)
    // Its accounts are in memory: a SystemdService would be restarted when all is in place.
    SystemdUnit(
        "pebble.service",
        """
        [Service]
        Environment=PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0
        ExecStart=/usr/bin/pebble -config /etc/pebble.json

        [Install]
        WantedBy=multi-user.target

        """
    ).requires(pebble)
    Service("pebble")
    Command(
        "timeout 60 bash -c 'until >/dev/tcp/127.0.0.1/14000; do sleep 0.2; done' && touch /run/pebble-answers",
        as: "the ACME server answers", creates: "/run/pebble-answers")
    Nginx.Site(
        "shop", names: ["shop.example.com"], root: "/srv/wiki",
        tls: .acme(email: nil, server: .other("https://localhost:14000/dir")))
}
