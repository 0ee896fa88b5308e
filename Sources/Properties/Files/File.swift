/// A file with this content, mode and owner.
///
///     File("/etc/motd", "Welcome.\n")
///     File("/etc/app.conf", "user=app\npassword=\(Secret("db-password"))\n", owner: "app")
///
/// The file is replaced whole: whoever reads it sees the old content or the new. A symbolic link or a directory in its
/// place is refused, since replacing it is hardly what was meant. The first time, what was there is kept, so that a
/// revert gives back the same bytes. A content that others may not read shows only its size in diffs, and one with
/// secrets in it not even that.
public struct File: Revertible {
    public typealias Target = UnixLike

    public let path: FilePath
    public let content: Content
    /// The permission bits.
    public let mode: Permissions
    public let owner: String
    /// The owner's primary group where it is nil.
    public let group: String?
    /// The program that must accept the file before it is put in its place, given where the candidate is.
    public let validation: (@Sendable (FilePath) -> Invocation)?

    /// - Parameters:
    ///   - path: absolute. Its directory must exist, or be declared before.
    ///   - content: text, bytes, and secrets among them.
    ///   - mode: the permission bits; 0644 by default, and 0600 where the content has secrets.
    ///   - owner: the name of a user; root by default.
    ///   - group: the name of a group; root by default, or the owner's primary group where another owner is given.
    ///   - validation: the program that must exit with 0 before the new content is put in place, for example
    ///     `visudo -cf FILE`.
    public init(
        _ path: FilePath, _ content: Content, mode: Permissions? = nil, owner: String = "root", group: String? = nil,
        validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.path = path
        self.content = content
        self.mode = mode ?? (content.secrets.isEmpty ? 0o644 : 0o600)
        self.owner = owner
        self.group = group ?? (owner == "root" ? "root" : nil)
        self.validation = validation
    }

    /// A file of these bytes; see ``init(_:_:mode:owner:group:validation:)``.
    public init(
        _ path: FilePath, bytes: [UInt8], mode: Permissions? = nil, owner: String = "root", group: String? = nil,
        validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.init(path, Content(bytes), mode: mode, owner: owner, group: group, validation: validation)
    }

    /// A text file; see ``init(_:_:mode:owner:group:validation:)``. A text with secrets has to be written where it is
    /// taken.
    @_disfavoredOverload
    public init(
        _ path: FilePath, _ text: String, mode: Permissions? = nil, owner: String = "root", group: String? = nil,
        validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.init(path, Content(text), mode: mode, owner: owner, group: group, validation: validation)
    }

    public var name: String { "file \(path)" }

    public var claims: [Claim] {
        let state = "\(octal(mode)) \(owner):\(group ?? "") \(content.form)"
        return [
            .path(
                path, is: state,
                summary:
                    "\(contentSummary), mode \(octal(mode)), owner \(owner)\(group.map { ":" + $0 } ?? "")"
            )
        ]
    }

    /// The content in a few words, so that a conflict of two files shows how they differ.
    private var contentSummary: String {
        // The hash of a large file would take longer than a run that changes nothing.
        guard content.plainSize <= 64 * 1024, let bytes = content.bytes else {
            return "a file of \(content.plainSize) bytes\(content.secrets.isEmpty ? "" : " and secrets")"
        }
        if bytes.count <= 40, mode & 0o004 != 0, let text = String(validating: bytes, as: UTF8.self) {
            return "a file with “\(text.escaped)”"
        }
        return "a file of \(bytes.count) bytes, SHA-256 \(SHA256.hash(bytes).prefix(12))…"
    }

    public var secrets: [Secret] { content.secrets }

    public func check(on machine: Machine) async throws -> Check {
        try requirePlausible(path, mode: mode)
        try refusePublicSecrets()
        guard let found = try machine.files.status(of: path) else {
            return .unmet("absent", diff: diff(from: [], mode: mode), secrets: secrets)
        }
        try refuseOther(found)
        let others = try await differences(of: found, mode: mode, owner: owner, group: group, on: machine)
        var present = try machine.files.read(path)
        defer { if !secrets.isEmpty { present.wipe() } }
        do {
            if try content.matches(present, in: path.string, on: machine) { return .unmet(unlessEmpty: others) }
            return .unmet(
                unlessEmpty: ["other content"] + others, diff: diff(from: present, mode: found.mode), secrets: secrets)
        } catch let error as Undetermined {
            if others.isEmpty { throw error }
            return .unmet(
                unlessEmpty: others + ["perhaps other content: cannot tell until \(error.until)"], secrets: secrets)
        }
    }

