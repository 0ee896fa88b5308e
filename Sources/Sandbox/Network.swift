import Foundation
import PlainText

/// The network of all sandboxes: a bridge with masquerading.
///
/// It exists as long as there is a machine. Its changes of this computer (iptables rules, `ip_forward`) are marked or
/// recorded, so that exactly these are undone with the last machine.
struct Network: Codable {
    static let bridge = "propel0"
    /// The comment of the iptables rules.
    private static let mark = "propel-sandbox"
    private static let file = "\(Place.machines)/network.json"
    private static let forwarding = "/proc/sys/net/ipv4/ip_forward"

    /// The first three bytes of the /24, `10.77.0` unless that is in use.
    var prefix: String
    /// The value of `ip_forward` before the first machine.
    let forwardingBefore: String

    var gateway: String { "\(prefix).1" }
    func address(_ number: Int) -> String { "\(prefix).\(number)" }

    /// The MAC address for an IPv4 address. Since it depends on nothing else, a new machine with the address of a
    /// removed one is found at once: neighbours remember the right MAC address.
    func hardwareAddress(_ number: Int) -> String {
        "02:70:72:6f:70:" + (number < 16 ? "0" : "") + String(number, radix: 16)
    }

    /// The present network, if there is one.
    static var current: Network? {
        readFile(file).flatMap { try? JSONDecoder().decode(Network.self, from: Data($0.utf8)) }
    }

    /// Held during changes of the network and of the set of machines.
    static var lock: FileLock { FileLock(path: "\(Place.locks)/network.lock") }

    /// Sets up what is missing of the network. The lock must be held.
    static func ensure() async throws -> Network {
        try makePrivateDirectory(Place.machines)
        let known = current
        let prefix = try await freePrefix(preferring: known?.prefix)
        let found = (readFile(forwarding) ?? "1").trimmed
        let network = Network(prefix: prefix, forwardingBefore: known?.forwardingBefore ?? found)
        // Recorded before the first change, so that `remove` can undo all of them.
        try writeFile(String(decoding: try JSONEncoder().encode(network), as: UTF8.self), to: file, permissions: 0o600)

        if try await !bridgeExists() {
            // Without a fixed MAC address, the bridge takes the lowest one of its ports. That would change with every
            // machine, and the others would continue to use the old one.
            try await LocalCommand("ip", "link", "add", bridge, "address", "02:70:72:6f:70:01", "type", "bridge")
                .output()
        }
        try await LocalCommand("ip", "address", "replace", "\(network.gateway)/24", "dev", bridge).output()
        try await LocalCommand("ip", "link", "set", bridge, "up").output()
        // How often a booting machine is asked for its MAC address; the default of one second is too slow.
        try? setKernelParameter("/proc/sys/net/ipv4/neigh/\(bridge)/retrans_time_ms", to: "50")
        if found != "1" { try setKernelParameter(forwarding, to: "1") }

        if known?.prefix != prefix { try await removeRules() }
        for rule in network.rules {
            if try await !LocalCommand("iptables", ["-w", "-t", rule.table, "-C", rule.chain] + rule.match).succeeds() {
                // As the first rule, since a firewall may drop everything at the end of the chain.
                try await LocalCommand("iptables", ["-w", "-t", rule.table, "-I", rule.chain] + rule.match).output()
            }
        }
        return network
    }

    /// Undoes all changes of `ensure`. The lock must be held.
    static func remove() async throws {
        guard let network = current else { return }
        try await removeRules()
        if try await bridgeExists() {
            try await LocalCommand("ip", "link", "delete", bridge).output()
        }
        if network.forwardingBefore != "1" { try setKernelParameter(forwarding, to: network.forwardingBefore) }
        unlink(file)
        rmdir(Place.machines)
    }

    private static func bridgeExists() async throws -> Bool {
        try await LocalCommand("ip", "link", "show", "dev", bridge).succeeds()
    }

