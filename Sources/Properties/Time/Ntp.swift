/// A clock that systemd-timesyncd(8) keeps right over the network.
///
///     Ntp()
///     Ntp(servers: "0.de.pool.ntp.org", "1.de.pool.ntp.org")
///
/// Another time daemon, such as chrony, is not removed for it: if one is installed, this fails and says so. A container
/// has the clock of its host: there the service is enabled, and a condition of its unit keeps it from running.
///
/// ``Service`` stops it: `Service("systemd-timesyncd", isRunning: false, isEnabled: false)`.
public struct Ntp: CompositeProperty {
    public typealias Target = DebianLike

    /// The servers that are asked first.
    public let servers: [String]
    /// The servers that are asked if no others are known; empty for Debian's.
    public let fallback: [String]

    /// - Parameters:
    ///   - servers: host names or addresses, asked before those that the network names; none by default.
    ///   - fallback: the servers that are asked if no others are known; Debian's by default.
    public init(servers: String..., fallback: [String] = []) {
        self.servers = servers
        self.fallback = fallback
    }

    public var name: String { "network time" }

    public var body: [Declaration] {
        Apt.Installed("systemd-timesyncd")
        if servers.isEmpty && fallback.isEmpty {
            TimesyncServers(servers: [], fallback: []).reverted().onChange(Service.Restart(Timesyncd.unit))
        } else {
            Directory(TimesyncServers.path.removingLastComponent())
            TimesyncServers(servers: servers, fallback: fallback).onChange(Service.Restart(Timesyncd.unit))
        }
        Timesyncd()
    }
}

/// The servers that systemd-timesyncd asks (timesyncd.conf(5)).
struct TimesyncServers: FileBacked {
    typealias Target = AnyLinux

    static let path: FilePath = "/etc/systemd/timesyncd.conf.d/propel.conf"

    let servers: [String]
    let fallback: [String]

    var name: String { "time servers" }
    var claims: [Claim] {
        [
            .path(
                Self.path, is: "\(servers) \(fallback)",
                summary: "time servers \((servers + fallback).map(\.escaped).joined(separator: ", "))")
        ]
    }

    var file: File {
        var text = "[Time]\n"
        if !servers.isEmpty { text += "NTP=\(servers.joined(separator: " "))\n" }
        if !fallback.isEmpty { text += "FallbackNTP=\(fallback.joined(separator: " "))\n" }
        return File(Self.path, text)
    }

    func validate() throws {
        for server in servers + fallback {
            guard !server.isEmpty, server.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ".:-_".utf8.contains($0) })
            else {
                throw Failure(
                    "invalid time server “\(server.escaped)”",
                    advice: "Write a host name or an address, one per string: 0.pool.ntp.org.")
            }
        }
    }
}

/// The service systemd-timesyncd: enabled, and running unless a condition of its unit forbids that.
struct Timesyncd: Property {
    typealias Target = AnyLinux

    static let unit = "systemd-timesyncd.service"

    var name: String { "\(Self.unit) enabled, and running where its conditions allow it" }
    var claims: [Claim] { [Claim("the unit \(Self.unit)", is: "running, enabled")] }

    func announce(to machine: Machine) { service.announce(to: machine) }

    func check(on machine: Machine) async throws -> Check {
        let check = try await service.check(on: machine)
        guard case .unmet = check else { return check }
        let found = try await machine.unit(Self.unit)
        // Where a condition of the unit forbids it, there is nothing more to do.
        return found.isEnabled && found.active == "inactive" && found.isKeptFromRunning ? .satisfied : check
    }

    func apply(on machine: Machine) async throws { try await service.apply(on: machine) }

    private var service: Service { Service(Self.unit) }
}
