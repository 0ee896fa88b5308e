extension WireGuard {
    /// Brings the configuration of a tunnel to the running interface. Connections stay, unless the addresses differ or
    /// a peer gets all traffic: then the tunnel is started again.
    public struct Sync: Action {
        public typealias Target = DebianLike

        public let interface: String

        /// - Parameter interface: the name of the interface.
        public init(_ interface: String) { self.interface = interface }

        public var name: String { "sync the tunnel \(interface)" }

        public func perform(on machine: Machine) async throws {
            let unit = "wg-quick@\(interface).service"
            // A tunnel that does not run reads its configuration when it is started.
            guard try await machine.unit(unit).isActive else { return }
            let path = WireGuardConfiguration.path(interface)
            var text = try machine.files.read(path)
            defer { text.wipe() }
            let wanted = TunnelSettings(text)
            guard try await addresses(on: machine) == wanted.addresses, !wanted.hasDefaultRoute,
                try await !routesEverything(on: machine), try await hasMTU(wanted.mtu, on: machine)
            else {
                return try await machine.control(.restart, unit)
            }
            var stripped = try await machine.run("wg-quick", "strip", interface).output
            defer { stripped.wipe() }
            var input = try withKey(stripped, on: machine)
            defer { input.wipe() }
            try await machine.succeed(Invocation("wg", ["syncconf", interface, "/dev/stdin"], input: input))
            try await syncRoutes(wanted, on: machine)
        }

        /// The private key that was made on the machine is not in the file; without one syncconf removes it.
        private func withKey(_ stripped: [UInt8], on machine: Machine) throws -> [UInt8] {
            guard var key = try machine.files.readIfPresent(WireGuardKey.path(interface)),
                !String(decoding: stripped, as: UTF8.self).lines.contains(where: { $0.hasPrefix("PrivateKey") })
            else { return stripped }
            defer { key.wipe() }
            let head = Array("[Interface]\n".utf8)
            guard let start = stripped.firstRange(of: head) else { return stripped }
            return stripped[..<start.upperBound] + Array("PrivateKey = ".utf8) + key + Array("\n".utf8)
                + stripped[start.upperBound...]
        }

        private func addresses(on machine: Machine) async throws -> Set<String> {
            let json = try await ip(["address", "show", "dev", interface], on: machine)
            let all = json.array?.first?["addr_info"]?.array ?? []
            return Set(
                all.filter { $0["scope"]?.string != "link" }.compactMap { address in
                    guard let local = address["local"]?.string, let length = address["prefixlen"]?.integer else {
                        return nil
                    }
                    return "\(local)/\(length)"
                })
        }

        private func hasMTU(_ mtu: Int?, on machine: Machine) async throws -> Bool {
            guard let mtu else { return true }
            let path = FilePath("/sys/class/net/\(interface)/mtu")
            return try Int(machine.files.text(path).trimmed) == mtu
        }

        /// Whether wg-quick has routed all traffic into the tunnel, by rules that it alone can take back.
        private func routesEverything(on machine: Machine) async throws -> Bool {
            try await machine.run("wg", "show", interface, "fwmark").text.trimmed != "off"
        }

        /// Adds the routes of new networks, and removes those that wg-quick has made for others.
        private func syncRoutes(_ wanted: TunnelSettings, on machine: Machine) async throws {
            for (family, isIPv6) in [("-4", false), ("-6", true)] {
                let json = try await ip([family, "route", "show", "dev", interface], on: machine)
                let present = (json.array ?? []).filter { $0["protocol"]?.string == "boot" || $0["protocol"] == nil }
                    .compactMap { $0["dst"]?.string }.compactMap { IPNetwork($0) }
                let networks = wanted.networks.filter { $0.isIPv6 == isIPv6 && !wanted.isCovered($0) }
                for network in networks where !present.contains(network) {
                    try await machine.run("ip", family, "route", "replace", "\(network)", "dev", interface)
                }
                for network in present where !networks.contains(network) && !wanted.isOwn(network) {
                    try await machine.run("ip", family, "route", "del", "\(network)", "dev", interface)
                }
            }
        }

        private func ip(_ arguments: [String], on machine: Machine) async throws -> JSON {
            let output = try await machine.succeed(Invocation("ip", ["-json"] + arguments)).output
            return output.contains { $0 > 0x20 } ? try JSON(parsing: output) : .array([])
        }
    }
}

/// The addresses and routes in a file of wg-quick.
struct TunnelSettings {
    /// With the lengths of their networks, in their shortest spelling.
    private(set) var addresses: Set<String> = []
    private(set) var networks: [IPNetwork] = []
    private(set) var mtu: Int?

    init(_ text: [UInt8]) {
        for line in String(decoding: text, as: UTF8.self).lines {
            let parts = line.split(separator: "=", maxSplits: 1).map { String($0).trimmed }
            guard parts.count == 2 else { continue }
            let words = parts[1].split(separator: ",").map { String($0).trimmed }
            switch parts[0] {
            case "Address": addresses.formUnion(words.compactMap(Self.address))
            case "AllowedIPs": networks += words.compactMap { IPNetwork($0) }
            case "MTU": mtu = Int(parts[1])
            default: break
            }
        }
    }

    /// Whether a peer gets all traffic.
    var hasDefaultRoute: Bool { networks.contains { $0.prefix == 0 } }

    /// Whether a network is that of an address of the machine, for which the kernel has a route.
    func isOwn(_ network: IPNetwork) -> Bool { addresses.contains { IPNetwork($0) == network } }

    /// Whether the kernel has a route for a network already.
    func isCovered(_ network: IPNetwork) -> Bool { addresses.contains { IPNetwork($0)?.contains(network) == true } }

    private static func address(_ text: String) -> String? {
        let parts = text.split(separator: "/")
        guard let first = parts.first, let address = IPNetwork(String(first)) else { return nil }
        return "\(address)/\(parts.count == 2 ? String(parts[1]) : address.isIPv6 ? "128" : "32")"
    }
}
