/// The DNS servers of a machine without a resolver service, in `/etc/resolv.conf` (resolv.conf(5)).
///
///     ResolvConf("10.0.0.1", "9.9.9.9", search: ["example.lan"])
///
/// The file is nothing else: a link in its place, as of systemd-resolved or resolvconf, is replaced, and comes back
/// with a revert. For a machine that runs systemd-resolved there is ``Resolved``. A DHCP client may write its servers
/// into the file again; the next run then sets it again.
public struct ResolvConf: Revertible {
    public typealias Target = AnyLinux

    public let servers: [String]
    public let search: [String]
    public let options: [String]

    /// - Parameters:
    ///   - servers: the addresses of one to three servers, in their order: the C library asks no more.
    ///   - search: the domains in which names without a dot are looked for; none by default.
    ///   - options: options such as `edns0` or `timeout:2`; none by default.
    public init(_ servers: String..., search: [String] = [], options: [String] = []) {
        self.servers = servers
        self.search = search
        self.options = options
    }

    public var name: String { "DNS servers \(servers.joined(separator: ", "))" }
    public var claims: [Claim] { file.claims }
    public var problems: [String] { problems(in: validate) }

    private static let path: FilePath = "/etc/resolv.conf"

    private var file: File {
        var lines = servers.map { "nameserver \($0)" }
        if !search.isEmpty { lines.append("search \(search.joined(separator: " "))") }
        if !options.isEmpty { lines.append("options \(options.joined(separator: " "))") }
        return File(Self.path, lines.map { $0 + "\n" }.joined())
    }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard try machine.files.status(of: Self.path)?.kind == .link else { return try await file.check(on: machine) }
        let destination = try machine.files.destination(ofLink: Self.path)
        return .unmet("replace the link to \(destination.escaped)")
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        if try machine.files.status(of: Self.path)?.kind == .link {
            try machine.originals.keep(Self.path)
            try machine.files.remove(Self.path)
        }
        try await file.apply(on: machine)
    }

    public func checkReverted(on machine: Machine) async throws -> Check { try machine.checkRestored([Self.path]) }
    public func revert(on machine: Machine) async throws { try machine.originals.restore(Self.path) }

    private func validate() throws {
        guard 1...3 ~= servers.count else {
            throw Failure("\(servers.count) DNS servers are declared", advice: "Give one, two or three.")
        }
        for server in servers {
            let address = server.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard IPAddress.bytes(address[0]) != nil, address.count == 1 || Self.isWord(address[1]) else {
                throw Failure("invalid DNS server “\(server.escaped)”", advice: "Write an address: 9.9.9.9.")
            }
        }
        for word in search + options where !Self.isWord(word) {
            throw Failure(
                "invalid word “\(word.escaped)” of \(Self.path)", advice: "Write domains and options one per string.")
        }
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || ".-_:".utf8.contains($0) }
    }
}