    public func apply(on machine: Machine) async throws {
        let found = try machine.files.status(of: path)
        if let found { try refuseOther(found) }
        let owner = try await machine.owner(user: owner, group: group)
        try machine.originals.keep(path)
        if found != nil, let present = try statusOfSameContent(on: machine) {
            // The same file, so that whoever has it mounted or open sees the change.
            return try machine.files.setOwner(owner, mode: mode, of: path, expecting: present)
        }
        let staged = try await content.withBytes(on: machine) { bytes in
            try machine.files.stage(bytes, for: path, mode: mode, owner: owner)
        }
        if let validation {
            do {
                try await machine.succeed(validation(staged))
            } catch {
                machine.files.discard(staged)
                // Programs quote the line that they do not like.
                guard !secrets.isEmpty, let failure = error as? CommandFailure else { throw error }
                throw Failure(
                    "\(path) is not valid, and what the program said of it is not shown, since there are secrets in it",
                    command: failure.command.description, ending: failure.result.ending.description,
                    advice: "Run the program on the machine by hand.")
            }
        }
        try machine.files.commit(staged, as: path)
    }

    /// The status of the file if it is known to have this content. Nil if it has other content, if that takes a
    /// plaintext, or if it has other names: these are not given away.
    private func statusOfSameContent(on machine: Machine) throws -> FileStatus? {
        var (present, status) = try machine.files.readWithStatus(path)
        defer { if !secrets.isEmpty { present.wipe() } }
        do {
            return try status.links == 1 && content.matches(present, in: path.string, on: machine) ? status : nil
        } catch is Undetermined {
            return nil
        }
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try machine.originals.has(path) ? .unmet("\(path) is to be as it was before") : .satisfied
    }

    public func revert(on machine: Machine) async throws {
        try machine.originals.restore(path)
        try AppliedSecrets(in: path.string, form: "", of: []).forget(on: machine)
    }

    /// - Parameter present: with the mode that it has: neither what is there nor what comes may be shown where others
    ///   may not read it.
    private func diff(from present: [UInt8], mode presentMode: Permissions) -> Diff? {
        // The hash of a large file would take longer than a run that changes nothing.
        guard content.plainSize <= 64 * 1024, let bytes = content.bytes else { return nil }
        return mode & 0o004 == 0 || presentMode & 0o004 == 0
            ? Diff(private: present, bytes) : Diff(from: present, to: bytes)
    }

    private func refusePublicSecrets() throws {
        guard !secrets.isEmpty, mode & 0o007 != 0 else { return }
        throw Failure(
            "\(path) has secrets in it, and everybody may read or change it with the mode \(octal(mode))",
            advice: "Declare a mode such as 0o600, or 0o640 with the group that reads it.")
    }

    private func refuseOther(_ found: FileStatus) throws {
        switch found.kind {
        case .file: return
        case .link:
            throw Failure(
                "\(path) is a symbolic link, and a file is declared in its place",
                advice: "Declare the file that it points to, or remove the link.")
        case .directory, .other:
            throw Failure(
                "\(path) is a \(found.kind == .directory ? "directory" : "special file"), and a file is declared in its place",
                advice: "Move it away, or declare another path.")
        }
    }
}

/// How what is there differs in mode and owner from what is declared, in words.
func differences(
    of found: FileStatus, mode: Permissions, owner: String, group: String?, on machine: Machine
) async throws -> [String] {
    let accounts = try await machine.fact(Accounts.self)
    var differences: [String] = []
    if found.mode != mode { differences.append("mode \(octal(found.mode)) → \(octal(mode))") }
    // A user who does not exist yet owns nothing.
    if accounts.user(owner)?.id != found.owner.user {
        differences.append(
            "owner \(accounts.users.first { $0.id == found.owner.user }?.name ?? "\(found.owner.user)") → \(owner)")
    }
    let wanted = group.flatMap { accounts.group($0)?.id } ?? (group == nil ? accounts.user(owner)?.group : nil)
    if wanted != found.owner.group {
        func name(_ id: UInt32) -> String { accounts.groups.first { $0.id == id }?.name ?? "\(id)" }
        differences.append("group \(name(found.owner.group)) → \(group ?? wanted.map(name) ?? "that of \(owner)")")
    }
    return differences
}

/// - Throws: ``Failure`` where there can be no file of this path and mode.
func requirePlausible(_ path: FilePath, mode: Permissions) throws {
    guard path.isAbsolute, path.lastComponent != nil, path.lastComponent?.kind == .regular else {
        throw Failure(
            "“\(path.string.escaped)” is no absolute path of a file or a directory",
            advice: "Write it from the root on: /etc/motd.")
    }
    guard mode & ~0o7777 == 0 else {
        throw Failure(
            "\(octal(mode)) is no mode of \(path)",
            advice: "Write the permission bits in octal, with 0o before them: 0o644.")
    }
}

extension Machine {
    /// The numbers of a user and a group, by default the user's primary one.
    /// - Throws: ``Failure`` where there is no such user or group.
    func owner(user: String, group: String?) async throws -> Owner {
        let accounts = try await fact(Accounts.self)
        guard let user = accounts.user(user) else {
            throw Failure(
                "there is no user \(user)", advice: "Declare User(\"\(user)\") before, or let this require it.")
        }
        guard let group else { return Owner(user: user.id, group: user.group) }
        guard let group = accounts.group(group) else {
            throw Failure(
                "there is no group \(group)", advice: "Declare Group(\"\(group)\") before, or let this require it.")
        }
        return Owner(user: user.id, group: group.id)
    }
}
