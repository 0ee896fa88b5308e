import Foundation
import PlainText

/// The root file system of a machine: a base with a name, keys, an address and name servers.
///
/// /usr, nine tenths of the bytes, is an overlayfs over the one of the base. The rest is copied: an overlayfs supports
/// neither swap files nor a fast storage driver of docker.
struct Disk {
    let machine: SandboxMachine

    /// Copies the base and writes the files of this machine.
    /// - Returns: The ssh host key, as in `known_hosts`.
    func make(from base: Base, in network: Network, number: Int) async throws -> String {
        let root = machine.root
        try await removeTree(root)
        guard symlink(base.directory, machine.base) == 0 else {
            throw SandboxError.systemCall(on: machine.base)
        }
        let entries = try FileManager.default.contentsOfDirectory(atPath: base.directory).filter { $0 != "usr" }
        // nspawn reads os-release before it mounts the overlay over this /usr.
        for directory in [root, "\(root)/usr", "\(root)/usr/lib", machine.usr] where mkdir(directory, 0o755) != 0 {
            throw SandboxError.systemCall(on: directory)
        }
        for directory in [root, machine.usr] { chmod(directory, 0o755) }
        try await LocalCommand("cp", ["--archive", "--", "\(base.directory)/usr/lib/os-release", "\(root)/usr/lib"])
            .output()
        try await LocalCommand(
            "cp",
            ["--archive", "--reflink=auto", "--target-directory=\(root)", "--"]
                + entries.map { "\(base.directory)/\($0)" }
        ).output()

        try writeFile("\(machine.name)\n", to: "\(root)/etc/hostname", permissions: 0o644)
        try writeFile(
            """
            127.0.0.1\tlocalhost
            127.0.1.1\t\(machine.name)
            ::1\tlocalhost ip6-localhost ip6-loopback
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters

            """, to: "\(root)/etc/hosts", permissions: 0o644)
        try writeFile(Self.resolverConfiguration(), to: "\(root)/etc/resolv.conf", permissions: 0o644)
        try await writeAddress(network, number: number)
        try allowContainers()
        try keepUserManagers()

        // Debian's sshd_config accepts root with a key and reads this host key. Settings here could hide those of a
        // property.
        for file in [machine.identityFile, machine.identityFile + ".pub"] { unlink(file) }
        try await generateKey(machine.identityFile, comment: "propel-sandbox")
        try await generateKey("\(root)/etc/ssh/ssh_host_ed25519_key", comment: "root@\(machine.name)")
        let publicKey = try text("\(machine.identityFile).pub")
        try makePrivateDirectory("\(root)/root/.ssh")
        try writeFile(publicKey, to: "\(root)/root/.ssh/authorized_keys", permissions: 0o600)
        return try text("\(root)/etc/ssh/ssh_host_ed25519_key.pub").split(separator: " ").prefix(2).joined(
            separator: " ")
    }

    /// Sets the address. The file sorts before 80-container-host0.network of systemd, which uses DHCP.
    func writeAddress(_ network: Network, number: Int) async throws {
        let directory = "\(machine.root)/etc/systemd/network"
        // Root of the machine may have changed the disk since: no link may lead out of it.
        guard let real = realpath(directory, nil) else {
            throw SandboxError.systemCall(on: directory)
        }
        defer { free(real) }
        guard String(cString: real) == directory else {
            throw SandboxError.file(
                directory, reason: "is below a symbolic link, so the address is not written")
        }
        let mtu = try await Network.mtu().map { "MTUBytes=\($0)\n" } ?? ""
        try writeFile(
            """
            [Match]
            Name=host0

            [Link]
            MACAddress=\(network.hardwareAddress(number))
            \(mtu)
            [Network]
            Address=\(network.address(number))/24
            Gateway=\(network.gateway)
            LinkLocalAddressing=no
            IPv6AcceptRA=no

            """, to: "\(directory)/10-host0.network", permissions: 0o644)
    }

    /// Keeps the service managers of users running after the last logout, and lets them stop quickly with the machine.
    ///
    /// With version 1 of the control groups, systemd in a container does not notice that a group has become empty.
    /// Sometimes user@0.service then takes two minutes to stop, and all logins, or a reboot, wait for that.
    private func keepUserManagers() throws {
        try addSettings("[Login]\nUserStopDelaySec=infinity\n", to: "logind.conf")
        try addSettings("[Service]\nTimeoutStopSec=5s\n", to: "system/user@.service")
    }

    /// - Parameter name: The file below `/etc/systemd` that the settings belong to.
    private func addSettings(_ text: String, to name: String) throws {
        let directory = "\(machine.root)/etc/systemd/\(name).d"
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
            throw SandboxError.systemCall(on: directory)
        }
        try writeFile(text, to: "\(directory)/propel-sandbox.conf", permissions: 0o644)
    }

    /// Makes the control groups writable for docker. With version 1, nspawn mounts them read-only.
    private func allowContainers() throws {
        let unit = "propel-sandbox-cgroup.service"
        let directory = "\(machine.root)/etc/systemd/system"
        try writeFile(
            """
            [Unit]
            Description=Control groups that containers can be started in
            ConditionPathExists=/sys/fs/cgroup/systemd
            Before=docker.service containerd.service podman.service

            [Service]
            Type=oneshot
            RemainAfterExit=yes
            ExecStart=/bin/sh -c 'for mount in /sys/fs/cgroup/*; do mountpoint -q "$mount" && mount -o \
            remount,rw,bind "$mount"; done; true'

            [Install]
            WantedBy=multi-user.target

            """, to: "\(directory)/\(unit)", permissions: 0o644)
        let link = "\(directory)/multi-user.target.wants/\(unit)"
        guard symlink("../\(unit)", link) == 0 else {
            throw SandboxError.systemCall(on: link)
        }
    }

    private func generateKey(_ path: String, comment: String) async throws {
        try await LocalCommand("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path).output()
    }

    private func text(_ path: String) throws -> String {
        guard let text = readFile(path) else { throw SandboxError.file(path, reason: "cannot read it") }
        return text
    }

    /// The name servers of this computer. A resolver on the loopback interface (systemd-resolved) cannot be reached
    /// from a sandbox, but its upstream servers can.
    private static func resolverConfiguration() -> String {
        let files = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf", "/run/NetworkManager/resolv.conf"]
        let contents = files.compactMap(readFile)
        let reachable = contents.first { text in
            text.nonEmptyLines.contains { line in
                let words = line.split(whereSeparator: \.isWhitespace)
                return words.count >= 2 && words[0] == "nameserver" && !words[1].hasPrefix("127.") && words[1] != "::1"
            }
        }
        return reachable ?? contents.first ?? ""
    }
}
