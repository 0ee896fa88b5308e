import PropelTesting
import Properties

extension CrashTests {
    private static let guarded = Nginx.Site(
        "shop", names: ["shop.example.com"], root: "/srv/shop",
        tls: .files(certificate: "/etc/a.pem", key: "/etc/b.pem"),
        options: .init(
            authentication: .passwords(Nginx.PasswordFile("staff", users: ["anna": .hash("$apr1$x$y")]))))

    private static let served = Stack("shop") {
        Container("app", image: "app") { Publish(oneOf: 8080...8081, to: 80) }
    }

    static let repository = Apt.Repository(
        "example", uri: "https://apt.example.com", suites: ["bookworm"], key: "/usr/share/keyrings/example.gpg")

    private static let office = TLS.Authority("office", commonName: "Office CA")
    private static let wiki = TLS.Certificate("wiki", names: ["wiki.example.com"], signedBy: .authority(office))
    private static let key = TLS.PrivateKey("/etc/ssl/propel/app.key", owner: "pi")
    private static let parameters = TLS.DHParameters("/etc/ssl/propel/dh.pem")
    private static let trusted = TLS.TrustedCA(
        "other", certificate: "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n")

    static let webLives: [Life] = [
        Life(
            "a site of nginx with passwords and a certificate of others",
            [Host("test", runs: Debian.self) { guarded }, Host("test", runs: Debian.self) { guarded.reverted() }],
            on: {
                let fake = FakeNginx().fake
                fake.files.put("/etc/group", "root:x:0:\nwww-data:x:33:\n")
                return fake
            }),
        Life(
            "a site in front of one of several ports",
            [Host("test", runs: Debian.self) { Nginx.Site(for: served, container: "app", names: ["a.example.com"]) }],
            on: { FakeNginx().fake }),
        Life(
            "an authority with its certificates, and keys",
            [
                Host("test", runs: Debian.self) {
                    office
                    wiki.onChange(Mark())
                    key
                    parameters
                    trusted
                },
                Host("test", runs: Debian.self) {
                    wiki.reverted()
                    key.reverted()
                    parameters.reverted()
                    trusted.reverted()
                },
            ]
        ) { fake in
            _ = FakeOpenSSL(fake, isNumbered: false)
            FakeOpenSSL.plantStore(on: fake)
            fake.atBoot { fake.files.put(directory: "/run") }
        },
        Life(
            "a certificate by lego",
            [
                Host("test", runs: Debian.self) {
                    TLS.ACME(
                        "mail", names: ["mail.example.com"], email: "a@b.c",
                        challenge: .lego("hetzner", variables: ["HETZNER_API_KEY": "x"]), reloads: ["nginx"])
                }
            ],
            on: {
                let nginx = FakeNginx()
                nginx.fake.hasInstalled("lego", "nginx", "openssl")
                nginx.systemd["lego-mail.timer"] = FakeSystemd.Unit()
                let files = nginx.fake.files
                nginx.fake.commands.program("/etc/lego/mail/lego") { _ in
                    for ending in ["crt", "key"] {
                        files.put(FilePath("/var/lib/lego/mail/certificates/mail.example.com.\(ending)"), "x\n")
                    }
                    return .printing()
                }
                return nginx.fake
            }),
        Life(
            "a certificate from ACME",
            [
                Host("test", runs: Debian.self) {
                    TLS.ACME(
                        "mail", names: ["mail.example.com"], email: nil, challenge: .standalone, reloads: ["nginx"])
                }
            ],
            on: {
                let nginx = FakeNginx()
                _ = FakeOpenSSL(nginx.fake, isNumbered: false)
                nginx.systemd["certbot.timer"] = FakeSystemd.Unit(active: "active", file: "enabled")
                FakeCertbot.plant(on: nginx.fake)
                return nginx.fake
            }),
    ]
}
