import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct ACMEAbsentTests {
    private let nginx = FakeNginx()
    private var fake: FakeMachine { nginx.fake }

    init() {
        _ = FakeOpenSSL(fake)
        fake.hasInstalled("lego", "certbot", "python3-certbot-dns-cloudflare", "nginx", "openssl")
        nginx.systemd["certbot.timer"] = FakeSystemd.Unit(active: "active", file: "enabled")
        nginx.systemd["lego-shop.timer"] = FakeSystemd.Unit()
        FakeCertbot.plant(on: fake)
        fake.commands.program("/etc/lego/shop/lego") { [fake] _ in
            for ending in ["crt", "key"] {
                fake.files.put(FilePath("/var/lib/lego/shop/certificates/a.example.com.\(ending)"), "x\n", mode: 0o600)
            }
            return .printing()
        }
    }

    /// What is left of a certificate in any file.
    private var left: [String] {
        fake.files.snapshot.keys.map(\.string).filter { path in
            path.contains("shop") && !path.contains("/originals/") && !path.hasPrefix("/etc/nginx")
        }.sorted()
    }

    static let challenges: [TLS.ACME.Challenge] = [
        .standalone, .dns("cloudflare", credentials: "token = x"),
        .lego("hetzner", variables: ["HETZNER_API_KEY": "x"]),
    ]

    @Test(arguments: challenges) func `nothing of a certificate is left, and it is not renewed`(
        _ challenge: TLS.ACME.Challenge
    ) async throws {
        let acme = TLS.ACME("shop", names: ["a.example.com"], email: "a@b.c", challenge: challenge, reloads: ["nginx"])
        let other = TLS.ACME("other", names: ["b.example.com"], email: "a@b.c", challenge: .standalone)
        let made = await nginx.enforce(
            nginx.host {
                acme
                other
            })
        #expect(made[.failed] == 0 && made[.skipped] == 0 && !left.isEmpty)
        let host = nginx.host { TLS.ACME.Absent("shop") }
        let run = await nginx.enforce(host)
        #expect(run[.failed] == 0 && run[.changed] > 0)
        #expect(left.isEmpty, "\(left)")
        #expect(fake.files["/etc/letsencrypt/live/other/fullchain.pem"] != nil)
        // Nor is one remembered, of certbot or of lego.
        #expect(try fake.files.list("/var/lib/propel/certificates") == ["acme-other.json"])
        #expect(await nginx.enforce(host)[.changed] == 0)
        // And it can be had again.
        let again = await nginx.enforce(nginx.host { acme })
        #expect(again[.failed] == 0 && again[.skipped] == 0)
    }

    @Test func `a certificate that is there and not there is a conflict`() {
        let host = nginx.host {
            TLS.ACME("shop", names: ["a.example.com"], email: nil, challenge: .standalone)
            TLS.ACME.Absent("shop")
        }
        #expect(!host.conflicts.isEmpty)
        #expect(nginx.host { TLS.ACME.Absent("../shop") }.problems.isEmpty == false)
    }
}
