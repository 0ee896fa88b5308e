import PropelTesting

@testable import Properties

/// The programs that manage a network, and a kernel that has the addresses in their files.
struct FakeNetwork: Sendable {
    let fake: FakeMachine
    let manager: NetworkInterface.Manager

    /// The file of cloud-init, or of the installer, which gives the interface its address.
    static let stock =
        "source /etc/network/interfaces.d/*\n\nauto lo\niface lo inet loopback\n"
        + "\nallow-hotplug eth0\niface eth0 inet dhcp\n    hostname web1\n# mine\niface eth1 inet dhcp\n"

    init(_ manager: NetworkInterface.Manager, connection: SSHConnection? = nil) {
        self.manager = manager
        let fake = FakeMachine(connection: connection)
        self.fake = fake
        fake.files.put(directory: "/run")
        for name in ["eth0", "eth1", "lo"] {
            fake.files.put(FilePath("/sys/class/net/\(name)/flags"), "0x1003\n")
            fake.files.put(FilePath("/sys/class/net/\(name)/carrier"), "1\n")
        }
        switch manager {
        case .netplan:
            fake.files.put("/usr/sbin/netplan", "", mode: 0o755)
            fake.files.put("/etc/netplan/50-cloud-init.yaml", "network: {version: 2}\n", mode: 0o600)
        case .ifupdown:
            fake.files.put("/sbin/ifup", "", mode: 0o755)
            fake.files.put("/etc/network/interfaces", Self.stock)
            fake.files.put(directory: "/etc/network/interfaces.d")
        case .networkManager:
            fake.files.put(directory: "/etc/NetworkManager/system-connections")
            fake.atBoot { fake.files.put(directory: "/run/NetworkManager") }
            fake.files.put(directory: "/run/NetworkManager")
        case .networkd:
            fake.files.put(directory: "/etc/systemd/network")
            fake.atBoot { fake.files.put(directory: "/run/systemd/netif/links") }
            fake.files.put(directory: "/run/systemd/netif/links")
        }
        fake.atBoot { Self.load(fake) }
        for (program, word) in [("netplan", "apply"), ("nmcli", "connect"), ("networkctl", "reconfigure")] {
            fake.commands.program(program) { command in
                let isLoaded =
                    command.arguments.contains { $0.hasPrefix(word) } && !command.arguments.contains("reload")
                if isLoaded { Self.load(fake) }
                return .printing()
            }
        }
        fake.commands.program("sh") { _ in
            Self.load(fake)
            return .printing()
        }
        fake.commands.program(
            "ip", prints: #"[{"ifname":"eth0","addr_info":[{"family":"inet","local":"10.0.0.5","prefixlen":24}]}]"#)
        Self.load(fake)
    }

    /// Gives the kernel the addresses of all files.
    private static func load(_ fake: FakeMachine) {
        let directories = ["/etc/netplan", "/etc/network", "/etc/NetworkManager", "/etc/systemd/network"]
        var ipv4 = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.0.0.0\n        /24 link UNICAST\nLocal:\n"
        var ipv6 = "00000000000000000000000000000001 01 80 10 80 lo\n"
        for (path, node) in fake.files.snapshot where directories.contains(where: { path.string.hasPrefix($0) }) {
            for line in String(decoding: node.bytes, as: UTF8.self).lines where !line.hasPrefix("#") {
                for word in line.split(whereSeparator: { " =\"".contains($0) }) where word.contains("/") {
                    let plain = String(word.split(separator: "/")[0])
                    guard let bytes = IPAddress.bytes(plain), bytes.contains(where: { $0 != 0 }) else { continue }
                    if bytes.count == 4 {
                        ipv4 += "     |-- \(plain)\n        /32 host LOCAL\n"
                    } else {
                        ipv6 +=
                            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + " 02 40 00 80 eth0\n"
                    }
                }
            }
        }
        fake.files.put("/proc/net/fib_trie", ipv4)
        fake.files.put("/proc/net/if_inet6", ipv6)
    }
}
