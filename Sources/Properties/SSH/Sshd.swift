/// Settings of the ssh server, in a drop-in that wins (sshd_config(5)).
///
///     Sshd(.passwordAuthentication(false), .permitRootLogin(.prohibitPassword), .allowUsers("anna", "deploy"))
///     Sshd(.port(22, 2222), .match("Group sftp", .forceCommand("internal-sftp"), .chrootDirectory("/srv/%u")))
///
/// sshd uses the first value that it reads, so the drop-in sorts before others such as that of cloud-init, and
/// `sshd_config` includes the drop-ins before its own settings: where it does not, the line is moved or added. Ports,
/// addresses and lists of users count from every file; those that `sshd_config` has are commented out if they are
/// declared here. Another drop-in that outranks a setting is an error.
///
/// sshd must accept all of it before anything is put in place, and is then reloaded: connections stay. Where
/// `ssh.socket` listens instead of sshd, as on Ubuntu from 22.10 on, it gets the ports.
///
/// **Nobody is locked out.** Settings with which the present connection could not come again are refused: a port or an
/// address that sshd would no longer listen on, a list of users without the one who deploys, no way for root if root
/// deploys, no password if the user has no key. To change the port, let sshd listen on both, change `port` in
/// hosts.conf, deploy, and leave the former one out.
public struct Sshd: CompositeProperty {
    public typealias Target = DebianLike

    let dropIn: SshdDropIn

    /// - Parameters:
    ///   - options: the settings. `Match` blocks come last, wherever they stand.
    ///   - id: the name of the drop-in, for a second one: letters, digits, `-` and `_`; `settings` by default.
    public init(_ options: Option..., id: String = "settings") { self.init(options, id: id) }

    /// Settings from a list; see the initializer that takes them one by one.
    public init(_ options: [Option], id: String = "settings") {
        dropIn = SshdDropIn(id: id, content: .options(options))
    }

    /// - Parameters:
    ///   - id: the name of the drop-in: letters, digits, `-` and `_`.
    ///   - text: the whole drop-in, with `Match` blocks if need be.
    public init(_ id: String, text: String) { dropIn = SshdDropIn(id: id, content: .text(text)) }

    public var name: String { "sshd \(dropIn.id)" }

    public var body: [Declaration] {
        // The drop-in first: until the other files follow, sshd has the former ports and users too.
        dropIn.onChange(Reload())
        SshdMain().requires(dropIn).onChange(Reload())
        if !dropIn.sshPorts.isEmpty { SshdSocket().requires(dropIn) }
    }

    /// No settings of this name: the drop-in is removed, and what was commented out for it counts again.
    ///
    ///     Sshd.Absent("sftp")
    public struct Absent: CompositeProperty {
        public typealias Target = DebianLike

        public let id: String

        /// - Parameter id: the name of the drop-in; `settings` by default.
        public init(_ id: String = "settings") { self.id = id }

        public var name: String { "no sshd \(id)" }

        public var body: [Declaration] {
            // The other way round: sshd never has neither.
            SshdMain().onChange(Reload())
            SshdDropIn(id: id, content: .options([])).reverted().onChange(Reload())
        }
    }

    /// Reloads sshd if it runs. Connections stay. A sshd that a socket starts reads its settings then.
    public struct Reload: Action {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "reload sshd" }

        public func perform(on machine: Machine) async throws {
            guard try await machine.unit(Self.unit).isActive else { return }
            try await machine.control(.reload, Self.unit)
        }

        private static let unit = "ssh.service"
    }
}
