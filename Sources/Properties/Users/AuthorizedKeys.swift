/// The ssh keys that a user can log in with (`~/.ssh/authorized_keys`, sshd(8)).
///
///     AuthorizedKeys(of: "anna", ["ssh-ed25519 AAAA… anna@laptop"])
///     AuthorizedKeys(of: "backup", ["restrict,command=\"/usr/bin/borg serve\" ssh-ed25519 AAAA…"], exclusive: true)
///
///     AuthorizedKeys(of: "ben", ["ssh-ed25519 AAAA…"], in: "/etc/ssh/authorized_keys/ben")
///     AuthorizedKeys.Absent(of: "anna", "ssh-ed25519 AAAA…")
///
/// A key that is there with other options or another comment is changed in place. All other lines stay, unless the list
/// is exclusive. One declaration has the whole list of a user.
///
/// A file elsewhere, which sshd is told of by `AuthorizedKeysFile`, belongs to root, so that the user cannot change it.
///
/// The user can change the home at any moment, even while it is checked. So nothing is written there with root's
/// permissions: with the user's, a planted symbolic link leads to no place that the user could not write to anyway.
public struct AuthorizedKeys: Revertible, Guarded {
    public typealias Target = AnyLinux

    /// The login of the user.
    public let user: String
    /// Lines as in a `.pub` file, optionally with options before the key.
    public let keys: [String]
    /// Whether all other lines are removed.
    public let exclusive: Bool
    /// A file of root; nil for the one in the home of the user.
    public let path: FilePath?

    /// - Parameters:
    ///   - user: the login of the user.
    ///   - keys: lines as in a `.pub` file, optionally with options before the key.
    ///   - path: absolute: another file than that in the home, which belongs to root. Its directory must exist, or be
    ///     declared before.
    ///   - exclusive: whether all other lines are removed; no by default.
    public init(of user: String, _ keys: [String], in path: FilePath? = nil, exclusive: Bool = false) {
        self.user = user
        self.keys = keys
        self.path = path
        self.exclusive = exclusive
    }

    /// The keys in a file of the repository, or as `https://github.com/USER.keys` and ssh-import-id(1) have them.
    /// - Parameters:
    ///   - user: the login of the user.
    ///   - text: lines as in a `.pub` file; empty lines and comments are passed over.
    ///   - path: absolute: another file than that in the home, which belongs to root.
    ///   - exclusive: whether all other lines are removed; no by default.
    public init(of user: String, text: String, in path: FilePath? = nil, exclusive: Bool = false) {
        let lines = text.lines.map { String($0.withoutCarriageReturn).trimmed }
        self.init(
            of: user, lines.filter { !$0.isEmpty && !$0.begins(with: "#") }, in: path, exclusive: exclusive)
    }

    public var name: String { "authorized keys of \(user)\(path.map { " in \($0)" } ?? "")" }

    public var claims: [Claim] {
        let summary = "\(keys.count) \(keys.count == 1 ? "key" : "keys")\(exclusive ? ", no others" : "")"
        let place = path.map { " in \($0)" } ?? ""
        return [Claim("the authorized keys of \(user)\(place)", is: "\(keys) \(exclusive)", summary: summary)]
            + keys.compactMap { Absent.claim(of: user, $0, is: "authorized") }
    }

    public var problems: [String] { problems { _ = try validated() } }

    /// - Throws: ``Failure`` if a key is invalid, or others could change the file, so that sshd ignores it.
    public func check(on machine: Machine) async throws -> Check {
        let declared = try validated()
        if let path { return try await check(path, declared, on: machine) }
        guard let account = try await machine.user(user) else {
            return .unknown(until: "there is a user \(user)")
        }
        let place = try KeyPlace(account, on: machine)
        guard try place.isHomeThere(machine) else { return .unknown(until: "there is the home \(account.home)") }
        try await place.refuseUnsafe(machine)
        let present = try machine.files.readIfPresent(place.file)
        let wanted = content(declared, present: present ?? [])
        if present == nil, wanted.isEmpty { return .satisfied }
        var reasons: [String] = []
        if present == nil {
            reasons.append("create \(place.file)")
        } else if present != wanted {
            reasons.append("other keys")
        }
        let diff = present == wanted ? nil : Diff(from: present ?? [], to: wanted)
        if let directory = try machine.files.status(of: place.directory), directory.mode != 0o700 {
            reasons.append("mode of \(place.directory) \(octal(directory.mode)) → 0700")
        }
        if let file = try machine.files.status(of: place.file) {
            if file.mode != 0o600 { reasons.append("mode \(octal(file.mode)) → 0600") }
            if file.owner.user != account.id { reasons.append("owner \(file.owner.user) → \(user)") }
        }
        return .unmet(unlessEmpty: reasons, diff: diff)
    }

