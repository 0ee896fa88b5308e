import PropelTesting
import Properties
import Testing

extension NginxSiteTextTests {
    @Test func `a root alone serves files and hides those with a dot`() async {
        let text = await text(Nginx.Site("blog", names: ["blog.example.com"], root: "/srv/the blog"))
        #expect(text.contains("    root \"/srv/the blog\";\n"))
        #expect(text.contains("    location / {\n        try_files $uri $uri/ =404;\n    }\n"))
        #expect(text.contains("    location ~ \"/\\\\.(?!well-known(/|$))\" {\n        return 404;\n    }\n"))
        #expect(!text.contains("$propel_host"))
        let hidden = await self.text(
            Nginx.Site("blog", names: ["blog.example.com"], root: "/srv/b", options: .init(sendsHiddenFiles: true)))
        #expect(!hidden.contains("well-known"))
    }

    @Test func `directives alone have no location of Propel beside them`() async {
        let text = await text(
            Nginx.Site("raw", names: ["raw.example.com"], directives: "location / {\n    return 204;\n}"))
        #expect(text.split(separator: "location").count == 2)
    }

    @Test func `a redirect keeps path and port, and other names are redirected to the first`() async {
        let away = await text(
            Nginx.Site("old", names: ["old.example.com"], redirectTo: "https://new.example.com/"))
        #expect(away.contains("    location / {\n        return 308 https://new.example.com$request_uri;\n    }\n"))
        let site = Nginx.Site(
            "shop", names: ["shop.example.com"], proxyTo: 8080, tls: .files(certificate: "/a.pem", key: "/b.pem"),
            options: .init(redirectedNames: ["www.shop.example.com"], httpsPort: 8443))
        let text = await text(site)
        #expect(
            text.contains(
                "    server_name shop.example.com www.shop.example.com;\n\n    return 308 https://$host:8443$request_uri;"
            ))
        #expect(
            text.hasSuffix(
                "    server_name www.shop.example.com;\n\n    ssl_certificate /a.pem;\n    ssl_certificate_key /b.pem;\n"
                    + "    return 308 https://shop.example.com:8443$request_uri;\n}\n"))
    }

    @Test func `addresses replace the listeners on all`() async {
        let text = await text(
            Nginx.Site(
                "shop", names: ["shop.example.com"], proxyTo: 1, options: .init(addresses: ["10.0.0.1", "fd00::1"])))
        #expect(text.contains("{\n    listen 10.0.0.1:80;\n    listen [fd00::1]:80;\n    server_name"))
    }
}
