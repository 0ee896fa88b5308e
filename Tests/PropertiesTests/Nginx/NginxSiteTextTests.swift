import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// The whole text of sites: nginx has accepted each of those that stand here.
@Suite(.recorded) struct NginxSiteTextTests {
    let nginx = FakeNginx()
    private var fake: FakeMachine { nginx.fake }

    func text(_ site: Nginx.Site) async -> String {
        #expect(await nginx.enforce(nginx.host { site })[.failed] == 0)
        return nginx.text(site.siteName)
    }

    private static let header =
        "# The site shop, as Propel deployed it. It is described in Swift: what is changed here is replaced.\n\n"

    /// Everything after the listeners of a site with one proxy, as Propel 0.1 wrote it.
    private static let proxied = #"""
            server_name shop.example.com;

            client_max_body_size 1048576;

            # The name that was asked for, as nginx understands it, with the port where the client names one.
            set $propel_host $host;
            if ($http_host ~ ":([0-9]+)$") { set $propel_host $host:$1; }

            # Only a request that asks for a websocket becomes one.
            set $propel_upgrade "";
            set $propel_connection "";
            if ($http_upgrade ~* "^websocket$") {
                set $propel_upgrade websocket;
                set $propel_connection upgrade;
            }

            location / {
                proxy_pass http://127.0.0.1:8080;
                proxy_http_version 1.1;
                proxy_set_header Host $propel_host;
                proxy_set_header X-Real-IP $remote_addr;
                proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                proxy_set_header X-Forwarded-Host $propel_host;
                proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header Upgrade $propel_upgrade;
                proxy_set_header Connection $propel_connection;
            }

        """#

    @Test(arguments: [
        ("", ""), ("gzip on;", "\n    gzip on;\n"), ("gzip on;\n", "\n    gzip on;"),
        ("location /a {\n    return 204;\n}", "\n    location /a {\n        return 204;\n    }\n"),
    ])
    func `a site with a proxy has the same text as ever`(_ directives: String, _ end: String) async {
        let site = Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, directives: directives)
        #expect(
            await text(site) == Self.header + "server {\n    listen 80;\n    listen [::]:80;\n" + Self.proxied + end
                + "}\n"
        )
    }

    @Test(arguments: [true, false])
    func `a site with TLS has the same text as ever`(_ redirects: Bool) async {
        let certificate = "    ssl_certificate /a.pem;\n    ssl_certificate_key /b.pem;\n"
        let plain = "    listen 80;\n    listen [::]:80;\n"
        let secure = "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n"
        let site = Nginx.Site(
            "shop", names: ["shop.example.com"], proxyTo: 8080, tls: .files(certificate: "/a.pem", key: "/b.pem"),
            redirectsToTLS: redirects)
        let proxied = Self.proxied.replacing("client_max", with: certificate.dropFirst(4) + "    client_max")
        let redirect =
            "server {\n\(plain)    server_name shop.example.com;\n\n    return 308 https://$host$request_uri;\n}\n\n"
        #expect(
            await text(site) == Self.header
                + (redirects ? redirect + "server {\n" : "server {\n" + plain) + secure + proxied + "}\n")
    }

    @Test func `a machine without IPv6 gets no listener that would keep nginx from starting`() async throws {
        try fake.files.remove("/proc/net/if_inet6")
        let site = Nginx.Site(
            "shop", names: ["shop.example.com"], proxyTo: 8080, tls: .files(certificate: "/a.pem", key: "/b.pem"))
        let without = await text(site)
        #expect(without.contains("    listen 80;\n    server_name") && without.contains("    listen 443 ssl http2;\n"))
        #expect(!without.contains("[::]"))
        #expect(await nginx.enforce(nginx.host { site })[.changed] == 0)
        fake.files.put("/proc/net/if_inet6", "00000000000000000000000000000001 01 80 10 80 lo\n")
        #expect(await text(site).contains("    listen [::]:80;\n"))
    }

    // MARK: Sites as people have them

    private let staff = Nginx.PasswordFile("staff", users: ["anna": .hash("$apr1$x$y")])

    @Test func `a site with one of each`() async {
        fake.files.put("/etc/group", "root:x:0:\nwww-data:x:33:\n")
        let pool = Nginx.Upstream(
            [
                "10.0.0.5:8080", .init("10.0.0.6:8080", weight: 2, maxFails: 3, failTimeout: .seconds(30)),
                .init("unix:/run/app.sock", isBackup: true),
            ], balancing: .leastConnections, idleConnections: 16)
        let site = Nginx.Site(
            "shop", names: ["shop.example.com"], root: "/srv/shop", index: ["index.php"],
            locations: [
                Nginx.Location("/", .files(tryFiles: ["$uri", "$uri/", "/index.php?$query_string"])),
                Nginx.Location(.regex("\\.php$"), .php()),
                Nginx.Location(
                    .preferredPrefix("/api/"), .proxy(3000), access: [.allow("10.1.0.0/16")], authentication: .off,
                    headers: ["X-Api": "1; mode=\"a\\b\""], rateLimit: .init(requests: 30, per: .minute),
                    bodyLimit: .mebibytes(20), readTimeout: .milliseconds(1500), directives: "proxy_buffering off;"),
                Nginx.Location("/downloads/", .alias("/srv/downloads", isListed: true)),
                Nginx.Location(.exact("/health"), .respond(200, "ok\n")),
                Nginx.Location("/old/", .redirect(to: "/new/")),
                Nginx.Location("/app/", .uwsgi("/run/app/uwsgi.sock")),
                Nginx.Location("@pool", .proxy(.servers(pool))),
            ], directives: "gzip on;",
            options: .init(
                isDefault: true, redirectedNames: ["www.shop.example.com"], httpPort: 8080,
                accessLog: .file("/var/log/nginx/shop.log", format: "combined"),
                errorLog: .file("/var/log/nginx/shop.error.log", level: "warn"),
                access: [.allow("10.0.0.0/8"), .denyAll],
                authentication: .passwords(staff, realm: "Staff \"only\""), headers: ["X-Frame-Options": "DENY"],
                rateLimit: .init(requests: 10, per: .second, burst: 20), readTimeout: .seconds(90),
                maps: [.init("$http_user_agent", to: "$is_robot", ["~*bot": "1"], otherwise: "0")]))
        #expect(
            await text(site) == #"""
                # The site shop, as Propel deployed it. It is described in Swift: what is changed here is replaced.

