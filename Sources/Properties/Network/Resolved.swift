/// The resolver of systemd: its servers, and how it asks them (systemd-resolved(8), resolved.conf(5)).
///
///     Apt.Installed("systemd-resolved")
///     Resolved(servers: "9.9.9.9#dns.quad9.net", "2620:fe::fe#dns.quad9.net", dnsOverTLS: .yes)
///     Resolved(servers: "10.0.0.53", domains: ["~example.lan"], listens: false)
///
/// The last keeps port 53 free for another server on the machine, such as Pi-hole or AdGuard. Where `/etc/resolv.conf`
/// is a link to the address that is then gone, it becomes one to the servers themselves.
///
/// Settings that are not given stay as they are; a list that is given takes the place of the present one. A change
/// restarts the resolver. systemd-resolved must be installed, which on Ubuntu, and on Debian before 12, it is with
/// systemd.
public struct Resolved: FileBacked {
    public typealias Target = DebianLike

    /// Whether names must be signed (DNSSEC).
    public enum DNSSEC: String, Sendable {
        case yes
        case no
        /// If the server knows of signatures.
        case allowDowngrade = "allow-downgrade"
    }

    /// Whether the servers are asked by TLS.
    public enum DNSOverTLS: String, Sendable {
        case yes
        case no
        /// If the server answers so.
        case opportunistic
    }

    public let servers: [String]
    public let fallback: [String]?
    public let domains: [String]?
    public let dnssec: DNSSEC?
    public let dnsOverTLS: DNSOverTLS?
    public let multicastDNS: Bool?
    public let llmnr: Bool?
    /// Whether it listens on 127.0.0.53.
    public let listens: Bool?

    /// - Parameters:
    ///   - servers: the addresses of the servers, with `:PORT` and the name of the certificate as `#NAME` where needed;
    ///     by default those that the network names.
    ///   - fallback: the servers that are asked if no others are known; none if the list is empty.
    ///   - domains: the domains in which names without a dot are looked for; `~example.lan` for one whose names these
    ///     servers are asked for, `~.` for all.
    ///   - dnssec: whether names must be signed.
    ///   - dnsOverTLS: whether the servers are asked by TLS.
    ///   - multicastDNS: whether names that end with `.local` are asked for on the network, and the machine answers.
    ///   - llmnr: whether the machine asks and answers by LLMNR, as Windows does.
    ///   - listens: whether it listens on 127.0.0.53, port 53, for programs that ask a server.
    public init(
        servers: String..., fallback: [String]? = nil, domains: [String]? = nil, dnssec: DNSSEC? = nil,
        dnsOverTLS: DNSOverTLS? = nil, multicastDNS: Bool? = nil, llmnr: Bool? = nil, listens: Bool? = nil
    ) {
        self.servers = servers
        self.fallback = fallback
        self.domains = domains
        self.dnssec = dnssec
        self.dnsOverTLS = dnsOverTLS
        self.multicastDNS = multicastDNS
        self.llmnr = llmnr
        self.listens = listens
    }

    public var name: String { "resolver" }

    // The last drop-in counts.
    public var file: File {
        File("/etc/systemd/resolved.conf.d/zz-propel.conf", "[Resolve]\n" + settings.map { $0 + "\n" }.joined())
    }

    public var createsDirectory: Bool { true }

    public func declaration(at place: SourcePlace) -> Declaration {
        var declaration = declaration(at: place, requiring: [])
        declaration.actions = [Service.Restart(Self.service)]
        return declaration
    }

    private static let service = "systemd-resolved"
    private static let link: FilePath = "/etc/resolv.conf"
    private static let serversFile = "/run/systemd/resolve/resolv.conf"

