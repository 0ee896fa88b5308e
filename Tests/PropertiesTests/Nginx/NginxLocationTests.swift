import PropelTesting
import Testing

@testable import Properties

@Suite struct NginxLocationTests {
    let nginx = FakeNginx()

    private static func site(
        _ locations: Nginx.Location..., root: FilePath? = nil, options: Nginx.Site.Options = .init()
    ) -> Nginx.Site {
        Nginx.Site("shop", names: ["a.example.com"], root: root, locations: locations, options: options)
    }

    private static let invalid: [(site: Nginx.Site, words: String)] = [
        (site(.init("api", .respond(204))), "begin with /"),
        (site(.init(.regex(""), .respond(204))), "invalid regular expression"),
        (site(.init(.named("@a b"), .respond(204))), "invalid name of a location"),
        (site(.init("/a", .respond(204)), .init(.preferredPrefix("/a"), .respond(205))), "twice"),
        (site(.init(.regex("^/a"), .proxy("http://10.0.0.5/b"))), "only the path of a prefix can be replaced"),
        (site(.init("@a", .proxy("http://10.0.0.5/"))), "only the path of a prefix can be replaced"),
        (site(.init("/files", .alias("/srv/files"))), "end its prefix with a /"),
        (site(.init(.regex("^/f"), .alias("/srv/files"))), "end its prefix with a /"),
        (site(.init("/f/", .alias("srv"))), "write an absolute path"),
        (site(.init(.regex("\\.php$"), .php())), "the site has no root"),
        (site(.init("/", .uwsgi("10.0.0.5"))), "write one such as 10.0.0.5:9000"),
        (site(.init("/", .uwsgi("10.0.0.5:+80"))), "write one such as 10.0.0.5:9000"),
        (site(.init("/", .uwsgi("[1:2:3]:80"))), "write one such as 10.0.0.5:9000"),
        (site(.init("/", .fastCGI("/run/a b.sock"))), "invalid path of a socket"),
        (site(.init("/", .redirect(to: "shop"))), "write a path or a URL"),
        (site(.init("/", .redirect(to: "/", status: 200))), "invalid status 200 of a redirect"),
        (site(.init("/", .respond(42))), "invalid status 42"),
        (site(.init("/", .respond(200, "a\u{0}b"))), "control character"),
        (site(.init("/", .files(tryFiles: ["$uri"]))), "what answers if there is none"),
        (site(.init("/", .respond(204), headers: ["X A": "b"])), "invalid header"),
        (site(.init("/", .respond(204), headers: ["X": "b\nc"])), "invalid header"),
        (site(.init("/", .proxy(1), access: [.allow("10.0.0.0/33")])), "invalid address or network"),
        (site(.init("/", .proxy(1), access: [.deny("all; }")])), "invalid address or network"),
        (site(.init("/", .proxy(1), access: [.deny("10.0.0.0/+8")])), "invalid address or network"),
        (site(.init("/", .proxy(1), access: [.deny("1:2:3")])), "invalid address or network"),
        (site(.init("/", .proxy(1), access: [.deny("::1\u{0}x")])), "invalid address or network"),
        (site(.init("/", .respond(200, "secret"), access: [.denyAll])), "before it looks at access and passwords"),
        (
            site(.init("/", .redirect(to: "/a"), authentication: .file("/etc/a"))),
            "before it looks at access and passwords"
        ),
        (site(.init("/", .respond(204), rateLimit: .init(requests: 0, per: .second))), "invalid rate limit"),
        (site(.init("/", .respond(204), bodyLimit: .mebibytes(0))), "0 means no limit"),
        (site(.init("/", .respond(204), readTimeout: .zero)), "not longer than 0"),
        (site(.init("/", .proxy(.servers(.init([]))))), "a group of servers is empty"),
        (site(.init("/", .proxy(.servers(.init(["10.0.0.5"]))))), "write one such as 10.0.0.5:8080"),
        (site(root: "srv"), "invalid root"),
        (site(options: .init(httpPort: 443)), "have the same port"),
        (site(options: .init(httpPort: 0)), "port 0"),
        (site(options: .init(addresses: ["10.0.0.0/8"])), "invalid address to listen on"),
        (site(options: .init(addresses: ["1:2:3"])), "invalid address to listen on"),
        (site(options: .init(redirectedNames: ["a.example.com"])), "it has a host name twice"),
        (site(options: .init(accessLog: .file("shop.log"))), "invalid path of a log"),
        (site(options: .init(errorLog: .file("/a.log", level: "loud"))), "invalid level of a log"),
        (site(options: .init(maps: [.init("$a", to: "b", [:])])), "invalid variable"),
        (site(options: .init(authentication: .request("auth"))), "begin with /"),
        (site(options: .init(authentication: .file("/a", realm: "a\"$b"))), "invalid realm"),
        (site(options: .init(authentication: .file("/a", realm: "a$\u{301}b"))), "invalid realm"),
    ]

