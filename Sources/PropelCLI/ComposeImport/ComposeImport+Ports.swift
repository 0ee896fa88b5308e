extension ComposeImport {
    mutating func ports(_ value: ComposeValue) {
        for port in value.list ?? [] {
            if port.isMap {
                publish(
                    port["published"]?.text, to: port["target"]?.text ?? ComposeText(""),
                    transport: port["protocol"]?.string ?? "tcp", on: port["host_ip"]?.text,
                    words: port["target"]?.text?.words ?? "")
            } else if let text = port.text {
                short(text)
            }
        }
    }

    /// `[[ADDRESS:]PORT:]PORT[/PROTOCOL]`, each a port or a range.
    private mutating func short(_ text: ComposeText) {
        var pieces = text.split(at: ":")
        let last = pieces.removeLast().split(at: "/")
        guard let transport = last.count > 1 ? last[1].literal : "tcp" else {
            return omit("ports: \(text.words)", Self.adviceForVariables)
        }
        let published = pieces.popLast()
        // The address of IPv6 has colons.
        let address = ComposeText(
            parts: pieces.flatMap { [ComposeText.Part.literal(":")] + $0.parts }.dropFirst().map(Self.unbracketed))
        publish(
            published, to: last[0], transport: transport, on: pieces.isEmpty ? nil : address, words: text.words)
    }

    private static func unbracketed(_ part: ComposeText.Part) -> ComposeText.Part {
        if case .literal(let text) = part { .literal(text.filter { !"[]".contains($0) }) } else { part }
    }

    private mutating func publish(
        _ published: ComposeText?, to target: ComposeText, transport: String, on address: ComposeText?, words: String
    ) {
        // In the network of the machine a program listens on its port itself: compose ignores the other one.
        let isOfMachine = current?["network_mode"]?.string == "host"
        let outer = isOfMachine ? target : published ?? ComposeText("")
        // All addresses of IPv4: the same as none, but for IPv6.
        let on = address.flatMap { isOfMachine || $0.literal == "" ? nil : ", on: \(content($0))" } ?? ""
        if let outer = outer.literal, let inner = target.literal {
            return publish(outer, to: inner, transport: transport, on: on, words: words)
        }
        guard let port = number(outer), let inner = number(target) else {
            return omit("ports: \(words)", Self.adviceForVariables)
        }
        lines.append("Publish(\(Self.port(port, transport))\(port == inner ? "" : ", to: \(inner)")\(on))")
    }

    /// A port that is no literal, or has another transport than TCP.
    private static func port(_ number: String, _ transport: String) -> String {
        isTCP(transport) ? "Port(\(number))" : "Port(\(number), transport: \(SwiftText.quote(transport)))"
    }

    private static func isTCP(_ transport: String) -> Bool { transport.lowercased() == "tcp" }

    /// The number of a port, which hosts.conf may give; nil for a range, or a part of a number.
    private mutating func number(_ text: ComposeText) -> String? {
        if let literal = text.literal { return Self.range(literal).flatMap { $0.count == 1 ? literal : nil } }
        guard text.parts.count == 1, case .key(let variable) = text.parts[0] else { return nil }
        // 0 is a problem that is found before a machine is touched.
        return "UInt16(\(constant(variable))) ?? 0"
    }

    private mutating func publish(_ published: String, to target: String, transport: String, on: String, words: String)
    {
        guard let inner = Self.range(target) else { return omit("ports: \(words)", "it is no port") }
        if published.isEmpty || published == "0" { return publishOnFreePort(inner, transport, on) }
        guard let outer = Self.range(published), outer.count == inner.count || inner.count == 1 else {
            return omit("ports: \(words)", "it is no port, or one of several: choose a port of the machine")
        }
        // Docker takes one of them.
        if outer.count != inner.count {
            return publishOnFreePort(inner, transport, ", of: \(outer.lowerBound)...\(outer.upperBound)" + on)
        }
        func line(_ outer: String, _ inner: String) -> String {
            let port = Self.isTCP(transport) ? outer : Self.port(outer, transport)
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
        lines.append("    Publish(\(Self.port("port", transport))\(shift == 0 ? "" : ", to: \(target)")\(on))")
        lines.append("}")
    }

    /// Ports for which docker chooses those of the machine.
    /// - Parameter rest: the further arguments.
    private mutating func publishOnFreePort(_ ports: ClosedRange<Int>, _ transport: String, _ rest: String) {
        func line(_ port: String) -> String {
            let isTCP = transport.lowercased() == "tcp"
            return
                "PublishOnFreePort(\(isTCP ? port : "Port(\(port), transport: \(SwiftText.quote(transport)))")\(rest))"
        }
        guard ports.count > 8 else { return lines += ports.map { line("\($0)") }.filter { !lines.contains($0) } }
        lines.append("for port: UInt16 in \(ports.lowerBound)...\(ports.upperBound) {")
        lines += ["    " + line(transport.lowercased() == "tcp" ? "Port(port)" : "port"), "}"]
    }

    /// Whether docker chooses the port of the machine, so that several containers can have it.
    static func isOnFreePort(_ port: ComposeValue) -> Bool {
        let outer: String?
        if port.isMap {
            outer = port["published"]?.string
        } else {
            guard let text = port.string else { return false }
            let pieces = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            outer = pieces.count > 1 ? pieces[pieces.count - 2] : nil
        }
        // A variable may be any port.
        if port["published"] != nil, outer == nil { return false }
        guard let outer, !outer.isEmpty, outer != "0" else { return true }
        return range(outer).map { $0.count > 1 } ?? false
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
