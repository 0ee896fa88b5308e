import Properties

/// A Raspberry Pi with 1 GB of memory, and swap so that it does not run out of it.
///
/// Key in hosts.conf: `swap`, the size of its swap file; 1 GiB by default.
let pi = Role("pi", runs: Debian.self, keys: ["swap"]) { host in
    base(host, timezone: "Europe/London")
    SwapFile("/var/swapfile", size: .bytes(try host.size("swap") ?? .gibibytes(1)), priority: 10)
    Apt.Installed("git", "htop")
    Sudoers("pi", .user("pi"))
    Docker.Engine(daemon: dockerDaemon, users: ["pi"])
    Docker.Compose()
}
