/// The line of `/etc/hosts` with the names of the machine itself (hosts(5)).
///
/// They stand beside the machine's own address if it is static, else beside 127.0.1.1, as Debian's installer writes
/// them. A line for 127.0.1.1 before that of a static address would hide it: clusters and mail servers need their
/// names to lead to an address that others reach.
struct OwnHostsLine {
    /// The full name if it has a domain, and the first label.
    let names: [String]
    /// The host name that the machine has so far: the line of a static address that has it is the machine's own.
    let former: String

    private static let loopback = "127.0.1.1"

    /// Whether the names are there. The line may have further ones.
    func holds(_ lines: TextLines) -> Bool {
        line(of: lines).map { holds(Self.fields(lines[$0])) } ?? false
    }

    /// A name without a domain may be an alias of one with it.
    private func holds(_ fields: [Substring]) -> Bool {
        let present = fields.dropFirst()
        if names.count == 1, isOwn(fields) { return present.contains(Substring(names[0])) }
        return present.starts(with: names, by: ==)
    }

    /// The address and the names that it has: “127.0.1.1 debian → web1”.
    func difference(_ lines: TextLines) -> String? {
        guard !holds(lines) else { return nil }
        let fields = line(of: lines).map { Self.fields(lines[$0]) }
        let present = fields.map { $0.dropFirst().joined(separator: " ").escaped }
        return
            "\(fields?.first.map { String($0).escaped } ?? Self.loopback) \(present ?? "unset") → "
            + names.joined(separator: " ")
    }

    func edit(_ lines: inout TextLines) {
        guard !holds(lines) else { return }
        if let index = line(of: lines) {
            lines.replace(index, with: line(insteadOf: lines[index]))
        } else if let localhost = lines.indices.last(where: { Self.fields(lines[$0]).first == "127.0.0.1" }) {
            lines.insert(line(insteadOf: nil), at: localhost + 1)
        } else {
            if lines.indices.isEmpty { lines.append("127.0.0.1\tlocalhost") }
            lines.append(line(insteadOf: nil))
        }
    }

    /// Restores only the line, since others have changed the file.
    func undo(_ lines: inout TextLines, _ original: TextLines) {
        guard holds(lines), let index = line(of: lines) else { return }
        let address = Self.fields(lines[index]).first
        if let before = original.indices.first(where: { Self.fields(original[$0]).first == address }) {
            lines.replace(index, with: original[before])
        } else {
            lines.remove([index])
        }
    }

    /// The fields of a line, without its comment.
    static func fields(_ line: String) -> [Substring] {
        line.before("#").split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
    }

    /// The comment of a line, after a space; empty without one.
    static func comment(_ line: String) -> String { line.parts(around: "#").map { " #" + $0.after } ?? "" }

    /// The line of the machine: of its static address if there is one, else of 127.0.1.1.
    private func line(of lines: TextLines) -> Int? {
        let own = lines.indices.filter { isOwn(Self.fields(lines[$0])) }
        // The one that is right, where an IPv6 address has a line too.
        return own.first { holds(Self.fields(lines[$0])) } ?? own.first
            ?? lines.indices.first { Self.fields(lines[$0]).first == Substring(Self.loopback) }
    }

    /// Whether a line is that of a static address with the present or the new name of the machine.
    private func isOwn(_ fields: [Substring]) -> Bool {
        guard let address = fields.first, !address.hasPrefix("127."), address != "::1", !address.hasPrefix("fe80:"),
            !address.hasPrefix("ff0")
        else { return false }
        return fields.dropFirst().contains { name in
            names.contains(String(name)) || name == former || name.hasPrefix(former + ".")
        }
    }

    /// The line with the names, and with the address, the further names and the comment of the line that it replaces.
    private func line(insteadOf present: String?) -> String {
        let fields = present.map(Self.fields) ?? []
        let comment = present.map(Self.comment) ?? ""
        var further: [String] = []
        if isOwn(fields) {
            further = fields.dropFirst().map(String.init).filter {
                !names.contains($0) && $0 != former && !$0.hasPrefix(former + ".")
            }
        }
        let address = fields.first.map(String.init) ?? Self.loopback
        return ([address] + names + further).joined(separator: "\t") + comment
    }
}
