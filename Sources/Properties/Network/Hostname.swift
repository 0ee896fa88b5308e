/// The host name of the machine (hostname(5), hosts(5)).
///
///     Hostname("web1.example.org")
///
/// `/etc/hostname` and the running kernel get the first label, and `/etc/hosts` a line with the full name and the first
/// label, as Debian's installer writes it: for the static address beside which the name of the machine stands already,
/// else for 127.0.1.1. The other lines of that file stay.
///
/// Where cloud-init is installed, a drop-in tells it to leave the name and `/etc/hosts` alone: it would write its own
/// again at the next boot. User data that say otherwise outrank the drop-in; then the report ends with that.
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
    public var problems: [String] { problems(in: validate) }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        var reasons: [String] = []
        let running = try machine.files.text(Self.kernel).trimmed
        if running != label { reasons.append("running name \(running.escaped) → \(label)") }
        for (path, name) in wholeFiles {
            let present = try Self.name(in: try machine.files.readIfPresent(path))
            if present != name { reasons.append("\(path): \(present?.escaped ?? "none") → \(name)") }
        }
        if let difference = hosts(running).difference(try machine.shared(HostsFile.path).read()) {
            reasons.append("\(HostsFile.path): \(difference)")
        }
        if let reason = try await KeptByCloudInit.hostname(on: machine).reason() { reasons.append(reason) }
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
        let running = try machine.files.text(Self.kernel).trimmed
        try machine.shared(HostsFile.path).edit(hosts(running).edit)
        try await KeptByCloudInit.hostname(on: machine).apply()
        if running != label {
            try former(on: machine).keep(running)
            try await machine.run("hostname", "--", label)
        }
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        var reasons = try wholeFiles.map(\.path).filter { try machine.originals.has($0) }.map {
            "restore the original \($0)"
        }
        let former = try former(on: machine).read(), hosts = hosts(former ?? label)
        if let original = try machine.originals.bytes(of: HostsFile.path), !hosts.holds(TextLines(original)),
            hosts.holds(try machine.shared(HostsFile.path).read())
        {
            reasons.append("remove the name from \(HostsFile.path)")
        }
        if let reason = try await KeptByCloudInit.hostname(on: machine).revertReason() { reasons.append(reason) }
        if let former { reasons.append("running name → \(former)") }
        return .unmet(unlessEmpty: reasons)
    }

    public func revert(on machine: Machine) async throws {
        for (path, _) in wholeFiles { try machine.originals.restore(path) }
        let original = try machine.originals.bytes(of: HostsFile.path).map(TextLines.init) ?? TextLines()
        let hosts = hosts(try former(on: machine).read() ?? label)
        try machine.shared(HostsFile.path).revert(
            hosts.edit, undo: { hosts.undo(&$0, original) }, isReverted: { !hosts.holds($0) })
        try await KeptByCloudInit.hostname(on: machine).revert()
        if let former = try former(on: machine).read() {
            try await machine.run("hostname", "--", former)
            try self.former(on: machine).forget()
        }
    }

    private static let kernel: FilePath = "/proc/sys/kernel/hostname"

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
            !$0.isEmpty && !$0.begins(with: "#")
        }
    }

    private func former(on machine: Machine) -> FormerValue { FormerValue(name: "kernel.hostname", machine: machine) }

    /// - Parameter former: the host name that the machine has had so far.
    private func hosts(_ former: String) -> OwnHostsLine {
        OwnHostsLine(names: fqdn == label ? [label] : [fqdn, label], former: former)
    }
}
