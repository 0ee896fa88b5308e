extension FirewallTable {
    /// Refuses rules that would not let the present connection in, in their order: the next run could not reach the
    /// machine.
    func refuseLockout(_ rules: [Firewall.Rule], on machine: Machine) async throws {
        // Not started through ssh: from any address, to the port of ssh.
        let port = machine.connection?.port ?? Self.port(of: rules)
        let visitor = Visitor(
            client: machine.connection.flatMap { IPNetwork($0.client) },
            server: machine.connection.flatMap { IPNetwork($0.server) }, port: port)
        var interface: String?, isInterfaceKnown = false
        for rule in rules where rule.direction == .incoming {
            guard visitor.isMatched(by: rule) else { continue }
            if let wanted = rule.incoming {
                if !isInterfaceKnown {
                    interface = try await Self.interface(towards: visitor.client, on: machine)
                    isInterfaceKnown = true
                }
                guard let interface else {
                    // It cannot be told, so a rule that allows does not count, and one that denies does.
                    if rule.isAllowing { continue }
                    throw failure(visitor, rule)
                }
                guard Self.matches(interface, wanted) else { continue }
            }
            if rule.isAllowing { return }
            throw failure(visitor, rule)
        }
        if incoming == .deny { throw failure(visitor, nil) }
    }

    /// The connection that must be let in.
    private struct Visitor {
        /// nil for any address.
        var client: IPNetwork?
        var server: IPNetwork?
        var port: UInt16

        /// Whether a rule matches it, whatever the interface. A rule for some addresses counts for an unknown one only
        /// if it allows.
        func isMatched(by rule: Firewall.Rule) -> Bool {
            switch rule.transport {
            case .udp: return false
            case .number(let number): if number != 6 { return false }
            case .tcp, .both, nil: break
            }
            guard rule.ports.isEmpty || rule.names(port) else { return false }
            for (addresses, own) in [(rule.sources, client), (rule.destinations, server)]
            where !addresses.texts.isEmpty {
                guard let own else {
                    if rule.isAllowing { continue }
                    return false
                }
                guard addresses.networks.contains(where: { $0.contains(own) }) else { return false }
            }
            return true
        }
    }

    private static func port(of rules: [Firewall.Rule]) -> UInt16 {
        rules.last { $0.comment == "ssh" }?.ports.first?.range.lowerBound ?? 22
    }

    /// A wildcard at the end stands for any further characters.
    private static func matches(_ interface: String, _ wanted: String) -> Bool {
        wanted.hasSuffix("*") ? interface.hasPrefix(wanted.dropLast()) : interface == wanted
    }

    /// The interface through which answers go to an address; nil if that cannot be told (ip-route(8)).
    private static func interface(towards client: IPNetwork?, on machine: Machine) async throws -> String? {
        guard let client else { return nil }
        let result = try await machine.run(Invocation("ip", ["-json", "route", "get", client.address]))
        guard result.succeeded, let json = try? JSON(parsing: result.output) else { return nil }
        return json.array?.first?["dev"]?.string
    }

    private func failure(_ visitor: Visitor, _ rule: Firewall.Rule?) -> Failure {
        let source = visitor.client.map { " from \($0)" } ?? ""
        let reason = rule.map { "the rule “\($0)” comes first" } ?? "no rule allows it"
        let example = ".allow(\(visitor.port)\(visitor.client.map { ", from: \"\($0)\"" } ?? ""))"
        return Failure(
            "the firewall would not let the present connection in,\(source) to port \(visitor.port)/tcp: \(reason)",
            advice: "Add \(example)\(rule == nil ? "" : " before it"), or deploy through a connection that is allowed.")
    }
}

extension Firewall.Rule {
    fileprivate var isAllowing: Bool {
        switch verdict {
        case .allow, .limit: true
        case .deny, .reject, .masquerade, .allowDeclared: false
        }
    }
}
