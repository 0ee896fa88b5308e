import PropelTesting
import Properties
import Testing

/// nginx may be started at any time: whatever it finds refers to something that is there.
@Suite struct NginxOrderTests {
    private let nginx = FakeNginx()
    private let site = Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080)

    @Test func `a site is there before its link, and what was before is kept first`() async throws {
        let log = nginx.fake.operations
        #expect(await nginx.enforce(nginx.host { site })[.failed] == 0)
        try log.require("replace /var/lib/propel/pending/", before: "replace /etc/nginx/sites-available/shop")
        try log.require("replace /var/lib/propel/nginx/", before: "replace /etc/nginx/sites-available/shop")
        try log.require("replace /var/lib/propel/originals/", before: "replace /etc/nginx/sites-available/shop")
        try log.require(
            "replace /etc/nginx/sites-available/shop", before: "make the link /etc/nginx/sites-enabled/shop")
        try log.require("make the link /etc/nginx/sites-enabled/shop", before: "systemctl reload")
        try log.require("systemctl reload", before: "remove /var/lib/propel/nginx/")
        try log.require("systemctl reload", before: "remove /var/lib/propel/pending/")
    }

    @Test func `a link goes before its site`() async throws {
        #expect(await nginx.enforce(nginx.host { site })[.failed] == 0)
        nginx.fake.operations.clear()
        #expect(await nginx.enforce(nginx.host { site.reverted() })[.failed] == 0)
        try nginx.fake.operations.require(
            "remove /etc/nginx/sites-enabled/shop", before: "remove /etc/nginx/sites-available/shop")
    }

    @Test func `what nginx refuses to leave out comes back before its link`() async throws {
        #expect(await nginx.enforce(nginx.host { site })[.failed] == 0)
        nginx.refuseReloads("2026/11/21 10:00:01 [emerg] 100#100: still could not bind()\n")
        nginx.fake.operations.clear()
        #expect(await nginx.enforce(nginx.host { site.reverted() })[.failed] == 1)
        let log = nginx.fake.operations
        let content = try log.last("replace /etc/nginx/sites-available/shop")
        let link = try log.last("make the link /etc/nginx/sites-enabled/shop")
        #expect(content < link)
    }
}
