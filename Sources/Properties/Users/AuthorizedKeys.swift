/// The ssh keys that a user can log in with (`~/.ssh/authorized_keys`, sshd(8)).
///
///     AuthorizedKeys(of: "anna", ["ssh-ed25519 AAAA… anna@laptop"])
///     AuthorizedKeys(of: "backup", ["restrict,command=\"/usr/bin/borg serve\" ssh-ed25519 AAAA…"], exclusive: true)
///
/// A key that is there with other options or another comment is changed in place. All other lines stay, unless the list
/// is exclusive. One declaration has the whole list of a user.
///
/// The user can change the home at any moment, even while it is checked. So nothing is written there with root's
/// permissions: with the user's, a planted symbolic link leads to no place that the user could not write to anyway.
public struct AuthorizedKeys: Revertible {
    public typealias Target = AnyLinux

    /// The login of the user.
    public let user: String
    /// Lines as in a `.pub` file, optionally with options before the key.
    public let keys: [String]
    /// Whether all other lines are removed.
    public let exclusive: Bool

    /// - Parameters:
    ///   - user: the login of the user.
    ///   - keys: lines as in a `.pub` file, optionally with options before the key.
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

    /// - Throws: ``Failure`` if a key is invalid, or others could change the file, so that sshd ignores it.
    public func check(on machine: Machine) async throws -> Check {
        try AccountName.validate(user, of: "user")
        let declared = try declaredKeys()
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

    public func apply(on machine: Machine) async throws {
        let declared = try declaredKeys()
        let place = try await place(on: machine)
        try machine.originals.keep(place.directory)
        try machine.originals.keep(place.file)
        try await place.write(content(declared, present: try machine.files.readIfPresent(place.file) ?? []), machine)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try AccountName.validate(user, of: "user")
        // Without the user there is nothing to restore.
        guard let account = try await machine.user(user) else { return .satisfied }
        let place = try KeyPlace(account, on: machine)
        return try machine.originals.has(place.file) ? .unmet("restore the original \(place.file)") : .satisfied
    }

    /// Restores the original bytes, and removes a directory that was created for them if it is empty.
    public func revert(on machine: Machine) async throws {
        let place = try await place(on: machine)
        try machine.originals.restore(place.file)
        guard try !machine.originals.wasAbsent(place.directory) || machine.files.list(place.directory).isEmpty else {
            return
        }
        try machine.originals.restore(place.directory)
    }

    private func place(on machine: Machine) async throws -> KeyPlace {
        guard let account = try await machine.user(user) else {
            throw Failure(
                "there is no user \(user)", advice: "Declare User(\"\(user)\") before, or let this require it.")
        }
        let place = try KeyPlace(account, on: machine)
        try await place.refuseUnsafe(machine)
        return place
    }

    private func declaredKeys() throws -> [AuthorizedKey] {
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
