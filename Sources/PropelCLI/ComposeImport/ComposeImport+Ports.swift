extension ComposeImport {
    mutating func ports(_ value: ComposeValue) {
        for port in value.list ?? [] {
            if port.isMap {
                publish(
                    published: port["published"]?.text?.literal, target: port["target"]?.text?.literal ?? "",
                    transport: port["protocol"]?.string ?? "tcp", address: port["host_ip"]?.text,
                    words: port["target"]?.text?.words ?? "")
            } else if let text = port.text {
                short(text)
            }
        }
    }

    /// `[[ADDRESS:]PORT:]PORT[/PROTOCOL]`, each a port or a range.
    private mutating func short(_ text: ComposeText) {
        var text = text, variable: ComposeText?
        // `${ADDRESS}:53:53`: hosts.conf gives the address of each host.
        if case .key? = text.parts.first, text.parts.count == 2, case .literal(let rest) = text.parts[1],
            rest.hasPrefix(":"), rest.filter({ $0 == ":" }).count == 2
        {
            variable = ComposeText(parts: [text.parts[0]])
            text = ComposeText(String(rest.dropFirst()))
        }
        guard let literal = text.literal else {
            return omit("ports: \(text.words)", "give the value of its variable in --env")
        }
        let parts = literal.split(separator: "/", maxSplits: 1).map(String.init)
        guard var rest = parts.first else { return omit("ports", "it is empty") }
        let transport = parts.count > 1 ? parts[1] : "tcp"
        let colon = rest.lastIndex(of: ":"), target = colon.map { String(rest[rest.index(after: $0)...]) } ?? rest
        guard let colon else {
            return publish(published: nil, target: target, transport: transport, address: nil, words: literal)
        }
        rest = String(rest[..<colon])
        var address = variable, published = rest
        if let colon = rest.lastIndex(of: ":") {
            published = String(rest[rest.index(after: colon)...])
            address = ComposeText(String(rest[..<colon].filter { !"[]".contains($0) }))
        }
        publish(published: published, target: target, transport: transport, address: address, words: literal)
    }

    private mutating func publish(
        published: String?, target: String, transport: String, address: ComposeText?, words: String
    ) {
        // In the network of the machine a program listens on its port itself: compose ignores the other one.
        let isOfMachine = current?["network_mode"]?.string == "host"
        guard let published = isOfMachine ? target : published, !published.isEmpty, published != "0" else {
            return omit("ports: \(words)", "choose a port of the machine: Publish(PORT, to: \(target))")
        }
        guard let outer = Self.range(published), let inner = Self.range(target), outer.count == inner.count else {
            return omit("ports: \(words)", "it is no port, or one of several: choose a port of the machine")
        }
        // All addresses of IPv4: the same as none, but for IPv6.
        let on = address.flatMap { isOfMachine || $0.literal == "" ? nil : ", on: \(content($0))" } ?? ""
        func line(_ outer: String, _ inner: String) -> String {
            let port =
                transport.lowercased() == "tcp" ? outer : "Port(\(outer), transport: \(SwiftText.quote(transport)))"
            return "Publish(\(port)\(outer == inner ? "" : ", to: \(inner)")\(on))"
        }
        guard outer.count > 8 else {
            for (from, to) in zip(outer, inner) {
                let part = line("\(from)", "\(to)")
                if !lines.contains(part) { lines.append(part) }
            }
            return
        }
        lines.append("for port: UInt16 in \(outer.lowerBound)...\(outer.upperBound) {")
        let shift = inner.lowerBound - outer.lowerBound
        let target = shift == 0 ? "port" : shift > 0 ? "port + \(shift)" : "port - \(-shift)"
        let port =
            transport.lowercased() == "tcp" ? "Port(port)" : "Port(port, transport: \(SwiftText.quote(transport)))"
        lines.append("    Publish(\(port)\(shift == 0 ? "" : ", to: \(target)")\(on))")
        lines.append("}")
    }

    /// `80` or `8000-8010`.
    private static func range(_ text: String) -> ClosedRange<Int>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = ends.first ?? nil, ends.count <= 2, let last = ends.last ?? nil, first <= last,
            (1...65535).contains(first), (1...65535).contains(last)
        else { return nil }
        return first...last
    }
}
