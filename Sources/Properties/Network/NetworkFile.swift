/// A file of the program that manages the network, for what ``NetworkInterface`` does not describe: bridges, bonds,
/// VLANs, names of interfaces.
///
///     NetworkFile(.netplan, "50-bridge", """
///         network:
///           bridges:
///             br0: {interfaces: [eth0], dhcp4: true}
///         """)
///     NetworkFile(.networkd, "10-lan.link", "[Match]\nMACAddress=52:54:00:12:34:56\n\n[Link]\nName=lan0\n")
///
/// A change takes effect at once, as far as the program brings it about: networkd renames no interface and changes no
/// virtual one that is there, and ifupdown leaves one up that is no longer in a file; a restart does it.
/// `ifup --no-act` must accept a file of ifupdown. A change can cut connections, also that of the deployment: then it
/// is put back, unless a new connection confirms it (docs/lock-out.md).
public struct NetworkFile: Revertible, Guarded {
    public typealias Target = AnyLinux

    public let manager: NetworkInterface.Manager
    public let id: String
    public let content: Content

    /// - Parameters:
    ///   - manager: the program that configures the network as its files say.
    ///   - id: the name of the file: `/etc/netplan/NAME.yaml`; `/etc/systemd/network/NAME` with its end, `.network`,
    ///     `.netdev` or `.link`; `/etc/NetworkManager/system-connections/NAME.nmconnection`;
    ///     `/etc/network/interfaces.d/NAME`, or `interfaces` for `/etc/network/interfaces` itself. Files are read in
    ///     the order of their names.
    ///   - content: the whole file. Secrets may be in it.
    public init(_ manager: NetworkInterface.Manager, _ id: String, _ content: Content) {
        self.manager = manager
        self.id = id
        self.content = content
    }

    /// A file whose text is not a literal. The label keeps a literal with a secret from being taken for a `String`,
    /// which would lose the secret.
    public init(_ manager: NetworkInterface.Manager, _ id: String, text: String) {
        self.init(manager, id, Content(text))
    }

    public var name: String { "network file \(file.path)" }
    public var claims: [Claim] { file.claims }
    public var secrets: [Secret] { content.secrets }
    public var problems: [String] { problems(in: validate) }

    private var file: File {
        switch manager {
        // netplan and NetworkManager warn of files that everybody may read, or ignore them.
        case .netplan: File(FilePath("/etc/netplan/\(id).yaml"), content, mode: 0o600)
        case .networkManager:
            File(FilePath("/etc/NetworkManager/system-connections/\(id).nmconnection"), content, mode: 0o600)
        // The user systemd-network reads it.
        case .networkd:
            File(
                FilePath("/etc/systemd/network/\(id)"), content, mode: content.secrets.isEmpty ? 0o644 : 0o640,
                group: content.secrets.isEmpty ? "root" : "systemd-network")
        case .ifupdown:
            File(
                FilePath(id == "interfaces" ? "/etc/network/interfaces" : "/etc/network/interfaces.d/\(id)"), content,
                mode: content.secrets.isEmpty ? 0o644 : 0o600,
                validation: { Invocation("ifup", ["--no-act", "--all", "--interfaces", $0.string]) })
        }
    }

    /// The commands that bring the file, or its absence, into effect.
    private var commands: [Invocation] {
        switch manager {
        case .netplan: [Invocation("netplan", ["apply"])]
        case .networkManager: [Invocation("nmcli", ["connection", "reload"])]
        case .networkd: [Invocation("networkctl", ["reload"])]
        case .ifupdown: [Self.ifupdown]
        }
    }

    /// ifupdown2, which Proxmox has, compares by itself.
    private static let ifupdown = Invocation(
        "sh",
        ["-c", "if command -v ifreload >/dev/null; then exec ifreload -a; fi; exec systemctl restart networking"],
        timeout: .minutes(5))

    private var pending: PendingChange { PendingChange(of: "network-\(manager.rawValue)-\(id)") }
    private static let ineffective = "bring it into effect"

    /// - Throws: ``Undetermined`` if the program is not there yet.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        try requireManager(on: machine)
        return try pending.check(
            try await file.check(on: machine, createsDirectory: manager == .networkd), Self.ineffective, on: machine)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try await pending.read(by: commands, on: machine) {
            try await file.apply(on: machine, createsDirectory: manager == .networkd)
        }
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try validate()
        return try pending.check(try await file.checkReverted(on: machine), Self.ineffective, on: machine)
    }

    public func revert(on machine: Machine) async throws {
        try await pending.read(by: commands, on: machine) { try await file.revert(on: machine) }
    }

    // The file goes back by itself.
    public func restoration(on machine: Machine) async throws -> Restoration {
        Restoration(paths: [pending.marker], reloads: commands)
    }

    private func requireManager(on machine: Machine) throws {
        let programs: [FilePath] =
            switch manager {
            case .netplan: ["/usr/sbin/netplan"]
            case .networkManager: ["/usr/bin/nmcli"]
            case .networkd: ["/usr/bin/networkctl"]
            case .ifupdown: ["/usr/sbin/ifup", "/sbin/ifup"]
            }
        guard try !programs.contains(where: { try machine.files.status(of: $0) != nil }) else { return }
        throw Undetermined(until: "\(programs[0]) is installed")
    }

    private func validate() throws {
        let isName =
            !id.isEmpty && !id.hasPrefix(".")
            && id.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.@".utf8.contains($0) }
        guard isName else {
            throw Failure(
                "invalid name of a network file “\(id.escaped)”", advice: "Use letters, digits, “-”, “_”, “.” and “@”.")
        }
        guard manager != .networkd || [".network", ".netdev", ".link"].contains(where: id.hasSuffix) else {
            throw Failure(
                "networkd reads no file “\(id.escaped)”", advice: "End its name with .network, .netdev or .link.")
        }
        guard content.plainSize > 0 || content.bytes == nil else {
            throw Failure("the network file \(id) is empty", advice: "Declare it reverted to remove it.")
        }
    }
}
