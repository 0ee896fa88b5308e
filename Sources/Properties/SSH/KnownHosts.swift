/// The keys of a host that ssh connects to (sshd(8), `SSH_KNOWN_HOSTS FILE FORMAT`).
///
///     KnownHosts(
///         "git.example.com",
///         "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAevSeHhU6D3j0OP71ws3xq1wRSDRdhO/JlAFde8Mim0")
///
/// They are known to all users, in `/etc/ssh/ssh_known_hosts`, or to one. Other keys of the host are removed, since ssh
/// would go on accepting them; lines of other hosts, hashed ones and revoked keys stay. In the home of a user, the file
/// is written with the rights of the user. ``KnownHosts/Absent`` removes a host.
public struct KnownHosts: Revertible {
    public typealias Target = UnixLike

    public let host: String
    public let keys: [String]
    public let port: UInt16
    /// The user who knows the host; nil for all.
    public let user: String?
    /// Whether the keys are those of authorities that sign the keys of hosts.
    public let isAuthority: Bool

    /// - Parameters:
    ///   - host: the name or the address, as it is given to ssh; for authorities a pattern: `*.example.com`.
    ///   - keys: the keys, each as a type and base64: what `ssh-keyscan` prints after the name. Compare them with the
    ///     host's own, `/etc/ssh/ssh_host_*_key.pub`.
    ///   - port: the port of the host; 22 by default.
    ///   - user: the user who knows the host; all by default.
    ///   - isAuthority: whether the keys are those of authorities that sign the keys of hosts; no by default.
    public init(_ host: String, _ keys: String..., port: UInt16 = 22, of user: String? = nil, isAuthority: Bool = false)
    {
        self.init(host, keys, port: port, of: user, isAuthority: isAuthority)
    }

    /// Keys from a list; see the initializer that takes them one by one.
    public init(
        _ host: String, _ keys: [String], port: UInt16 = 22, of user: String? = nil, isAuthority: Bool = false
    ) {
        self.host = host
        self.keys = keys
        self.port = port
        self.user = user
        self.isAuthority = isAuthority
    }

    public var name: String { "known host \(pattern)\(user.map { " of \($0)" } ?? "")" }
    public var claims: [Claim] {
        let state = "\(isAuthority) " + ((try? declared()) ?? keys).joined(separator: "\n")
        return [Claim("the \(name)", is: state, summary: "\(keys.count) \(keys.count == 1 ? "key" : "keys")")]
    }
    public var problems: [String] { problems { _ = try declared() } }

    public func check(on machine: Machine) async throws -> Check {
        let keys = try declared()
        guard let user else { return try await edit(keys).check(on: machine) }
        let account = try await machine.awaitedUser(user)
        let place = try KeyPlace(account, name: Self.fileName, on: machine)
        guard try place.isHomeThere(machine) else { throw Undetermined(until: "there is the home \(account.home)") }
        try await place.refuseUnsafe(machine)
        let before = TextLines(try machine.files.readIfPresent(place.file) ?? [])
        var after = before
        put(keys, in: &after)
        guard after != before else { return .satisfied }
        return .unmet("edit \(place.file)", diff: Diff(from: before.bytes, to: after.bytes))
    }

    public func apply(on machine: Machine) async throws {
        let keys = try declared()
        guard let place = try await place(on: machine) else { return try await edit(keys).apply(on: machine) }
        try machine.originals.keep(place.directory)
        try machine.originals.keep(place.file)
        var lines = TextLines(try machine.files.readIfPresent(place.file) ?? [])
        put(keys, in: &lines)
        try await place.write(lines.bytes, machine)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        let keys = try declared()
        guard let user else { return try await edit(keys).checkReverted(on: machine) }
        // Without the user there is nothing to restore.
        guard let account = try await machine.user(user) else { return .satisfied }
        return try machine.checkRestored([try KeyPlace(account, name: Self.fileName, on: machine).file])
    }

