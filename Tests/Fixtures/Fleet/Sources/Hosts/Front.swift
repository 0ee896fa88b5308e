import Properties

/// nginx with TLS in a container, whose certificate comes from secrets: `role = "front"`.
let front = Role("front", runs: Debian.self) { host in
    Docker.Engine(daemon: dockerDaemon)
    Stack("front", healthTimeout: .seconds(60)) {
        Container("app", image: "shop/app", tag: "v1")
        Container("front", image: "shop/front", tag: "1") {
            Publish(443)
            NginxSites(
                Nginx.Site(
                    "shop", names: ["shop.example.com"], proxyTo: .container("app", port: 8080),
                    tls: .secrets(certificate: Secret("web-certificate"), key: Secret("web-key"))), http2: .parameter)
            HealthCheck("openssl s_client -connect 127.0.0.1:443 < /dev/null > /dev/null 2>&1", every: .seconds(1))
        }
    }
}
