import Properties

/// A Raspberry Pi with 1 GB of memory, and swap so that it does not run out of it.
///
/// Keys in hosts.conf: `swap`, the size of its swap file, 1 GiB by default; `build`, a directory that the image app
/// is built from; `archive`, an archive that it is loaded from; `password = true`, where the secret `pi-password` is
/// that of the user pi.
let pi = Role("pi", runs: Debian.self, keys: ["swap", "build", "archive", "password"]) { host in
    base(host, timezone: "Europe/London")
    StockSwap.Absent()
    SwapFile("/var/swapfile", size: .bytes(try host.size("swap") ?? .gibibytes(1)), priority: 10)
    Journald(maximumUse: .mebibytes(64), runtimeMaximumUse: .mebibytes(16))
    Apt.Installed("git", "htop")
    Sudoers("pi", .user("pi"))
    if try host.bool("password") == true {
        User("pi", groups: ["sudo"], password: .secret(Secret("pi-password")))
    }
    WhenOS(RaspberryPiOS.self) {
        // Without a screen, the memory of the GPU is better used by programs.
        RaspberryPi.FirmwareSetting("gpu_mem", "16")
        // Required for memory limits of containers.
        RaspberryPi.KernelParameter("cgroup_enable", "memory")
    }
    Docker.Engine(daemon: dockerDaemon, users: ["pi"])
    Docker.Compose()
    if let directory = try host.string("build") {
        Docker.Image("app", builtFrom: FilePath(directory))
    }
    if let archive = try host.string("archive") {
        Docker.Image("app", loadedFrom: FilePath(archive))
    }
}
