/// The keys that a user can log in with by ssh (`~/.ssh/authorized_keys`, sshd(8)).
///
///     AuthorizedKeys(of: "anna", ["ssh-ed25519 AAAA… anna@laptop"])
///     AuthorizedKeys(of: "backup", ["restrict,command=\"/usr/bin/borg serve\" ssh-ed25519 AAAA…"], exclusive: true)
///
/// A declared key that is there with other options or another comment is changed in its place. All other lines stay as they
/// are, unless the list is exclusive. One declaration for each user has the whole list.
///
/// The home is the user's to change at any moment, also while this looks at it. So root writes nothing there: the user's
/// own rights do, and a symbolic link that was planted leads nowhere that the user could not write anyway.
public struct AuthorizedKeys: Revertible {
    public typealias Target = AnyLinux

    /// Whose.
    public let user: String
    /// Each a line as in a `.pub` file, with options before it where there are any.
    public let keys: [String]
    /// Whether all other lines are removed.
    public let exclusive: Bool

    /// - Parameters:
    ///   - user: whose.
    ///   - keys: each a line as in a `.pub` file, with options before it where there are any.
    ///   - exclusive: whether all other lines are removed; no by default.
    public init(of user: String, _ keys: [String], exclusive: Bool = false) {
        self.user = user
        self.keys = keys
        self.exclusive = exclusive
    }

    public var name: String { "authorized keys of \(user)" }

    public var claims: [Claim] {
        let summary = "\(keys.count) \(keys.count == 1 ? "key" : "keys")\(exclusive ? ", no others" : "")"
        return [Claim("the authorized keys of \(user)", is: "\(keys) \(exclusive)", summary: summary)]
    }

    /// - Throws: ``Failure`` where a key is none, or the home is such that root would be tricked or sshd ignores the keys.
    public func check(on machine: Machine) async throws -> Check {
        try AccountName.validate(user, of: "user")
        let declared = try declaredKeys()
        guard let account = try await machine.fact(Accounts.self).user(user) else {
            return .unknown(until: "there is a user \(user)")
        }
        let place = KeyPlace(account)
        guard try place.isHomeThere(machine) else { return .unknown(until: "there is the home \(account.home)") }
        try place.refuseUnsafe(machine)
        let present = try machine.files.readIfPresent(place.file)
        let wanted = content(declared, present: present ?? [])
        if present == nil, wanted.isEmpty { return .satisfied }
        var reasons: [String] = []
        if present == nil { reasons.append("absent") } else if present != wanted { reasons.append("other keys") }
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

    public func apply(on machine: Machine) async throws {
        let declared = try declaredKeys()
        let place = try await place(on: machine)
        try machine.originals.keep(place.directory)
        try machine.originals.keep(place.file)
        try await place.write(content(declared, present: try machine.files.readIfPresent(place.file) ?? []), machine)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try AccountName.validate(user, of: "user")
        // Without the user there is nothing to give back, and nobody to give it to.
        guard let account = try await machine.fact(Accounts.self).user(user) else { return .satisfied }
        let place = KeyPlace(account)
        return try machine.originals.has(place.file) ? .unmet("\(place.file) is to be as it was before") : .satisfied
    }

    /// Gives back the same bytes, and takes away a directory that was made for them if nothing else is in it.
    public func revert(on machine: Machine) async throws {
        let place = try await place(on: machine)
        try machine.originals.restore(place.file)
        guard try !machine.originals.wasAbsent(place.directory) || machine.files.list(place.directory).isEmpty else {
            return
        }
        try machine.originals.restore(place.directory)
    }

    private func place(on machine: Machine) async throws -> KeyPlace {
        guard let account = try await machine.fact(Accounts.self).user(user) else {
            throw Failure(
                "there is no user \(user)", advice: "Declare User(\"\(user)\") before, or let this require it.")
        }
        let place = KeyPlace(account)
        try place.refuseUnsafe(machine)
        return place
    }

    private func declaredKeys() throws -> [AuthorizedKey] {
        var declared: [AuthorizedKey] = []
        for key in try keys.map(AuthorizedKey.init(declared:)) {
            if let other = declared.first(where: { $0.blob == key.blob }) {
                guard other == key else {
                    throw Failure(
                        "one key of \(user) is declared twice, and differently: “\(key.line)”",
                        advice: "Keep one of the two.")
                }
            } else {
                declared.append(key)
            }
        }
        return declared
    }

    /// The whole file. Bytes, since the comments of others may be in any encoding.
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
            // One that is there twice goes: sshd would take the options of the other line.
            guard let index = open.firstIndex(where: { $0.blob == found.blob }) else { continue }
            content += Array(open.remove(at: index).line.utf8) + [0x0A]
        }
        // The end of the last line made one more, empty, and a line feed where there was none.
        if !exclusive { content.removeLast() }
        if !open.isEmpty, let last = content.last, last != 0x0A { content.append(0x0A) }
        return content + open.flatMap { Array($0.line.utf8) + [0x0A] }
    }
}
