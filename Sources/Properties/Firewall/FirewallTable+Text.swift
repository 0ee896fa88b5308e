extension FirewallTable {
    /// The rules that decide: the declared ports in their place, and ssh at the end if no rule names its port.
    func expanded(_ declared: [DeclaredPort]) -> [Firewall.Rule] {
        var all = rules.flatMap { rule in
            guard case .allowDeclared(let excepted) = rule.verdict else { return [rule] }
            let ports = declared.map(\.port).filter { !excepted.contains($0) }
            return [Firewall.Transport.tcp, .udp].compactMap { transport in
                let numbers = Set(ports.filter { $0.transport == "\(transport)" }.map(\.number)).sorted()
                guard !numbers.isEmpty else { return nil }
                var allowed = rule
                allowed.verdict = .allow
                allowed.ports = numbers.map { .init($0) }
                allowed.transport = transport
                return allowed
            }
        }
        let ssh = Self.sshPorts(declared).filter { port in
            !all.contains { $0.direction == .incoming && $0.transport != .udp && $0.names(port) }
        }
        if !ssh.isEmpty {
            all.append(.init(verdict: .allow, ports: ssh.map { .init($0) }, transport: .tcp, comment: "ssh"))
        }
        return all
    }

    /// The ports of sshd: those that are declared, else 22.
    static func sshPorts(_ declared: [DeclaredPort]) -> [UInt16] {
        let ports = declared.ssh
        return ports.isEmpty ? [22] : ports
    }

    /// The file for nft. It replaces the table, and nothing else, in one transaction.
    func text(of declared: [DeclaredPort]) -> String {
        let rules = expanded(declared)
        var lines = [
            "#!/usr/sbin/nft -f", "# Kept by Propel: changes are overwritten.", "", "table inet propel",
            "delete table inet propel", "", "table inet propel {",
        ]
        for (number, rule) in rules.enumerated() {
            guard case .limit = rule.verdict else { continue }
            for isIPv6 in rule.families { lines += Self.limitSet(number, isIPv6: isIPv6) }
        }
        lines += chain("input", "filter hook input priority filter", incoming, Self.inputBase, rules, .incoming)
        if outgoing == .deny || rules.contains(where: { $0.direction == .outgoing }) {
            lines += chain("output", "filter hook output priority filter", outgoing, Self.outputBase, rules, .outgoing)
        }
        if filtersDocker { lines += published(rules) }
        let isForwarding = rules.contains { $0.direction == .forwarded && $0.verdict != .masquerade }
        if forwarded == .deny || filtersDocker || isForwarding {
            lines += chain(
                "forward", "filter hook forward priority filter", forwarded, forwardBase, rules, .forwarded)
        }
        let masqueraded = rules.filter { $0.verdict == .masquerade }
        if !masqueraded.isEmpty {
            lines += ["\tchain postrouting {", "\t\ttype nat hook postrouting priority srcnat; policy accept;"]
            lines += masqueraded.flatMap { $0.lines(0) }.map { "\t\t\($0)" } + ["\t}", ""]
        }
        lines[lines.count - 1] = "}"
        return lines.joined(separator: "\n") + "\n"
    }

    private func chain(
        _ name: String, _ hook: String, _ policy: Firewall.Policy, _ base: [String], _ rules: [Firewall.Rule],
        _ direction: Firewall.Direction
    ) -> [String] {
        let own = rules.enumerated().filter { $0.element.direction == direction && $0.element.verdict != .masquerade }
        let lines = base + own.flatMap { $0.element.lines($0.offset) }
        return ["\tchain \(name) {", "\t\ttype \(hook); policy \(policy == .allow ? "accept" : "drop");"]
            + lines.map { "\t\t\($0)" } + ["\t}", ""]
    }

    /// Docker has rewritten the destination of these packets, before the hook forward; the connection still knows the
    /// port that they came for.
    private func published(_ rules: [Firewall.Rule]) -> [String] {
        let own = rules.enumerated().filter { $0.element.direction == .incoming }
        let lines = own.flatMap { $0.element.lines($0.offset, isPublished: true) } + (incoming == .deny ? ["drop"] : [])
        return ["\tchain published {"] + lines.map { "\t\t\($0)" } + ["\t}", ""]
    }

    private static func limitSet(_ number: Int, isIPv6: Bool) -> [String] {
        [
            "\tset limited_\(number)_\(isIPv6 ? "v6" : "v4") {", "\t\ttype \(isIPv6 ? "ipv6_addr" : "ipv4_addr")",
            "\t\tsize 65535", "\t\tflags dynamic,timeout", "\t\ttimeout 1m", "\t}", "",
        ]
    }

    /// Neighbours before the state: the kernel does not track them. Without them IPv6 does not work at all (RFC 4890).
    private static let inputBase = [
        "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept",
        "icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } accept",
        "ct state established,related accept",
        "ct state invalid drop",
        "iifname \"lo\" accept",
        "icmp type { destination-unreachable, time-exceeded, parameter-problem, echo-request } accept",
        "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request } "
            + "accept",
        "udp sport 67 udp dport 68 accept",
        "ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept",
    ]

    private static let outputBase = [
        "ct state established,related accept",
        "oifname \"lo\" accept",
        "meta l4proto { icmp, ipv6-icmp } accept",
        "udp sport 68 udp dport 67 accept",
        "udp sport 546 udp dport 547 accept",
    ]

    /// The lines before the rules. Packets from and to containers are judged by docker's
    /// chains; a packet has to pass both.
    private var forwardBase: [String] {
        let to = ["oifname \"docker0\" accept", "oifname \"br-*\" accept"]
        return ["ct state established,related accept", "ct state invalid drop"]
            + ["iifname \"docker0\" accept", "iifname \"br-*\" accept"]
            + (filtersDocker ? ["ct status dnat jump published"] + to.map { "ct status dnat \($0)" } : to)
    }
}

