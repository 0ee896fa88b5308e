extension Firewall.Rule {
    /// - Throws: ``Failure`` if a part of the rule is invalid.
    func validate() throws {
        if sources.isEmptyList || destinations.isEmptyList {
            throw Failure(
                "the firewall rule “\(described)” has a list of addresses that is empty",
                advice: "Leave the rule out where there are no addresses. A rule for all has no from: and to:.")
        }
        for text in sources.texts + destinations.texts where IPNetwork(text) == nil {
            throw Failure(
                "invalid address “\(text.escaped)” in the firewall rule “\(described)”",
                advice: "Write an address or a network: 192.0.2.7, 10.0.0.0/8, 2001:db8::/32.")
        }
        for name in [incoming, outgoing].compactMap(\.self) {
            try InterfaceName.validate(name, allowsWildcard: true)
        }
        if ports.contains(where: { $0.range.contains(0) }) {
            throw Failure("the firewall rule “\(described)” has the port 0", advice: "Ports are from 1 to 65535.")
        }
        if !ports.isEmpty, case .number = transport {
            throw Failure(
                "the firewall rule “\(described)” has ports of a protocol that has none",
                advice: "Leave the ports out, or give .tcp, .udp or .both.")
        }
        if case .limit(let count) = verdict, !(1...60_000).contains(count) {
            throw Failure(
                "the firewall rule “\(described)” allows \(count) connections per minute", advice: "Give 1 to 60000.")
        }
        if let comment,
            comment.isEmpty || comment.utf8.count > 120
                || comment.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\"") })
        {
            throw Failure(
                "invalid comment “\(comment.escaped)” of a firewall rule",
                advice: "Use one line of at most 120 bytes, without quotation marks.")
        }
        guard !families.isEmpty else {
            throw Failure(
                "the firewall rule “\(described)” matches nothing, since its addresses are IPv4 on one side and IPv6 "
                    + "on the other")
        }
        if verdict == .masquerade, sources.texts.isEmpty {
            throw Failure("the firewall rule “\(described)” names no network", advice: "Give from: \"10.8.0.0/24\".")
        }
    }

    private var described: String { description.escaped }
}