    /// - Throws: ``Undetermined`` if systemd-resolved is not installed.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard
            try ["/usr/lib/systemd/systemd-resolved", "/lib/systemd/systemd-resolved"].contains(where: {
                try machine.files.status(of: FilePath($0)) != nil
            })
        else { throw Undetermined(until: "systemd-resolved is installed") }
        var reasons: [String] = try loses(on: machine) ? ["link \(Self.link) to \(Self.serversFile)"] : []
        guard case .unmet(let change) = try await file.check(on: machine, createsDirectory: true) else {
            return .unmet(unlessEmpty: reasons)
        }
        reasons.insert(change.reason, at: 0)
        return .unmet(unlessEmpty: reasons, diff: change.diff)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        if try loses(on: machine) {
            try machine.originals.keep(Self.link)
            try machine.files.createLink(Self.link, to: Self.serversFile)
        }
        try await file.apply(on: machine, createsDirectory: true)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        let link: Check = try listens == false ? machine.checkRestored([Self.link]) : .satisfied
        guard link == .satisfied else { return link }
        return try await file.checkReverted(on: machine, removesDirectory: true)
    }

    public func revert(on machine: Machine) async throws {
        try await file.revert(on: machine, removesDirectory: true)
        if listens == false { try machine.originals.restore(Self.link) }
        try await Service.IfRunning.restart(Self.service).perform(on: machine)
    }

    /// Whether the machine would ask an address on which nothing listens.
    private func loses(on machine: Machine) throws -> Bool {
        guard listens == false else { return false }
        return try isLink(to: "/run/systemd/resolve/stub-resolv.conf", on: machine)
    }

    private func isLink(to destination: String, on machine: Machine) throws -> Bool {
        guard try machine.files.status(of: Self.link)?.kind == .link else { return false }
        let present = FilePath(try machine.files.destination(ofLink: Self.link))
        return FilePath("/etc").pushing(present).lexicallyNormalized().string == destination
    }

    private var settings: [String] {
        func flag(_ value: Bool?) -> String? { value.map { $0 ? "yes" : "no" } }
        // An empty value takes away what other files have.
        func list(_ key: String, _ values: [String]?) -> [String] {
            values.map { $0.isEmpty ? ["\(key)="] : ["\(key)=", "\(key)=\($0.joined(separator: " "))"] } ?? []
        }
        let others: [(String, String?)] = [
            ("DNSSEC", dnssec?.rawValue), ("DNSOverTLS", dnsOverTLS?.rawValue), ("MulticastDNS", flag(multicastDNS)),
            ("LLMNR", flag(llmnr)), ("DNSStubListener", flag(listens)),
        ]
        return list("DNS", servers.isEmpty ? nil : servers) + list("FallbackDNS", fallback) + list("Domains", domains)
            + others.compactMap { key, value in value.map { "\(key)=\($0)" } }
    }

    public func validate() throws {
        guard !settings.isEmpty else {
            throw Failure("the resolver is declared without a setting", advice: "Give one: Resolved(listens: false).")
        }
        for server in servers + (fallback ?? []) where !Self.isServer(server) {
            throw Failure(
                "invalid DNS server “\(server.escaped)”",
                advice: "Write an address, one per string: 9.9.9.9, 9.9.9.9#dns.quad9.net, [2620:fe::fe]:53.")
        }
        for domain in domains ?? [] {
            guard !domain.isEmpty, domain.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "~.-_".utf8.contains($0) }),
                !domain.dropFirst().contains("~"), domain != "~"
            else {
                throw Failure(
                    "invalid domain of the resolver “\(domain.escaped)”",
                    advice: "Write one per string: example.lan, ~example.lan, or ~. for all names.")
            }
        }
    }

    /// Whether it is `ADDRESS`, `ADDRESS:PORT` or `[ADDRESS]:PORT`, with `%INTERFACE` and `#NAME` where they are given.
    private static func isServer(_ text: String) -> Bool {
        func isWord(_ text: Substring) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || ".-_".utf8.contains($0) }
        }
        func parts(_ text: Substring, _ separator: Character) -> [Substring] {
            text.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
        }
        let named = parts(text[...], "#"), bound = parts(named[0], "%")
        guard named.dropFirst().allSatisfy(isWord), bound.dropFirst().allSatisfy(isWord) else { return false }
        var address = bound[0], port: Substring?
        if address.hasPrefix("[") {
            let inner = parts(address.dropFirst(), "]")
            guard inner.count == 2, inner[1].isEmpty || inner[1].hasPrefix(":") else { return false }
            address = inner[0]
            port = inner[1].isEmpty ? nil : inner[1].dropFirst()
        } else if address.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1 {
            let split = parts(address, ":")
            address = split[0]
            port = split[1]
        }
        if let port {
            guard port.utf8.allSatisfy(\.isASCIIDigit), let number = UInt16(port), number > 0 else { return false }
        }
        return IPAddress.bytes(String(address)) != nil
    }
}
