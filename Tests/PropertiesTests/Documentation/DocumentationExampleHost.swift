import Properties

// The host of README.md. DocumentationTests holds the page to it.

let web = Role("web", runs: Debian.self, keys: ["swap"]) { host in
    Hostname(host.name)
    Locale.Default("en_GB.UTF-8")
    Timezone("Europe/Berlin")
    Ntp()
    SwapFile("/swapfile", size: .bytes(try host.size("swap") ?? .gibibytes(1)))
    Apt.Installed("git", "curl")
    User("anna", groups: ["sudo"], shell: "/bin/bash")
    Docker.Engine(daemon: ["log-driver": "local"], users: ["anna"])
    File("/etc/motd", "This is \(host.name). Propel keeps it as it is.\n")
}

// What it says of secrets.

let secretive = Role("secretive", runs: Debian.self) { _ in
    File("/srv/app/.env", "DATABASE_PASSWORD=\(Secret("database-password"))\n")
}