                map "$http_user_agent" $is_robot {
                    default "0";
                    "~*bot" "1";
                }

                limit_req_zone $binary_remote_addr zone=propel_shop:10240k rate=10r/s;

                limit_req_zone $binary_remote_addr zone=propel_shop_3:10240k rate=30r/m;

                upstream propel_shop_2 {
                    least_conn;
                    server 10.0.0.5:8080;
                    server 10.0.0.6:8080 weight=2 max_fails=3 fail_timeout=30s;
                    server unix:/run/app.sock backup;
                    keepalive 16;
                }

                server {
                    listen 8080 default_server;
                    listen [::]:8080 default_server;
                    server_name shop.example.com;

                    client_max_body_size 1048576;
                    root /srv/shop;
                    index index.php;
                    access_log /var/log/nginx/shop.log combined;
                    error_log /var/log/nginx/shop.error.log warn;
                    allow 10.0.0.0/8;
                    deny all;
                    auth_basic "Staff \"only\"";
                    auth_basic_user_file /etc/nginx/staff.htpasswd;
                    add_header X-Frame-Options "DENY" always;
                    limit_req zone=propel_shop burst=20 nodelay;
                    limit_req_status 429;
                    fastcgi_read_timeout 90s;
                    fastcgi_send_timeout 90s;
                    proxy_read_timeout 90s;
                    proxy_send_timeout 90s;
                    uwsgi_read_timeout 90s;
                    uwsgi_send_timeout 90s;

                    # The name that was asked for, as nginx understands it, with the port where the client names one.
                    set $propel_host $host;
                    if ($http_host ~ ":([0-9]+)$") { set $propel_host $host:$1; }

                    # Only a request that asks for a websocket becomes one.
                    set $propel_upgrade "";
                    set $propel_connection "";
                    if ($http_upgrade ~* "^websocket$") {
                        set $propel_upgrade websocket;
                        set $propel_connection upgrade;
                    }

                    location ~ "/\\.(?!well-known(/|$))" {
                        return 404;
                    }

                    location / {
                        try_files $uri $uri/ /index.php?$query_string;
                    }

                    location ~ "\\.php$" {
                        fastcgi_split_path_info ^(.+?\.php)(/.*)$;
                        # A path is passed on only if the script exists: php-fpm would look for another one.
                        try_files $fastcgi_script_name =404;
                        set $propel_path_info $fastcgi_path_info;
                        include fastcgi_params;
                        fastcgi_param PATH_INFO $propel_path_info;
                        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
                        fastcgi_index index.php;
                        fastcgi_pass unix:/run/php/php-fpm.sock;
                    }

                    location ^~ /api/ {
                        proxy_pass http://127.0.0.1:3000;
                        proxy_http_version 1.1;
                        proxy_set_header Host $propel_host;
                        proxy_set_header X-Real-IP $remote_addr;
                        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                        proxy_set_header X-Forwarded-Host $propel_host;
                        proxy_set_header X-Forwarded-Proto $scheme;
                        proxy_set_header Upgrade $propel_upgrade;
                        proxy_set_header Connection $propel_connection;
                        client_max_body_size 20971520;
                        allow 10.1.0.0/16;
                        auth_basic off;
                        auth_request off;
                        add_header X-Api "1; mode=\"a\\b\"" always;
                        add_header X-Frame-Options "DENY" always;
                        limit_req zone=propel_shop_3;
                        limit_req_status 429;
                        proxy_read_timeout 1500ms;
                        proxy_send_timeout 1500ms;
                        proxy_buffering off;
                    }

                    location /downloads/ {
                        alias /srv/downloads/;
                        autoindex on;
                    }

                    location = /health {
                        default_type text/plain;
                        return 200 "ok\n";
                    }

                    location /old/ {
                        return 301 /new/;
                    }

                    location /app/ {
                        include uwsgi_params;
                        uwsgi_pass unix:/run/app/uwsgi.sock;
                    }

                    location @pool {
                        proxy_pass http://propel_shop_2;
                        proxy_http_version 1.1;
                        proxy_set_header Host $propel_host;
                        proxy_set_header X-Real-IP $remote_addr;
                        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                        proxy_set_header X-Forwarded-Host $propel_host;
                        proxy_set_header X-Forwarded-Proto $scheme;
                        proxy_set_header Upgrade $propel_upgrade;
                        proxy_set_header Connection $propel_connection;
                    }

                    gzip on;
                }

                server {
                    listen 8080;
                    listen [::]:8080;
                    server_name www.shop.example.com;

                    return 308 http://shop.example.com:8080$request_uri;
                }

                """#)
        #expect(fake.files.text(at: "/etc/nginx/staff.htpasswd") == "anna:$apr1$x$y\n")
        #expect(nginx.isEnabled("shop") && !nginx.isEnabled("default"))
    }
}
