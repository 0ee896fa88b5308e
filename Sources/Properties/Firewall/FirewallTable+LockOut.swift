extension FirewallTable {
    /// Refuses rules that would not let the present connection in, in their order: the next run could not reach the
    /// machine. If it is not known, one of the ports of ssh must be open to somebody.
    func refuseLockout(_ declared: [DeclaredPort], on machine: Machine) async throws {
        let rules = expanded(declared)
        if let connection = machine.connection {
            let visitor = Visitor(
                client: IPNetwork(connection.client), server: IPNetwork(connection.server), port: connection.port)
            if let refusal = try await refusal(of: visitor, by: rules, on: machine) { throw refusal }
            return
        }
        var refusals: [Failure] = []
        for port in Self.sshPorts(declared) {
            guard let refusal = try await refusal(of: Visitor(port: port), by: rules, on: machine) else { return }
            refusals.append(refusal)
        }
        if let first = refusals.first { throw first }
    }

    /// Why a connection would not be let in; nil if it would.
    private func refusal(
        of visitor: Visitor, by rules: [Firewall.Rule], on machine: Machine
    ) async throws -> Failure? {
        var interface: String?, isInterfaceKnown = false
        for rule in rules where rule.direction == .incoming {
            guard visitor.isMatched(by: rule) else { continue }
            if let wanted = rule.incoming {
                if visitor.client == nil {
                    if rule.isAllowing { return nil }
                    continue
                }
                if !isInterfaceKnown {
                    interface = try await Self.interface(towards: visitor.client, on: machine)
                    isInterfaceKnown = true
                }
                guard let interface else {
                    // It cannot be told, so a rule that allows does not count, and one that denies does.
                    if rule.isAllowing { continue }
                    return failure(visitor, rule)
                }
                guard Self.matches(interface, wanted) else { continue }
            }
            return rule.isAllowing ? nil : failure(visitor, rule)
        }
        return incoming == .deny ? failure(visitor, nil) : nil
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
