import Properties

/// A throwaway machine to look at.
let demo = Role("demo", runs: Debian.self) { host in
    File("/etc/motd", "This machine is kept by Propel.\n")
    Apt.Installed("git", "curl")
    Service("ssh")
}
