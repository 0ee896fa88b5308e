/// A clock that chrony keeps right over the network, and passes on to others if that is declared (chrony.conf(5)).
///
///     Chrony()
///     Chrony(servers: "ntp1.example.com", "ntp2.example.com", keepsDefaults: false, serves: ["192.168.1.0/24"])
///
/// It takes the place of systemd-timesyncd, which is removed: for a machine that only asks for the time, ``Ntp`` is
/// enough.
///
/// `Apt.Absent("chrony")` before ``Ntp`` goes back to systemd-timesyncd.
public struct Chrony: CompositeProperty {
    public typealias Target = DebianLike

    public let servers: [String]
    public let keepsDefaults: Bool
    public let networks: [String]

    /// - Parameters:
    ///   - servers: names or addresses of time servers; none by default besides those of Debian.
    ///   - keepsDefaults: whether Debian's pool is asked too; yes by default.
    ///   - networks: the networks that may ask this machine for the time; none by default.
    public init(servers: String..., keepsDefaults: Bool = true, serves networks: [String] = []) {
        self.servers = servers
        self.keepsDefaults = keepsDefaults
        self.networks = networks
    }

    public var name: String { "network time by chrony" }

    public var body: [Declaration] {
        // With one transaction of apt the machine is not without a time daemon.
        Apt.Absent("systemd-timesyncd")
        Apt.Installed("chrony")
        if !servers.isEmpty {
            ChronyFile(path: "/etc/chrony/sources.d/propel.sources", values: servers) { "server \($0) iburst" }
                .onChange(Service.Restart("chrony"))
        }
        if !keepsDefaults {
            Line.Absent("/etc/chrony/chrony.conf", "pool 2.debian.pool.ntp.org iburst")
                .onChange(Service.Restart("chrony"))
        }
        if !networks.isEmpty {
            ChronyFile(path: "/etc/chrony/conf.d/propel.conf", values: networks) { "allow \($0)" }
                .onChange(Service.Restart("chrony"))
        }
        Service("chrony")
    }
}

/// A file of chrony with one line for each value.
struct ChronyFile: FileBacked {
    typealias Target = DebianLike

    let path: FilePath
    let values: [String]
    private let text: String

    init(path: FilePath, values: [String], _ line: (String) -> String) {
        self.path = path
        self.values = values
        text = values.map { line($0) + "\n" }.joined()
    }

    var name: String { "chrony: \(path.lastComponent?.string ?? "")" }
    var file: File { File(path, text) }

    func validate() throws {
        for value in values {
            guard !value.isEmpty, value.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ".:-_/".utf8.contains($0) }) else {
                throw Failure(
                    "invalid server or network “\(value.escaped)” of chrony",
                    advice: "Write a name, an address, or a network such as 192.168.1.0/24.")
            }
        }
    }
}