    @Test(arguments: invalid.indices)
    func `an invalid part of a site is a problem, and nothing is written`(_ index: Int) async {
        let (site, words) = Self.invalid[index]
        let host = nginx.host { site }
        #expect(host.problems.contains { $0.contains(words) }, "\(host.problems)")
        #expect(await nginx.enforce(host)[.failed] >= 1)
        #expect(!nginx.isEnabled("shop"))
    }

    @Test func `sites share their other ports and other services do not`() {
        let options = Nginx.Site.Options(httpPort: 8080)
        let two = nginx.host {
            Nginx.Site("a", names: ["a.example.com"], proxyTo: 1, options: options)
            Nginx.Site("b", names: ["b.example.com"], proxyTo: 2, options: options)
        }
        #expect(two.conflicts.isEmpty)
        #expect(two.steps.flatMap(\.property.ports).contains(8080))
        let taken = nginx.host {
            Nginx.Site("a", names: ["a.example.com"], proxyTo: 1, options: options)
            Service("tomcat", ports: [8080])
        }
        #expect(taken.conflicts.map(\.subject) == ["the port 8080/tcp"])
    }

    @Test func `two default sites, one variable or one redirected name conflict`() {
        func host(_ first: Nginx.Site.Options, _ second: Nginx.Site.Options) -> [String] {
            nginx.host {
                Nginx.Site("a", names: ["a.example.com"], proxyTo: 1, options: first)
                Nginx.Site("b", names: ["b.example.com"], proxyTo: 2, options: second)
            }.conflicts.map(\.subject)
        }
        #expect(host(.init(isDefault: true), .init(isDefault: true)) == ["the site that answers to other names"])
        #expect(
            host(.init(redirectedNames: ["b.example.com"]), .init()) == ["the site that answers to b.example.com"])
        let map = Nginx.Map("$host", to: "$x", ["a": "b"]), other = Nginx.Map("$host", to: "$x", ["a": "c"])
        #expect(host(.init(maps: [map]), .init(maps: [other])) == ["the variable $x of nginx"])
        #expect(host(.init(maps: [map]), .init(maps: [map])).isEmpty)
    }

    @Test(arguments: [
        ("shop", "shop"), ("/a b", "\"/a b\""), ("a;b", "\"a;b\""), ("~x", "\"~x\""), ("a\"b\\c", "\"a\\\"b\\\\c\""),
        ("$uri", "$uri"), ("a{2}", "\"a{2}\""), ("", "\"\""), ("#a", "\"#a\""),
        ("\"\u{301};", "\"\\\"\u{301};\""), ("\\\u{301}", "\"\\\\\u{301}\""),
    ])
    func `a word is quoted where nginx would read more into it`(_ word: String, _ text: String) {
        #expect(Array(NginxText.word(word).utf8) == Array(text.utf8))
        let read = NginxDirectives("x \(text);").all
        #expect(read.map(\.words) == [["x", word]])
    }

    // MARK: Certificates of others

    @Test func `a certificate that another program replaces causes a reload`() async {
        let site = Nginx.Site(
            "shop", names: ["shop.example.com"], proxyTo: 1, tls: .files(certificate: "/etc/a.pem", key: "/etc/b.pem"))
        #expect(await nginx.enforce(nginx.host { site })[.failed] == 0)
        let path = nginx.fake.files.text(at: "/etc/systemd/system/nginx-certificate-shop.path") ?? ""
        #expect(path.contains("[Path]\nPathChanged=/etc/a.pem\nPathChanged=/etc/b.pem\n"))
        let service = nginx.fake.files.text(at: "/etc/systemd/system/nginx-certificate-shop.service") ?? ""
        #expect(service.contains("\nExecStart=/bin/systemctl try-reload-or-restart nginx.service\n"))
        #expect(nginx.systemd["nginx-certificate-shop.path"]?.active == "active")
        #expect(nginx.systemd["nginx-certificate-shop.path"]?.file == "enabled")
        #expect(await nginx.enforce(nginx.host { site })[.changed] == 0)
        #expect(await nginx.enforce(nginx.host { site.reverted() })[.failed] == 0)
        #expect(nginx.fake.files["/etc/systemd/system/nginx-certificate-shop.path"] == nil)
    }

    // MARK: In a container

    @Test func `a site in a container has its parts and hashed passwords`() {
        func stack(_ password: Nginx.PasswordFile.Password) -> Stack {
            Stack("shop") {
                Container("app", image: "shop/app")
                Container("api", image: "shop/api")
                Container("front", image: "nginx") {
                    NginxSites(
                        Nginx.Site(
                            "shop", names: ["shop.example.com"], proxyTo: .container("app", port: 80),
                            locations: [Nginx.Location("/api/", .proxy(.container("api", port: 80)))],
                            options: .init(
                                authentication: .passwords(Nginx.PasswordFile("staff", users: ["anna": password])))))
                }
            }
        }
        let good = stack(.hashedSecret(Secret("anna-hash")))
        #expect(nginx.host { good }.problems.isEmpty)
        #expect(good.composeText.contains("/etc/nginx/staff.htpasswd"))
        #expect(nginx.host { stack(.secret(Secret("anna"))) }.problems.contains { $0.contains("are not hashed") })
    }
}