    public func revert(on machine: Machine) async throws {
        let keys = try declared()
        guard let place = try await place(on: machine) else { return try await edit(keys).revert(on: machine) }
        try machine.originals.restore(place.file)
        guard try !machine.originals.wasAbsent(place.directory) || machine.files.list(place.directory).isEmpty else {
            return
        }
        try machine.originals.restore(place.directory)
    }

    static let fileName = "known_hosts"
    static let shared: FilePath = "/etc/ssh/ssh_known_hosts"

    /// The file of the user; nil if all users know the host.
    private func place(on machine: Machine) async throws -> KeyPlace? {
        guard let user else { return nil }
        return try await KeyPlace.safe(of: user, name: Self.fileName, on: machine)
    }

    /// The host as it stands in the file.
    var pattern: String { port == 22 ? host : "[\(host)]:\(port)" }
    private var marker: String { isAuthority ? "@cert-authority " : "" }

    private func edit(_ keys: [String]) -> TextEdit {
        TextEdit(
            path: Self.shared, createsFile: true, change: { put(keys, in: &$0) },
            undo: { lines, original in
                put([], in: &lines)
                for line in original.all where isOwn(line) && !lines.all.contains(line) { lines.append(line) }
            })
    }

    /// Makes the keys those of the host, and no others.
    private func put(_ keys: [String], in lines: inout TextLines) {
        var open = keys, gone: [Int] = []
        for index in lines.indices where isOwn(lines[index]) {
            let words = Self.words(lines[index], marker)
            let key = words.dropFirst().prefix(2).joined(separator: " ")
            if let found = open.firstIndex(of: key) {
                open.remove(at: found)
                continue
            }
            let others = words[0].split(separator: ",").filter { $0 != pattern }
            if others.isEmpty {
                gone.append(index)
            } else {
                let rest = [others.joined(separator: ",")] + words.dropFirst().map(String.init)
                lines.replace(index, with: marker + rest.joined(separator: " "))
            }
        }
        lines.remove(gone)
        for key in open { lines.append("\(marker)\(pattern) \(key)") }
    }

    /// Whether a line is about the host, with the same marker.
    private func isOwn(_ line: String) -> Bool {
        let words = Self.words(line, marker)
        return words.count >= 3 && words[0].split(separator: ",").contains { $0 == pattern }
    }

    /// The words of a line after its marker; none if it has another marker or is a comment.
    static func words(_ line: String, _ marker: String) -> [Substring] {
        let line = line.trimmed
        guard line.hasPrefix(marker), !line.begins(with: "#"), !marker.isEmpty || !line.hasPrefix("@") else {
            return []
        }
        return line.dropFirst(marker.count).split(whereSeparator: { $0 == " " || $0 == "\t" })
    }

    /// - Throws: ``Failure`` if there is no host of that name, or no such user.
    func validateHost() throws {
        let isName =
            !host.isEmpty && !host.hasPrefix("-")
            && host.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._:*?".utf8.contains($0) }
        guard isName, isAuthority || !host.contains("*") && !host.contains("?") else {
            throw Failure(
                "invalid name of a known host “\(host.escaped)”",
                advice: "Write the name or the address as it is given to ssh: git.example.com.")
        }
        if let user { try AccountName.validate(user, of: "user") }
        guard port > 0 else { throw Failure("the known host \(host) has the port 0", advice: "The usual one is 22.") }
    }

    /// The keys, each as its type and base64.
    private func declared() throws -> [String] {
        try validateHost()
        guard !keys.isEmpty else {
            throw Failure("the known host \(host) has no key", advice: "Give its public keys.")
        }
        return try keys.map { text in
            let key = try AuthorizedKey(declared: text)
            guard key.options.isEmpty else {
                throw Failure(
                    "the key of the known host \(host) has something before its type: “\(key.options.escaped)”",
                    advice: "Give the type and the base64 alone: ssh-ed25519 AAAA…")
            }
            return key.line.split(whereSeparator: { $0 == " " || $0 == "\t" }).prefix(2).joined(separator: " ")
        }
    }
}
