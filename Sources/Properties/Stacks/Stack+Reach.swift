extension Stack {
    /// Containers that name another one which they do not reach: a container that depends on one leaves the default
    /// network, and no longer finds those that are there.
    var reachProblems: [String] {
        guard layout == .byDependency else { return [] }
        return containers.flatMap { container in
            containers.compactMap { other in
                guard other.name != container.name, !reaches(container, other),
                    let place = container.mention(of: other.name)
                else { return nil }
                return
                    "the container \(container.name) names \(other.name) in \(place), but shares no network with it: "
                    + "add DependsOn(\"\(other.name)\") or a Network that both join, or give all containers one "
                    + "network with Stack(\"\(name)\", networks: .shared)"
            }
        }
    }

    /// Whether a container finds another one by its name, as far as the description tells.
    private func reaches(_ container: Container, _ other: Container) -> Bool {
        // What happens in the network of the machine, or outside, is not known here.
        guard let user = networkOwner(of: container), let owner = networkOwner(of: other) else { return true }
        if user.name == owner.name || container.knows(other.name) { return true }
        let own = networks(of: user), others = networks(of: owner)
        if own.isEmpty && others.isEmpty || own.contains(where: others.contains) { return true }
        // Another container may have the name as an alias.
        return containers.contains { ($0.aliases + $0.networks.flatMap(\.aliases)).contains(other.name) }
    }
}

extension Container {
    /// Whether it has an address for a name.
    fileprivate func knows(_ name: String) -> Bool {
        guard case .list(let lines) = value(of: "extra_hosts") else { return false }
        return lines.compactMap(\.string).contains { $0.hasPrefix(name + ":") }
    }

    /// Where it names a host: in a URL, or with a port. Nil if it does not.
    func mention(of name: String) -> String? {
        for variable in environment where Mention.isThere(name, in: variable.value.plainText) {
            return "the variable \(variable.name)"
        }
        let words = (command?.words ?? []) + (value(of: "entrypoint").map { [$0.document] } ?? [])
        if words.contains(where: { Mention.isThere(name, in: $0) }) { return "its command" }
        for file in files where file.content.plainSize < 1 << 20 && Mention.isThere(name, in: file.content.plainText) {
            return file.path.string
        }
        return nil
    }
}

extension Content {
    /// The text without its secrets.
    fileprivate var plainText: String {
        if let bytes { return String(decoding: bytes, as: UTF8.self) }
        // “12:text/HASH” for each piece of text.
        return form.lines.map { line in
            line.drop { $0.isNumber }.first == ":" ? line.drop { $0.isNumber }.dropFirst() : line
        }.joined(separator: "\n")
    }
}

/// The name of a host in a string.
private enum Mention {
    /// Whether the name stands in a URL (`//db/`, `@db:`), or with a port (`db:5432`). Comments do not count.
    static func isThere(_ name: String, in text: String) -> Bool {
        guard text.firstRange(of: name) != nil else { return false }
        return text.lines.contains { line in
            guard line.firstRange(of: name) != nil else { return false }
            let bytes = Array(line.drop(while: \.isWhitespace).utf8)
            if let first = bytes.first, "#;".utf8.contains(first) { return false }
            return positions(of: Array(name.utf8), in: bytes).contains { isHost($0, in: bytes) }
        }
    }

    private static func positions(of name: [UInt8], in bytes: [UInt8]) -> [Range<Int>] {
        guard bytes.count >= name.count else { return [] }
        return (0...(bytes.count - name.count)).filter { Array(bytes[$0..<$0 + name.count]) == name }.map {
            $0..<$0 + name.count
        }
    }

    private static func isHost(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        let before = range.lowerBound > 0 ? bytes[range.lowerBound - 1] : UInt8(ascii: " ")
        let after = range.upperBound < bytes.count ? bytes[range.upperBound] : UInt8(ascii: " ")
        let next = range.upperBound + 1 < bytes.count ? bytes[range.upperBound + 1] : UInt8(ascii: " ")
        let hasPort = after == UInt8(ascii: ":") && next.isASCIIDigit
        // A secret may have been before the @.
        let isAfterUser =
            before == UInt8(ascii: "@")
            && (range.lowerBound == 1 || String(decoding: bytes[..<range.lowerBound], as: UTF8.self).contains("://"))
        let isURL =
            isAfterUser
            || range.lowerBound > 1 && before == UInt8(ascii: "/") && bytes[range.lowerBound - 2] == UInt8(ascii: "/")
        if isURL { return hasPort || "/ \"',?#)]}\t".utf8.contains(after) }
        return hasPort && " \"'=,;([{\t".utf8.contains(before)
    }
}
