/// The host name of the machine (hostname(5), hosts(5)).
///
///     Hostname("web1.example.org")
///
/// `/etc/hostname` and the running kernel get the first label, and `/etc/hosts` a line for 127.0.1.1 with the full name
/// and the first label, as Debian's installer writes it. The other lines of that file stay.
public struct Hostname: Revertible {
    public typealias Target = DebianLike

    /// The fully qualified name: `web1.example.org`.
    public let fqdn: String
    /// Whether `/etc/mailname` is set to the full name too.
    public let setsMailname: Bool

    /// - Parameters:
    ///   - fqdn: the name with its domain, if it has one. The first label has 63 bytes at most.
    ///   - mailname: whether `/etc/mailname`, the domain of mail that the machine sends, is set to the full name; no by
    ///     default, which leaves the file alone.
    public init(_ fqdn: String, mailname: Bool = false) {
        self.fqdn = fqdn
        setsMailname = mailname
    }

    public var name: String { "host name \(fqdn.escaped)" }
    public var claims: [Claim] {
        [Claim("the host name", is: fqdn)]
            + wholeFiles.map { .path($0.path, is: "the name \($0.name)", summary: "the name \($0.name.escaped)") }
    }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        var reasons: [String] = []
        let running = try machine.files.text(Self.kernel).trimmed
        if running != label { reasons.append("running name \(running.escaped) → \(label)") }
        for (path, name) in wholeFiles {
            let present = try Self.name(in: try machine.files.readIfPresent(path))
            if present != name { reasons.append("\(path): \(present?.escaped ?? "none") → \(name)") }
        }
        let lines = try machine.shared(Self.hosts).read()
        if !holds(lines) {
            let present = Self.line(of: lines).map { Self.fields(lines[$0]).dropFirst().joined(separator: " ").escaped }
            reasons.append("\(Self.hosts): \(Self.address) \(present ?? "unset") → \(names.joined(separator: " "))")
        }
        return .unmet(unlessEmpty: reasons)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        for (path, name) in wholeFiles where try Self.name(in: try machine.files.readIfPresent(path)) != name {
            try machine.originals.keep(path)
            let status = try machine.files.status(of: path)
            try machine.files.replace(
                path, with: Array((name + "\n").utf8), mode: status?.mode ?? 0o644, owner: status?.owner ?? .root)
        }
        try machine.shared(Self.hosts).edit(edit)
        let running = try machine.files.text(Self.kernel).trimmed
        if running != label {
            try former(on: machine).keep(running)
            try await machine.run("hostname", "--", label)
        }
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        var reasons = try wholeFiles.map(\.path).filter { try machine.originals.has($0) }.map {
            "restore the original \($0)"
        }
        if let original = try machine.originals.bytes(of: Self.hosts), !holds(TextLines(original)),
            holds(try machine.shared(Self.hosts).read())
        {
            reasons.append("remove the name from \(Self.hosts)")
        }
        if let former = try former(on: machine).read() { reasons.append("running name → \(former)") }
        return .unmet(unlessEmpty: reasons)
    }

    public func revert(on machine: Machine) async throws {
        for (path, _) in wholeFiles { try machine.originals.restore(path) }
        let original = try machine.originals.bytes(of: Self.hosts).map(TextLines.init) ?? TextLines()
        try machine.shared(Self.hosts).revert(
            edit,
            undo: { lines in
                guard holds(lines), let index = Self.line(of: lines) else { return }
                // Others have changed the file since, so only the line is restored.
                if let before = Self.line(of: original) {
                    lines.replace(index, with: original[before])
                } else {
                    lines.remove([index])
                }
            },
            isReverted: { !holds($0) })
        if let former = try former(on: machine).read() {
            try await machine.run("hostname", "--", former)
            try self.former(on: machine).forget()
        }
    }

    private static let kernel: FilePath = "/proc/sys/kernel/hostname"
    private static let hosts: FilePath = "/etc/hosts"
    private static let address = "127.0.1.1"

    private var label: String { fqdn.split(separator: ".").first.map(String.init) ?? fqdn }

    /// The files that contain only a name.
    private var wholeFiles: [(path: FilePath, name: String)] {
        let hostname: (FilePath, String) = ("/etc/hostname", label),
            mailname: (FilePath, String) = ("/etc/mailname", fqdn)
        return setsMailname ? [hostname, mailname] : [hostname]
    }

    private func validate() throws {
        let labels = fqdn.split(separator: ".", omittingEmptySubsequences: false)
        let isName =
            fqdn.utf8.count <= 253
            && labels.allSatisfy { label in
                !label.isEmpty && label.utf8.count <= 63
                    && label.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
                    && label.first != "-" && label.last != "-"
            }
        // A number as last label makes an IPv4 address.
        guard isName, labels.last?.allSatisfy(\.isNumber) == false else {
            throw Failure(
                "invalid host name “\(fqdn.escaped)”",
                advice: "Use letters, digits and hyphens, with dots between the labels: web1.example.org (RFC 1123).")
        }
    }

    /// The name in a file: its first line that is not a comment, as systemd reads it.
    private static func name(in bytes: [UInt8]?) throws -> String? {
        guard let bytes else { return nil }
        return String(decoding: bytes, as: UTF8.self).lines.map { String($0).trimmed }.first {
            !$0.isEmpty && !$0.hasPrefix("#")
        }
    }

    private func former(on machine: Machine) -> FormerValue { FormerValue(name: "kernel.hostname", machine: machine) }

    // MARK: /etc/hosts

    private var names: [String] { fqdn == label ? [label] : [fqdn, label] }

    /// The fields of a line, without its comment.
    private static func fields(_ line: String) -> [Substring] {
        line.prefix { $0 != "#" }.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
    }

    private static func line(of lines: TextLines) -> Int? {
        lines.indices.first { fields(lines[$0]).first == Substring(address) }
    }

    /// Whether the line is there. It may have further names.
    private func holds(_ lines: TextLines) -> Bool {
        Self.line(of: lines).map { Self.fields(lines[$0]).dropFirst().starts(with: names, by: ==) } ?? false
    }

    /// The line, with the comment of the line that it replaces.
    private func line(insteadOf present: String?) -> String {
        let comment = present.flatMap { text in text.firstIndex(of: "#").map { " " + text[$0...] } } ?? ""
        return ([Self.address] + names).joined(separator: "\t") + comment
    }

    private func edit(_ lines: inout TextLines) {
        guard !holds(lines) else { return }
        if let index = Self.line(of: lines) {
            lines.replace(index, with: line(insteadOf: lines[index]))
        } else if let loopback = lines.indices.last(where: { Self.fields(lines[$0]).first == "127.0.0.1" }) {
            lines.insert(line(insteadOf: nil), at: loopback + 1)
        } else {
            if lines.indices.isEmpty { lines.append("127.0.0.1\tlocalhost") }
            lines.append(line(insteadOf: nil))
        }
    }
}
