/// fail2ban, which bans addresses that fail to log in (jail.conf(5)).
///
///     Fail2ban(.sshd)
///     Fail2ban(
///         .sshd, .init("nginx-http-auth", log: .files("/var/log/nginx/error.log"), maxRetry: 3),
///         banTime: .hours(12), ignoring: ["10.0.0.0/8"])
///
/// The bans are a table of nftables beside that of ``Firewall``, and sshd's failures are read from the journal: Debian
/// 12 and 13 write no `/var/log/auth.log`. The jail of sshd is for the ports that ``Sshd`` declares. The settings are
/// in `/etc/fail2ban/jail.d/zz-propel.local`, which counts over all other files; `fail2ban-client -t` must accept them
/// together with those before they are put in place. A reload keeps the bans.
public struct Fail2ban: CompositeProperty {
    public typealias Target = DebianLike

    let settings: JailSettings

    /// - Parameters:
    ///   - jails: the jails that are on. Others, such as those of the package, stay as they are.
    ///   - banTime: how long an address is banned; 10 minutes by fail2ban's default. A negative time is forever.
    ///   - findTime: the time within which failures count together; 10 minutes by fail2ban's default.
    ///   - maxRetry: the number of failures for a ban; 5 by fail2ban's default.
    ///   - ignoring: addresses and networks that are never banned, beside the machine itself.
    public init(
        _ jails: Jail..., banTime: Duration? = nil, findTime: Duration? = nil, maxRetry: Int? = nil,
        ignoring: [String] = []
    ) {
        let defaults = Jail("DEFAULT", maxRetry: maxRetry, findTime: findTime, banTime: banTime)
        settings = JailSettings(jails: jails, defaults: defaults, ignored: ignoring)
    }

    public var name: String { "fail2ban" }

    public var body: [Declaration] {
        Self.packages
        settings.requires(Self.packages).onChange(Service.Reload("fail2ban"))
        Service("fail2ban").requires(settings)
    }

    /// The opposite: the jails are those of the package again. fail2ban itself stays; `Apt.Absent("fail2ban")` removes
    /// it.
    public func reverted() -> PropertyGroup<DebianLike> {
        PropertyGroup("no jails of \(name)") { settings.reverted().onChange(Service.IfRunning.reload("fail2ban")) }
    }

    /// The journal is read by a package that fail2ban only recommends.
    private static let packages = Apt.Installed("fail2ban", "python3-systemd", "nftables")

    /// A jail: a log, a filter that finds failures in it, and what is banned.
    public struct Jail: Sendable, Hashable {
        /// The place of the failures.
        public enum Log: Sendable, Hashable {
            /// The journal; the entries that the filter names.
            case journal
            /// The entries of the journal that match (journalctl(1)): `_SYSTEMD_UNIT=app.service`.
            case journalEntries(String)
            /// Files, with `*` for any characters.
            case files([String])

            /// Files, with `*` for any characters.
            public static func files(_ paths: String...) -> Log { .files(paths) }
        }

        let name: String
        let filter: String?
        let log: Log?
        let ports: [Firewall.Ports]
        let maxRetry: Int?
        let findTime: Duration?
        let banTime: Duration?
        let settings: [String: String]

        /// - Parameters:
        ///   - name: the name of a jail of `jail.conf`, or of a new one.
        ///   - filter: the name of the file in `filter.d`; that of the jail by default.
        ///   - log: the place of the failures; for sshd the journal, else as in `jail.conf`.
        ///   - ports: the ports that are closed to a banned address; for sshd those of ``Sshd``, else as in
        ///     `jail.conf`.
        ///   - maxRetry: the number of failures for a ban; that of all jails by default.
        ///   - findTime: the time within which failures count together; that of all jails by default.
        ///   - banTime: how long an address is banned; that of all jails by default. A negative time is forever.
        ///   - settings: further settings by their names: `["mode": "aggressive"]`.
        public init(
            _ name: String, filter: String? = nil, log: Log? = nil, ports: [Firewall.Ports] = [], maxRetry: Int? = nil,
            findTime: Duration? = nil, banTime: Duration? = nil, settings: [String: String] = [:]
        ) {
            self.name = name
            self.filter = filter
            self.log = log
            self.ports = ports
            self.maxRetry = maxRetry
            self.findTime = findTime
            self.banTime = banTime
            self.settings = settings
        }

        /// The jail of sshd.
        public static let sshd = Jail("sshd")
    }
}
