/// The addresses of a network interface with a cable, for the program that manages the network of the machine.
///
///     NetworkInterface("eth0", .dhcp)
///     NetworkInterface("eth0", .static(["192.0.2.10/24"], gateways: ["192.0.2.1"]), nameservers: ["9.9.9.9"])
///     NetworkInterface(
///         "enp1s0", .static(["10.0.0.5/24", "2001:db8::5/64"], gateways: ["10.0.0.1", "2001:db8::1"]),
///         nameservers: ["10.0.0.1"], domains: ["example.lan"], by: .networkd)
///
/// It is a separate file: of netplan, where the machine has files for it, as Ubuntu and the cloud images of Debian
/// have; else of ifupdown, where `/etc/network/interfaces` names the interface; else of NetworkManager or
/// systemd-networkd, if one of them runs, as on Raspberry Pi OS. A change takes effect at once, and cuts connections
/// for a moment. Router advertisements (IPv6) count as before; with static IPv6 addresses ifupdown ignores them.
///
/// With ifupdown the stanzas of the interface in other files become comments, and with NetworkManager and networkd its
/// file comes before theirs. netplan joins all files: whether DHCP is used is said by this one, which comes last, but
/// the addresses, routes and name servers of another file, such as that of cloud-init, are added to the declared ones.
/// The plan and the report name such a file.
///
/// The address of the connection through which the machine is deployed must stay among static ones: else nobody could
/// come back. To move a machine, declare both addresses, then change `hosts.conf`, then remove the old one. Static
/// addresses that are missing are brought up again, unless no cable is in.
public struct NetworkInterface: Revertible {
    public typealias Target = DebianLike

    /// The origin of the addresses of an interface.
    public enum Addresses: Sendable, Hashable {
        /// A server on the network (DHCP).
        case dhcp
        /// The declaration.
        /// - Parameters:
        ///   - addresses: each with the length of its network: `192.0.2.10/24`, `2001:db8::10/64`.
        ///   - gateways: the routers to all other networks, one for IPv4 and one for IPv6 at most; none by default.
        case `static`([String], gateways: [String] = [])
    }

    /// A program that manages the network of a machine.
    public enum Manager: String, Sendable, Hashable {
        case netplan
        case ifupdown
        case networkManager
        case networkd
    }

    public let interface: String
    public let addresses: Addresses
    public let nameservers: [String]
    public let domains: [String]
    public let manager: Manager?

    /// - Parameters:
    ///   - interface: the name of the interface, as `ip link` lists it. One without a cable (`wlan0`) is refused.
    ///   - addresses: where its addresses come from.
    ///   - nameservers: the addresses of DNS servers; those of DHCP alone by default. With ifupdown they count where
    ///     resolvconf or systemd-resolved is installed.
    ///   - domains: the domains in which names without a dot are looked for; none by default.
    ///   - manager: the program that manages the interface; by default the one that does so on the machine.
    public init(
        _ interface: String, _ addresses: Addresses, nameservers: [String] = [], domains: [String] = [],
        by manager: Manager? = nil
    ) {
        self.interface = interface
        self.addresses = addresses
        self.nameservers = nameservers
        self.domains = domains
        self.manager = manager
    }

    public var name: String { "network interface \(interface)" }
    public var problems: [String] { problems(in: validate) }

    public var claims: [Claim] { [Claim(name, is: words)] }

    /// The declaration in a few words: “10.0.0.5/24, via 10.0.0.1, DNS 10.0.0.1”.
    private var words: String {
        let origin =
            switch addresses {
            case .dhcp: ["DHCP"]
            case .static(let addresses, let gateways): addresses + gateways.map { "via \($0)" }
            }
        return (origin + nameservers.map { "DNS \($0)" } + domains).joined(separator: ", ")
    }

    /// The static addresses; none with DHCP.
    var staticAddresses: [String] { if case .static(let addresses, _) = addresses { addresses } else { [] } }
    var gateways: [String] { if case .static(_, let gateways) = addresses { gateways } else { [] } }

    /// There while a change has been written and is not in effect: a restart brings it into effect. Its content is what
    /// was there before, for ifupdown.
    var marker: FilePath { pending.marker }
    private var pending: PendingChange { PendingChange(of: "interface-\(interface)") }
    private static let ineffective = "bring it into effect"

    func configuration(on machine: Machine) throws -> InterfaceConfiguration {
        InterfaceConfiguration(self, try manager ?? .current(of: interface, on: machine))
    }

    /// - Throws: ``Failure`` if there is no such interface, or if the change would cut off the deployer.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        try requireInterface(on: machine)
        let configuration = try configuration(on: machine)
        var reasons: [String] = [], diff: Diff?
        if case .unmet(let change) = try await configuration.file.check(on: machine, createsDirectory: true) {
            reasons.append("\(words): \(configuration.file.path), \(change.reason)")
            diff = change.diff
        }
        reasons += try configuration.others(on: machine).map { "take \(interface) out of \($0)" }
        if reasons.isEmpty, try machine.files.status(of: marker) != nil { reasons.append(Self.ineffective) }
        if reasons.isEmpty, try hasCable(on: machine) {
            reasons += try await missingAddresses(on: machine).map { "bring up \($0)" }
        }
        if !reasons.isEmpty {
            reasons += try configuration.joinedFiles(on: machine).map { "\($0) adds its own" }
            try await refuseLockOut(on: machine)
        }
        return .unmet(unlessEmpty: reasons, diff: diff)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try await refuseLockOut(on: machine)
        let configuration = try configuration(on: machine)
        try mark(configuration, on: machine)
        try await configuration.file.apply(on: machine, createsDirectory: true)
        try configuration.takeOthersOut(on: machine)
        try configuration.noteJoinedFiles(on: machine)
        try await pending.finish(by: configuration.commands(replacing: marker), on: machine)
        for _ in 0..<Self.attempts {
            machine.forgetFacts()
            guard try hasCable(on: machine), try await !missingAddresses(on: machine).isEmpty else { return }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// How often the kernel is asked for the addresses: networkd brings them up on its own.
    private static let attempts = 50
    private static let pause = Duration.milliseconds(100)

    /// Notes what is there before it is changed, unless an earlier run has.
    private func mark(_ configuration: InterfaceConfiguration, on machine: Machine) throws {
        guard try machine.files.status(of: marker) == nil else { return }
        try machine.files.replace(marker, with: Array(configuration.present(on: machine).utf8), mode: 0o600)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try validate()
        let configuration = try configuration(on: machine)
        guard try configuration.hasTakenOut(on: machine).isEmpty else { return .unmet("restore the former addresses") }
        let file = try await configuration.file.checkReverted(on: machine, removesDirectory: false)
        return try pending.check(file, Self.ineffective, on: machine)
    }

    public func revert(on machine: Machine) async throws {
        let configuration = try configuration(on: machine)
        try mark(configuration, on: machine)
        try configuration.putOthersBack(on: machine)
        try await configuration.file.revert(on: machine)
        try await pending.finish(by: configuration.commands(replacing: marker, isReverted: true), on: machine)
    }
}
