import Properties

/// A shop: a web application with its database behind a web server, in the version that its tag in hosts.conf says.
///
/// Key in hosts.conf: `workers`, how many requests the application serves at a time.
let shop = Role("shop", runs: Debian.self, keys: ["workers"]) { host in
    let workers = try host.integer("workers") ?? 4
    base(host, timezone: "Etc/UTC")
    Docker.Engine(daemon: dockerDaemon)
    // v3 changes the format of the data; earlier versions cannot read it.
    Stack(
        "shop", dataFormat: host.tag?.hasPrefix("v3") == true ? 2 : 1, healthTimeout: .seconds(60), dataFrom: host.from
    ) {
        // A copy of the data on another host must not identify the customers.
        Anonymization(
            in: "db",
            "psql --quiet --username=postgres --dbname=shop --command=\"UPDATE item SET customer = 'customer ' || id\"")
        Anonymization(in: "app", "rm -f /srv/uploads/*.pdf")
        Container("db", image: "shop/postgres", tag: "15") {
            Volume("data", at: "/var/lib/postgresql/data", backup: .postgres(database: "shop"))
            Environment("POSTGRES_DB", "shop")
            Environment("POSTGRES_PASSWORD", "\(Secret("database-password"))")
            HealthCheck(
                "pg_isready --quiet --username=postgres --dbname=shop", every: .seconds(3), startPeriod: .seconds(30))
        }
        Container("app", image: "shop/app", tag: host.tag) {
            DependsOn("db")
            Volume("uploads", at: "/srv/uploads", backup: .archive(while: .paused))
            ConfigurationFile("/etc/app.conf", "workers = \(workers)\n")
            ConfigurationFile("/run/secrets/database", "db:5432:shop:postgres:\(Secret("database-password"))\n")
            HealthCheck("busybox wget -q -O /dev/null 'http://127.0.0.1:8080/cgi-bin/do?health'", every: .seconds(3))
            ResourceLimits(memory: .mebibytes(256))
        }
        Container("front", image: "shop/front", tag: "1") {
            Publish(8080, to: 80)
            NginxSites(Nginx.Site("shop", names: ["shop.example.com"], proxyTo: .container("app", port: 8080)))
        }
    }
}
