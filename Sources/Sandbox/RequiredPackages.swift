import Foundation

/// The programs of this machine that sandboxes are made with, and the Debian packages that bring them.
enum RequiredPackages {
    private static let programs = [
        ("systemd-nspawn", "systemd-container"), ("mmdebstrap", "mmdebstrap"), ("ip", "iproute2"),
        ("iptables", "iptables"),
        ("ssh", "openssh-client"), ("flock", "util-linux"),
    ]

    static var missing: [String] {
        programs.filter { program, _ in
            !Command.searchPath.contains { access("\($0)/\(program)", X_OK) == 0 }
        }.map(\.1)
    }
}
