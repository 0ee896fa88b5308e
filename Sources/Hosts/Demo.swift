import Properties

/// A throwaway machine with properties of most kinds: `./propel demo.sandbox`.
///
/// Keys in hosts.conf: `swap`, the size of the swap file, or false for none; `welcome`, false for no message at
/// login; `packages`, names of further packages.
let demo = Role("demo", runs: Debian.self, keys: ["swap", "welcome", "packages"]) { host in
    Hostname(host.name)
    Locale.Default("en_GB.UTF-8")
    Timezone("Europe/Berlin")
    Ntp()

    if host["swap"] == false {
        SwapFile("/swapfile", size: .mebibytes(64)).reverted()
    } else {
        SwapFile("/swapfile", size: .bytes(try host.size("swap") ?? .mebibytes(64)), priority: 10)
    }

    Apt.Installed("curl", "git", "tree")
    Apt.Absent("telnet")
    for name in try host.strings("packages") {
        Apt.Installed(name)
    }

    let version = host.tag.map { ", version \($0)" } ?? ""
    let welcome = File("/etc/motd", "This is \(host.name)\(version). Propel keeps it as it is.\n")
    if try host.bool("welcome") ?? true {
        welcome
    } else {
        welcome.reverted()
    }

    PropertyGroup("anna") {
        User("anna", groups: ["sudo"], comment: "Anna Berg", shell: "/bin/bash")
        AuthorizedKeys(
            of: "anna",
            [annasKey])
        Sudoers("anna", .user("anna"), withoutPassword: true)
    }

    PropertyGroup("hello") {
        SystemdUnit(
            "demo-hello.service",
            """
            [Unit]
            Description=Say hello

            [Service]
            Type=oneshot
            ExecStart=/bin/echo hello

            """)
        SystemdUnit(
            "demo-hello.timer",
            """
            [Unit]
            Description=Say hello every day

            [Timer]
            OnCalendar=daily
            Persistent=true

            [Install]
            WantedBy=timers.target

            """)
        Service("demo-hello.timer")
    }

    Service("ssh", ports: [22])
    Docker.Engine(daemon: dockerDaemon, users: ["anna"])
    Docker.Compose()
}
