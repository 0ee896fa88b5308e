import Properties

// The Swift of docs/nginx.md, and of what docs/stacks.md says about nginx. DocumentationTests holds the pages to it.

let nginxBeforeAService = Role("nginx", runs: Debian.self) { host in
    let shop = Stack("shop") {
        Container("app", image: "shop/app", tag: host.tag) { Publish(8080, to: 80, on: "127.0.0.1") }
    }
    shop
    Nginx.Engine(isDefaultSiteEnabled: false)
    Nginx.Site(for: shop, container: "app", names: ["shop.example.com"], tls: .selfSigned)
    Nginx.Site(
        "wiki", names: ["wiki.example.com"], proxyTo: 3000,
        tls: .secrets(certificate: Secret("wiki-certificate"), key: Secret("wiki-key")))
}

let nginxWithoutAGap = Role("page", runs: Debian.self) { host in
    let page = Stack("page") {
        Container("page", image: "page", tag: host.tag) {
            Publish(oneOf: 8080...8081, to: 80)
            HealthCheck("wget -q -O /dev/null http://127.0.0.1/")
        }
    }
    page
    Nginx.Site(for: page, container: "page", names: ["page.example.com"], tls: .selfSigned)
}

let nginxWithMore = Role("forum", runs: Debian.self) { _ in
    let staff = Nginx.PasswordFile("staff", users: ["anna": .secret(Secret("anna-web")), "ben": .hash("$apr1$…")])
    Nginx.Site(
        "forum", names: ["forum.example.com"], root: "/srv/forum", index: ["index.php"],
        locations: [
            Nginx.Location("/", .files(tryFiles: ["$uri", "$uri/", "/index.php?$query_string"])),
            Nginx.Location(.regex("\\.php$"), .php()),
            Nginx.Location("/api/", .proxy(3000), bodyLimit: .mebibytes(20), readTimeout: .minutes(5)),
            Nginx.Location("/downloads/", .alias("/srv/downloads", isListed: true), authentication: .passwords(staff)),
            Nginx.Location(.exact("/health"), .respond(200, "ok\n")),
            Nginx.Location("/old/", .redirect(to: "/new/")),
        ], tls: .selfSigned,
        options: .init(
            redirectedNames: ["www.forum.example.com"], accessLog: .file("/var/log/nginx/forum.log"),
            access: [.allow("10.0.0.0/8"), .denyAll], headers: ["X-Frame-Options": "DENY"],
            rateLimit: .init(requests: 10, per: .second, burst: 20)))
    Nginx.Site("blog", names: ["blog.example.com"], root: "/srv/blog", options: .init(isDefault: true, httpPort: 8080))
    Nginx.Site("old", names: ["old.example.com"], redirectTo: "https://blog.example.com")
}

let nginxInAContainer = Stack("front") {
    Container("app", image: "shop/app")
    Container("front", image: "nginx", tag: "1.28") {
        Publish(443)
        NginxSites(
            Nginx.Site(
                "shop", names: ["shop.example.com"], proxyTo: .container("app", port: 80),
                tls: .secrets(certificate: Secret("shop-certificate"), key: Secret("shop-key"))))
        HealthCheck("curl -ksS -o /dev/null https://127.0.0.1/")
    }
}