extension Firewall.Rule {
    /// Whether it is about this port of TCP in particular.
    func names(_ port: UInt16) -> Bool { ports.contains { $0.range.contains(port) } }

    /// The families of addresses that it matches: IPv4, IPv6 or both.
    var families: [Bool] {
        [false, true].filter { isIPv6 in
            [sources, destinations].allSatisfy { addresses in
                addresses.texts.isEmpty || addresses.networks.contains { $0.isIPv6 == isIPv6 }
            }
        }
    }

    /// The lines for nft: one, or one for each family of addresses.
    /// - Parameters:
    ///   - number: its place among the rules, for the name of its sets.
    ///   - isPublished: whether the ports are those under which docker publishes others.
    func lines(_ number: Int, isPublished: Bool = false) -> [String] {
        let dependsOnFamily = !sources.texts.isEmpty || !destinations.texts.isEmpty
        if case .limit(let perMinute) = verdict {
            let burst = max(perMinute / 2, 1)
            let limits = families.map { isIPv6 in
                let source = isIPv6 ? "ip6 saddr" : "ip saddr"
                return
                    (matches(isIPv6: isIPv6, isPublished) + [
                        "ct state new update @limited_\(number)_\(isIPv6 ? "v6" : "v4")",
                        "{ \(source) limit rate over \(perMinute)/minute burst \(burst) packets } drop",
                    ]).joined(separator: " ")
            }
            var allowed = self
            allowed.verdict = .allow
            return limits + allowed.lines(number, isPublished: isPublished)
        }
        let word = verdict == .allow ? "accept" : verdict == .deny ? "drop" : "\(verdict)"
        let end = [word] + (comment.map { ["comment \"\($0)\""] } ?? [])
        let variants: [Bool?] = dependsOnFamily ? families.map { $0 } : [nil]
        return variants.map { (matches(isIPv6: $0, isPublished) + end).joined(separator: " ") }
    }

    private func matches(isIPv6: Bool?, _ isPublished: Bool) -> [String] {
        var words: [String] = []
        if let incoming { words.append("iifname \"\(incoming)\"") }
        if let outgoing { words.append("oifname \"\(outgoing)\"") }
        if let isIPv6 {
            let family = isIPv6 ? "ip6" : "ip"
            for (field, addresses) in [("saddr", sources), ("daddr", destinations)] where !addresses.texts.isEmpty {
                let networks = addresses.networks.filter { $0.isIPv6 == isIPv6 }.merged
                words.append("\(family) \(field) \(Self.set(networks.map(\.description)))")
            }
        }
        let list = ports.isEmpty ? nil : Self.set(ports.merged.map(\.text))
        switch (transport, list) {
        case (.tcp, let list?) where !isPublished: words.append("tcp dport \(list)")
        case (.udp, let list?) where !isPublished: words.append("udp dport \(list)")
        case (let transport?, let list):
            words.append("meta l4proto \(transport.text)")
            if let list { words.append(isPublished ? "ct original proto-dst \(list)" : "th dport \(list)") }
        case (nil, _): break
        }
        return words
    }

    private static func set(_ elements: [String]) -> String {
        elements.count == 1 ? elements[0] : "{ \(elements.joined(separator: ", ")) }"
    }
}

extension Firewall.Transport {
    fileprivate var text: String {
        switch self {
        case .tcp: "tcp"
        case .udp: "udp"
        case .both: "{ tcp, udp }"
        case .number(let number): "\(number)"
        }
    }
}
