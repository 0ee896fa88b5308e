/// A value that only the machine knows, for the texts of a role.
///
///     File("/etc/apt/sources.list.d/example.list", "deb https://apt.example.com \(Fact.codename) main\n")
///     File("/etc/app.conf", "listen = \(Fact.ipv4)\nworkers = \(Fact.processors)\n")
///
/// A plan shows the text with the value. The value is read again after each change of the machine. For properties that
/// only some machines need there is ``When``.
public struct Fact: Sendable, Hashable {
    enum Source: Sendable, Hashable {
        case system(System)
        case hardware(Hardware)
        case network(Network)
        case userID(String)
        case groupID(String)
        case file(FilePath)
    }

    enum System: String, Sendable { case codename, release, distribution, hostname }
    enum Hardware: String, Sendable { case architecture, debianArchitecture, memory, processors, virtualization }
    enum Network: String, Sendable { case ipv4, ipv6, interface }

    let source: Source

    /// The codename of the release, such as `bookworm` (os-release(5), `VERSION_CODENAME`).
    public static let codename = Fact(source: .system(.codename))
    /// The major number of the release, such as `12`.
    public static let release = Fact(source: .system(.release))
    /// The distribution: `debian`, `ubuntu`, `raspbian` (os-release(5), `ID`).
    public static let distribution = Fact(source: .system(.distribution))
    /// The running host name (hostname(7)).
    public static let hostname = Fact(source: .system(.hostname))
    /// The architecture as `uname -m` prints it: `x86_64`, `aarch64`.
    public static let architecture = Fact(source: .hardware(.architecture))
    /// The architecture as Debian names it: `amd64`, `arm64`.
    public static let debianArchitecture = Fact(source: .hardware(.debianArchitecture))
    /// The memory in bytes (proc_meminfo(5), `MemTotal`).
    public static let memory = Fact(source: .hardware(.memory))
    /// The number of processors that the machine sees.
    public static let processors = Fact(source: .hardware(.processors))
    /// The kind of virtualization, as systemd-detect-virt(1) names it: `kvm`, `lxc`; `none` on hardware.
    public static let virtualization = Fact(source: .hardware(.virtualization))
    /// The IPv4 address from which the machine reaches the internet.
    public static let ipv4 = Fact(source: .network(.ipv4))
    /// The IPv6 address from which the machine reaches the internet.
    public static let ipv6 = Fact(source: .network(.ipv6))
    /// The network interface through which the machine reaches the internet.
    public static let interface = Fact(source: .network(.interface))

    /// The UID of a user.
    public static func userID(of name: String) -> Fact { Fact(source: .userID(name)) }
    /// The GID of a group.
    public static func groupID(of name: String) -> Fact { Fact(source: .groupID(name)) }
    /// The one line of a file that a program made on the machine, such as a public key or `/etc/machine-id`. Everybody
    /// must be able to read the file, since plans show the value: for others let Propel generate a ``Secret``.
    public static func text(of path: FilePath) -> Fact { Fact(source: .file(path)) }
}

extension Fact: CustomStringConvertible {
    /// The name of the fact. Its value is known on the machine alone.
    public var description: String {
        switch source {
        case .system(let fact): "<\(fact.rawValue)>"
        case .hardware(let fact): "<\(fact.rawValue)>"
        case .network(let fact): "<\(fact.rawValue)>"
        case .userID(let name): "<UID of \(name)>"
        case .groupID(let name): "<GID of \(name)>"
        case .file(let path): "<text of \(path)>"
        }
    }
}
