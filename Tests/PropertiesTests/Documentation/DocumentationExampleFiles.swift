import Properties

// From docs/files.md. DocumentationTests holds the page to it.

let filesExample1 = Role("files1", runs: Debian.self) { _ in
    File("/etc/motd", from: "files/motd")
    File("/usr/local/bin/report", from: "files/report.sh")
    Directory("/etc/app", from: "files/app", purge: true)
    File("/etc/nginx/conf.d/shop.conf", Template("files/shop.conf", ["domain": "shop.example.com"]))
}

let filesExample2 = Role("files2", runs: Debian.self) { _ in
    Directory("/etc/app", from: "files/app", purge: true)
    File("/etc/app/secret.conf", "password = \(Secret("app-password"))\n", owner: "app")
    Directory("/etc/app/data", owner: "app")
}

let filesExample3 = Role("files3", runs: Debian.self) { _ in
    File(
        "/etc/app.conf",
        Template(
            "files/app.conf",
            [
                "domain": "shop.example.com", "password": "\(Secret("app-password"))",
                "workers": "\(Fact.processors)",
            ]), owner: "app")
}

let filesExample4 = Role("files4", runs: Debian.self) { _ in
    File("/etc/app.conf", "\(RepositoryFile("files/defaults.conf"))port = 8080\n")
    Command("psql --file=-", unless: "psql --command='table shops'", input: Content(from: "files/schema.sql"))
}

let filesExample5 = Role("files5", runs: Debian.self) { _ in
    Stack("metrics") {
        Container("prometheus", image: "prom/prometheus", tag: "v3.0.0") {
            ConfigurationFile("/etc/prometheus/prometheus.yml", from: "files/prometheus.yml")
        }
    }
}
