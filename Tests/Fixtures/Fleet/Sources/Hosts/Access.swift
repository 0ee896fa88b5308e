import Properties

/// A machine to which its deployer loses access, for the tests of guarded changes.
///
/// Keys in hosts.conf: `change`, the change that is made; `network`, the text of the file of another network.
let access = Role("access", runs: Debian.self, keys: ["change", "network"]) { host in
    let change = try host.string("change") ?? "", network = try host.string("network") ?? ""
    let changes = PropertyGroup("access", for: Debian.self) {
        if change == "firewall" {
            File("/etc/nftables.conf", droppingSSH, mode: 0o755).onChange(Service.Restart("nftables"))
        }
        if change == "port" {
            File("/etc/ssh/sshd_config.d/10-test.conf", "Port 2222\n").onChange(Service.Restart("ssh"))
        }
        if change == "denied" {
            File("/etc/ssh/sshd_config.d/10-test.conf", "DenyUsers deploy\n").onChange(Sshd.Reload())
        }
        if change == "harmless" {
            File("/etc/ssh/sshd_config.d/10-test.conf", "MaxSessions 20\n").onChange(Sshd.Reload())
        }
        if change == "restarted" {
            File("/etc/ssh/sshd_config.d/10-test.conf", "MaxSessions 20\n").onChangeNow(Reboot())
        }
        if change == "forgotten" { File("/etc/sudoers.d/deploy", "# nobody\n", mode: 0o440) }
        if change == "password" { File("/etc/sudoers.d/zz-later", "deploy ALL=(ALL) ALL\n", mode: 0o440) }
        if change == "network" {
            // A restart of systemd-networkd would keep the former address beside the new one.
            File("/etc/systemd/network/10-host0.network", network)
                .onChange(Shell(command: "networkctl reload && networkctl reconfigure host0"))
        }
        if change == "removed" { RemovedUser(login: "deploy") }
        // The run dies while the change waits for its confirmation.
        if change == "killed" {
            File("/etc/ssh/sshd_config.d/10-test.conf", "DenyUsers deploy\n")
                .onChange(Shell(command: "pkill -KILL -f '[p]ropel-enforce detached'"))
        }
        if change == "rebooted" {
            File("/etc/ssh/sshd_config.d/10-test.conf", "DenyUsers deploy\n")
                .onChange(Shell(command: "systemctl reboot --force --force"))
        }
    }
    File("/srv/dependent", "\(change)\n").requires(changes)
    File("/srv/independent", "\(change)\n")
}

/// Connections that are there stay.
private let droppingSSH = """
    #!/usr/sbin/nft -f
    flush ruleset
    table inet test {
        chain input {
            type filter hook input priority 0; policy accept;
            ct state established,related accept
            tcp dport 22 drop
        }
    }

    """

private struct RemovedUser: Guarded {
    typealias Target = AnyLinux

    let login: String

    var name: String { "no \(login)" }

    func check(on machine: Machine) async throws -> Check {
        try await machine.user(login) == nil ? .satisfied : .unmet("remove \(login)")
    }

    func apply(on machine: Machine) async throws { try await machine.run("userdel", "--force", login) }

    func restoration(on machine: Machine) async throws -> Restoration {
        Restoration(paths: ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid"])
    }
}

private struct Shell: Action {
    typealias Target = UnixLike

    let command: String

    var name: String { "run \(command)" }
    func perform(on machine: Machine) async throws { try await machine.run("sh", "-c", command) }
}