    public func isGuarded(on machine: Machine) async throws -> Bool { machine.isDeployer(user) }

    public func apply(on machine: Machine) async throws {
        let declared = try validated()
        if let path {
            try refuseOpen(path, machine)
            try machine.originals.keep(path)
            let wanted = content(declared, present: try machine.files.readIfPresent(path) ?? [])
            return try machine.files.replace(path, with: wanted, mode: 0o644)
        }
        let place = try await KeyPlace.safe(of: user, on: machine)
        try machine.originals.keep(place.directory)
        try machine.originals.keep(place.file)
        try await place.write(content(declared, present: try machine.files.readIfPresent(place.file) ?? []), machine)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try AccountName.validate(user, of: "user")
        if let path { return try machine.checkRestored([path]) }
        // Without the user there is nothing to restore.
        guard let account = try await machine.user(user) else { return .satisfied }
        return try machine.checkRestored([try KeyPlace(account, on: machine).file])
    }

    /// Restores the original bytes, and removes a directory that was created for them if it is empty.
    public func revert(on machine: Machine) async throws {
        if let path { return try machine.originals.restore(path) }
        let place = try await KeyPlace.safe(of: user, on: machine)
        try machine.originals.restore(place.file)
        guard try !machine.originals.wasAbsent(place.directory) || machine.files.list(place.directory).isEmpty else {
            return
        }
        try machine.originals.restore(place.directory)
    }

    /// sshd reads the file with the rights of the user.
    private func check(_ path: FilePath, _ declared: [AuthorizedKey], on machine: Machine) async throws -> Check {
        try refuseOpen(path, machine)
        guard let found = try machine.files.status(of: path) else {
            try await machine.requireDirectory(of: path)
            return .unmet("create \(path)", diff: Diff(from: [], to: content(declared, present: [])))
        }
        let present = try machine.files.read(path), wanted = content(declared, present: present)
        let others = try await machine.differences(of: found, mode: 0o644, owner: "root", group: "root")
        return .unmet(
            unlessEmpty: (present == wanted ? [] : ["other keys"]) + others,
            diff: present == wanted ? nil : Diff(from: present, to: wanted))
    }

    /// - Throws: ``Failure`` if others than root could exchange the file.
    private func refuseOpen(_ path: FilePath, _ machine: Machine) throws {
        guard let open = try machine.files.directoryWritableByOthers(above: path) else { return }
        throw Failure(
            "others than root can write in \(open), and so exchange the authorized keys in \(path)",
            advice: "Declare a directory of root, such as /etc/ssh/authorized_keys.")
    }

    /// The keys, each once.
    private func validated() throws -> [AuthorizedKey] {
        try AccountName.validate(user, of: "user")
        if let path { try validateAbsolute(path) }
        var declared: [AuthorizedKey] = []
        for key in try keys.map(AuthorizedKey.init(declared:)) {
            if let other = declared.first(where: { $0.blob == key.blob }) {
                guard other == key else {
                    throw Failure(
                        "a key of \(user) is declared twice with different options or comments: “\(key.line)”",
                        advice: "Keep one of the two.")
                }
            } else {
                declared.append(key)
            }
        }
        return declared
    }

    /// The whole file, in bytes, since comments may have any encoding.
    private func content(_ declared: [AuthorizedKey], present: [UInt8]) -> [UInt8] {
        var content: [UInt8] = []
        var open = declared
        for line in exclusive ? [] : present.split(separator: 0x0A, omittingEmptySubsequences: false) {
            guard let found = AuthorizedKey(found: String(decoding: line, as: UTF8.self)),
                declared.contains(where: { $0.blob == found.blob })
            else {
                content += line + [0x0A]
                continue
            }
            // A duplicate is removed: sshd would use the options of the first line.
            guard let index = open.firstIndex(where: { $0.blob == found.blob }) else { continue }
            content += Array(open.remove(at: index).line.utf8) + [0x0A]
        }
        // Splitting at the last newline gave one more, empty line, or added a missing newline.
        if !exclusive { content.removeLast() }
        if !open.isEmpty, let last = content.last, last != 0x0A { content.append(0x0A) }
        return content + open.flatMap { Array($0.line.utf8) + [0x0A] }
    }
}
