import Properties

/// Fifty resources of the usual kinds, for bench/. Those of bench/comparison/deploy.py and playbook.yml are the same.
///
/// Keys in hosts.conf: `files`, the number of numbered files, 21 by default, and `note`, the content of one more.
let bench = Role("bench", runs: Debian.self, keys: ["files", "note"]) { host in
    let count = try host.integer("files") ?? 21
    let note = try host.string("note") ?? "none"

    Hostname(host.name)
    Directory("/srv/bench")
    for number in stride(from: 1, through: count, by: 1) {
        File(FilePath("/srv/bench/\(number).conf"), "number = \(number)\n", mode: 0o640)
    }
    File("/srv/bench/note", "\(note)\n")
    for name in ["address", "port", "timeout"] {
        Line("/etc/bench.conf", "\(name) = default", createsFile: true)
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
