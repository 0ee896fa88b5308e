import Foundation

/// The programs that sandboxes need on this computer, and their Debian packages.
enum RequiredPackages {
    private static let programs = [
        ("systemd-nspawn", "systemd-container"), ("mmdebstrap", "mmdebstrap"), ("ip", "iproute2"),
        ("iptables", "iptables"),
        ("ssh", "openssh-client"), ("flock", "util-linux"),
    ]

    static var missing: [String] {
        programs.filter { program, _ in
            !LocalCommand.searchPath.contains { access("\($0)/\(program)", X_OK) == 0 }
        }.map(\.1)
    }
}