    private var rules: [(table: String, chain: String, match: [String])] {
        let mark = ["-m", "comment", "--comment", Self.mark]
        return [
            ("nat", "POSTROUTING", ["-s", "\(prefix).0/24", "!", "-o", Self.bridge] + mark + ["-j", "MASQUERADE"]),
            ("filter", "FORWARD", ["-i", Self.bridge] + mark + ["-j", "ACCEPT"]),
            (
                "filter", "FORWARD",
                ["-o", Self.bridge, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"] + mark + ["-j", "ACCEPT"]
            ),
        ]
    }

    /// Deletes the marked rules as iptables prints them. None of their words contains a space.
    private static func removeRules() async throws {
        for (table, chain) in [("nat", "POSTROUTING"), ("filter", "FORWARD")] {
            for line in try await LocalCommand("iptables", "-w", "-t", table, "-S", chain).output().nonEmptyLines {
                var words = line.split(separator: " ").map { $0.trimmingCharacters(in: ["\""]) }
                guard words.first == "-A", let comment = words.firstIndex(of: "--comment"),
                    words.indices.contains(comment + 1), words[comment + 1] == mark
                else { continue }
                words[0] = "-D"
                try await LocalCommand("iptables", ["-w", "-t", table] + words).output()
            }
        }
    }

    /// The first of 10.77.0.0/24 … 10.77.255.0/24 without an address or route of another interface.
    ///
    /// Routes to more than a /16 do not count: the route of a VPN to 10.0.0.0/8 would leave no network free, and this
    /// one is more specific.
    private static func freePrefix(preferring known: String?) async throws -> String {
        let routes = try await LocalCommand("ip", "-4", "route", "show", "table", "all").output()
        let taken = routes.nonEmptyLines.compactMap { line -> (UInt32, UInt32)? in
            let words = line.split(separator: " ").map(String.init)
            guard let device = words.firstIndex(of: "dev"), words.indices.contains(device + 1),
                words[device + 1] != bridge
            else { return nil }
            return words.lazy.compactMap(range).first.flatMap { $0.1 - $0.0 > 0xffff ? nil : $0 }
        }
        for prefix in [known].compactMap({ $0 }) + (0...255).map({ "10.77.\($0)" }) {
            guard let (first, last) = range("\(prefix).0/24") else { continue }
            if !taken.contains(where: { $0.0 <= last && first <= $0.1 }) { return prefix }
        }
        throw SandboxError.noFreeNetwork
    }

    /// The first and last address of `a.b.c.d` or `a.b.c.d/n`.
    private static func range(_ text: String) -> (UInt32, UInt32)? {
        let parts = text.split(separator: "/", maxSplits: 1)
        let bytes = parts.first?.split(separator: ".").compactMap { UInt8($0) } ?? []
        guard bytes.count == 4, let length = parts.count == 2 ? UInt32(parts[1]) : 32, length <= 32 else { return nil }
        let address = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let mask: UInt32 = length == 0 ? 0 : ~UInt32(0) << (32 - length)
        return (address & mask, address | ~mask)
    }

    /// The MTU of the default route in bytes; nil if there is no default route.
    static func mtu() async throws -> Int? {
        let words = try await LocalCommand("ip", "-4", "route", "show", "default").output().split(
            whereSeparator: \.isWhitespace)
        guard let device = words.firstIndex(of: "dev"), words.indices.contains(device + 1) else { return nil }
        let link = try await LocalCommand("ip", "link", "show", "dev", String(words[device + 1])).output()
            .split(whereSeparator: \.isWhitespace)
        return link.firstIndex(of: "mtu").flatMap { link.indices.contains($0 + 1) ? Int(link[$0 + 1]) : nil }
    }
}

private func setKernelParameter(_ path: String, to value: String) throws {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SandboxError.systemCall(on: path) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do { try file.write(contentsOf: Data("\(value)\n".utf8)) } catch {
        throw SandboxError.file(path, reason: "cannot set it to \(value): \(error)")
    }
}
