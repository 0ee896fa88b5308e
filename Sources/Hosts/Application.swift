import Properties

/// A server of one application: its code from git, its own user and service, PostgreSQL, and a job every night.
///
/// Keys in hosts.conf: `code`, the git repository; `tag`, the version of it, the branch main by default.
let application = Role("application", runs: Debian.self, keys: ["code"]) { host in
    base(host, timezone: "Etc/UTC")
    Apt.UnattendedUpgrades(origins: [.security])
    Firewall(.limit(22), .allow(8000))

    Postgres.Server()
    Postgres.Role("app", password: Secret("app-database-password"))
    Postgres.Database("app", owner: "app")

    let code = try host.string("code") ?? "https://git.example.com/app.git"
    PropertyGroup("app") {
        User("app", home: "/srv/app", isSystem: true)
        Directory("/srv/app", owner: "app")
        Apt.Installed("git", "python3-minimal")
        GitCheckout(
            code, to: "/srv/app/code", at: host.tag.map { .tag($0) } ?? .branch("main"), owner: "app"
        ).onChange(Service.Restart("app"))
        File(
            "/etc/app.env", "DATABASE=postgresql://app:\(Secret("app-database-password"))@localhost/app\n", mode: 0o640,
            group: "app"
        ).onChange(Service.Restart("app"))
        SystemdService(
            "app",
            """
            [Unit]
            Description=The application
            After=postgresql.service

            [Service]
            User=app
            WorkingDirectory=/srv/app/code
            EnvironmentFile=/etc/app.env
            ExecStart=/usr/bin/python3 -m http.server 8000
            Restart=on-failure
            ProtectSystem=strict
            NoNewPrivileges=yes

            [Install]
            WantedBy=multi-user.target

            """)
        Timer("app-report", onCalendar: "*-*-* 04:00", "/usr/bin/du --summarize /srv/app", user: "app")
        Expect("the application answers", .http("http://127.0.0.1:8000/"))
    }
}
