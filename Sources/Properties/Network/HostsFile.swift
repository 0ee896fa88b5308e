/// Names of another host in `/etc/hosts` (hosts(5)).
///
///     HostsFile("10.0.0.5", "db1.example.com", "db1")
///     for node in 1...3 { HostsFile("10.0.0.\(node)", "node\(node)") }
///
/// The names lead to this address and to no other of its family: other lines lose them. What else is in the file stays,
/// and so do the lines of loopback addresses, such as that of ``Hostname`` for 127.0.1.1.
///
/// Where cloud-init writes the file at each boot (`manage_etc_hosts`), a drop-in tells it to leave it alone.
public struct HostsFile: Revertible {
    public typealias Target = UnixLike

    static let path: FilePath = "/etc/hosts"

    public let address: String
    /// The names, of which the first is the canonical one.
    public let names: [String]

    /// - Parameters:
    ///   - address: an IPv4 or IPv6 address.
    ///   - names: the names, of which the first is the canonical one.
    public init(_ address: String, _ names: String...) { self.init(address, names) }

    /// - Parameters:
    ///   - address: an IPv4 or IPv6 address.
    ///   - names: the names, of which the first is the canonical one.
    public init(_ address: String, _ names: [String]) {
        self.address = address
        self.names = names
    }

    public var name: String { "\(address) \(names.joined(separator: " ")) in \(Self.path)" }
    public var claims: [Claim] {
        let family = address.contains(":") ? "IPv6" : "IPv4"
        return names.map { Claim("the \(family) address of \($0.lowercased()) in \(Self.path)", is: address) }
    }
    public var problems: [String] { problems(in: validate) }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let lines = try await edit.check(on: machine), kept = try await KeptByCloudInit.hosts(on: machine).reason()
        guard let kept else { return lines }
        guard case .unmet(let change) = lines else { return .unmet(kept) }
        return .unmet("\(change.reason); \(kept)", diff: change.diff)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try await edit.apply(on: machine)
        try await KeptByCloudInit.hosts(on: machine).apply()
    }

    /// The drop-in for cloud-init stays, since other names may need it.
    public func checkReverted(on machine: Machine) async throws -> Check { try await edit.checkReverted(on: machine) }
    public func revert(on machine: Machine) async throws { try await edit.revert(on: machine) }

    private var edit: TextEdit {
        TextEdit(path: Self.path, createsFile: true, change: put) { lines, original in
            for name in names {
                let former = HostsLines(original).indices(of: name, family: address, except: nil)
                guard
                    HostsLines(lines).indices(of: name, family: address, except: nil).map({ lines[$0] })
                        != former.map({ original[$0] })
                else { continue }
                HostsLines.remove(name, family: address, except: nil, from: &lines)
                for index in former where !lines.all.contains(original[index]) { lines.append(original[index]) }
            }
        }
    }

    private func put(_ lines: inout TextLines) {
        for name in names { HostsLines.remove(name, family: address, except: address, from: &lines) }
        let missing = names.filter {
            HostsLines(lines).indices(of: $0, family: address, except: nil).isEmpty
        }
        guard !missing.isEmpty else { return }
        let own = lines.indices.first { HostsLines.isOf(address, OwnHostsLine.fields(lines[$0])) }
        guard let own else { return lines.append(([address] + missing).joined(separator: "\t")) }
        let words = lines[own].before("#").trimmed + "\t" + missing.joined(separator: "\t")
        lines.replace(own, with: words + OwnHostsLine.comment(lines[own]))
    }

    private func validate() throws {
        guard IPNetwork(address)?.isAddress == true, !address.contains("/") else {
            throw Failure("invalid address “\(address.escaped)” in \(Self.path)", advice: "Write one such as 10.0.0.5.")
        }
        try HostsLines.validate(names)
    }

    /// Names that `/etc/hosts` does not have, but for loopback addresses.
    ///
    ///     HostsFile.Absent("old-db.example.com", "old-db")
    public struct Absent: TextEditing {
        public typealias Target = UnixLike

        public let names: [String]

        /// - Parameter names: the names.
        public init(_ names: String...) { self.names = names }

        public var name: String { "no \(names.joined(separator: " ")) in \(HostsFile.path)" }
        public var claims: [Claim] {
            names.flatMap { name in
                ["IPv4", "IPv6"].map {
                    Claim("the \($0) address of \(name.lowercased()) in \(HostsFile.path)", is: "absent")
                }
            }
        }
        public var problems: [String] { problems(in: validate) }

        func validate() throws { try HostsLines.validate(names) }

        private static let families = ["0.0.0.0", "::"]

        var edit: TextEdit {
            TextEdit(path: HostsFile.path, allowsMissingFile: true) { lines in
                for name in names {
                    for family in Self.families { HostsLines.remove(name, family: family, except: nil, from: &lines) }
                }
            } undo: { lines, original in
                for name in names {
                    for family in Self.families {
                        let former = HostsLines(original).indices(of: name, family: family, except: nil)
                        for index in former where !lines.all.contains(original[index]) { lines.append(original[index]) }
                    }
                }
            }
        }
    }
}

/// The names in the lines of `/etc/hosts`.
private struct HostsLines {
    let lines: TextLines

    init(_ lines: TextLines) { self.lines = lines }

    /// The lines with a name, of the family of an address and not of loopback.
    /// - Parameter except: an address whose lines are left out; none if nil.
    func indices(of name: String, family: String, except: String?) -> [Int] {
        let isIPv6 = IPNetwork(family)?.isIPv6, isLoopback = Self.isLoopback(family)
        return lines.indices.filter { index in
            let fields = OwnHostsLine.fields(lines[index])
            guard let address = fields.first.flatMap({ IPNetwork(String($0)) }), address.isIPv6 == isIPv6,
                isLoopback || !Self.isLoopback(address.description), except.map({ !Self.isOf($0, fields) }) ?? true
            else { return false }
            return fields.dropFirst().contains { $0.lowercased() == name.lowercased() }
        }
    }

    static func isOf(_ address: String, _ fields: [Substring]) -> Bool {
        guard let first = fields.first, let present = IPNetwork(String(first)) else { return false }
        return present == IPNetwork(address)
    }

    private static func isLoopback(_ address: String) -> Bool { address.hasPrefix("127.") || address == "::1" }

    /// Removes a name from lines; a line without a name goes.
    static func remove(_ name: String, family: String, except: String?, from lines: inout TextLines) {
        let found = HostsLines(lines).indices(of: name, family: family, except: except)
        var empty: [Int] = []
        for index in found {
            let line = lines[index], fields = OwnHostsLine.fields(line)
            let kept = fields.dropFirst().filter { $0.lowercased() != name.lowercased() }
            guard !kept.isEmpty else {
                empty.append(index)
                continue
            }
            lines.replace(index, with: ([fields[0]] + kept).joined(separator: "\t") + OwnHostsLine.comment(line))
        }
        lines.remove(empty)
    }

    static func validate(_ names: [String]) throws {
        guard !names.isEmpty else {
            throw Failure("an address in \(HostsFile.path) is declared without a name", advice: "Give a name.")
        }
        for name in names {
            guard !name.isEmpty, name.utf8.count <= 253, !name.hasPrefix("-"), !name.hasPrefix("."),
                name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-._".utf8.contains($0) })
            else {
                throw Failure(
                    "invalid name “\(name.escaped)” in \(HostsFile.path)",
                    advice: "Use letters, digits, “-”, “_” and dots: db1.example.com.")
            }
        }
    }
}
