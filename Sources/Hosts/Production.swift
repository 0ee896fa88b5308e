import Properties

/// A server with a system of containers, in the version that `tag` in hosts.conf names.
///
/// Key in hosts.conf: `deployers`, the users that may log in and become root.
let production = Role("production", runs: Debian.self, keys: ["deployers"]) { host in
    base(host, timezone: "Etc/UTC")
    SwapFile("/swapfile", size: .ofMemory(0.5))
    Docker.Engine(daemon: dockerDaemon)
    Docker.Compose()
    Directory("/srv/app", mode: 0o750)
    File(
        "/srv/app/.env", "TAG=\(host.tag ?? "latest")\nDATABASE_PASSWORD=\(Secret("database-password"))\n", mode: 0o640)
    File("/srv/app/tls.key", Content(Secret("tls-key")))

    Group("deployers", isSystem: true)
    Sudoers("deployers", .group("deployers"))
    for login in try host.strings("deployers") {
        User(login, groups: ["deployers"], password: .secret(Secret("\(login)-password")))
    }
    Apt.Update().periodically(every: .days(1))
}
