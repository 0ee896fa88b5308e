import Properties

/// Fifty resources of the usual kinds, for bench/.
let bench = Role("bench", runs: Debian.self) { host in
    Timezone("Etc/UTC")
    Hostname(host.name)
    Directory("/srv/bench")
    for number in 1...24 {
        File(FilePath("/srv/bench/\(number).conf"), "number = \(number)\n", mode: 0o640)
    }
    for name in [
        "ca-certificates", "curl", "git", "gnupg", "htop", "less", "lsof", "nano", "openssl", "rsync", "screen", "tree",
    ] {
        Apt.Installed(name)
    }
    for name in ["anna", "ben", "clara"] {
        User(name)
        SymbolicLink(FilePath("/srv/bench/\(name)"), to: "/home/\(name)")
    }
    Service("ssh")
    Service("systemd-journald", isEnabled: nil)
    Service("systemd-logind", isEnabled: nil)
    Service("dbus", isEnabled: nil)
    Service("systemd-networkd")
}
