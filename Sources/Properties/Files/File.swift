/// A file with this content, mode and owner.
///
///     File("/etc/motd", "Welcome.\n")
///     File("/etc/app.conf", "user=app\npassword=\(Secret("db-password"))\n", owner: "app")
///     File("/usr/local/bin/backup", from: "files/backup.sh")
///     File("/etc/site.conf", Template("files/site.conf", ["domain": "example.com"]))
///
/// The file is replaced whole: a reader sees the old content or the new one. A symbolic link or a directory in its
/// place is refused. The original is kept before the first write, so that a revert restores the same bytes. If others
/// may not read the content, diffs show only its size, and nothing at all if there are secrets in it.
public struct File: Revertible {
    public typealias Target = UnixLike

    public let path: FilePath
    public private(set) var content: Content
    /// The permission bits. Those of a program of the repository get the bits for execution when it is applied; see
    /// ``isExecutableAsInRepository``.
    public private(set) var mode: FileMode
    public let owner: String
    /// The name of the group; nil for the primary group of the owner.
    public let group: String?
    /// Whether everybody who may read the file may execute it, if the file of the repository is executable.
    public let isExecutableAsInRepository: Bool
    /// The program that must accept the file before it is put in place, given the path of the candidate.
    public let validation: (@Sendable (FilePath) -> Invocation)?
    /// Whether the content is written only if there is no file.
    public let isSeed: Bool
    /// How many former versions are kept; nil if none are. See ``keepingVersions(_:)``.
    public internal(set) var keptVersions: Int?

    /// - Parameters:
    ///   - path: absolute. Its directory must exist, or be declared before.
    ///   - content: text, bytes, and secrets among them.
    ///   - mode: the permission bits; 0644 by default, and 0600 if the content has secrets.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - validation: the program that must exit with 0 before the new content is put in place, for example
    ///     `visudo -cf FILE`.
    ///   - seed: whether only a file that does not exist gets the content; an existing one keeps its own. `false` by
    ///     default. Mode and owner are enforced in both cases.
    public init(
        _ path: FilePath, _ content: Content, mode: FileMode? = nil, owner: String = "root", group: String? = nil,
        seed: Bool = false, validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.path = path
        self.content = content
        self.mode = mode ?? (content.secrets.isEmpty ? 0o644 : 0o600)
        isExecutableAsInRepository = mode == nil && content.repositoryFile != nil
        self.owner = owner
        self.group = group ?? Owner.group(of: owner)
        self.validation = validation
        isSeed = seed
    }

    /// A file of these bytes; see the initializer that takes a ``/Propel/Content``.
    public init(
        _ path: FilePath, bytes: [UInt8], mode: FileMode? = nil, owner: String = "root", group: String? = nil,
        seed: Bool = false, validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.init(path, Content(bytes), mode: mode, owner: owner, group: group, seed: seed, validation: validation)
    }

    /// A text file; see the initializer that takes a ``/Propel/Content``. Secrets are interpolated only in a literal
    /// that is passed directly: a `String` has no room for them.
    @_disfavoredOverload
    public init(
        _ path: FilePath, _ text: String, mode: FileMode? = nil, owner: String = "root", group: String? = nil,
        seed: Bool = false, validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.init(path, Content(text), mode: mode, owner: owner, group: group, seed: seed, validation: validation)
    }

    public var name: String { "file \(path)" }

    public var claims: [Claim] {
        [
            .path(
                path, is: "\(mode) \(owner):\(group ?? "") \(isSeed ? "at first " : "")\(content.fingerprint)",
                summary: "\(contentSummary), \(described(mode: mode, owner: owner, group: group))")
        ]
    }

    /// The content in a few words, so that a conflict of two files shows how they differ.
    private var contentSummary: String {
        if let source = content.sources.first { return "a file made of \(source.path) of the repository" }
        // The hash of a large file would take longer than a run that changes nothing.
        guard content.plainSize <= 64 * 1024, let bytes = content.bytes else {
            return "a file of \(content.plainSize) bytes\(content.secrets.isEmpty ? "" : " and secrets")"
        }
        if bytes.count <= 40, mode.bits & 0o004 != 0, let text = String(validating: bytes, as: UTF8.self) {
            return "a file with “\(text.escaped)”"
        }
        return "a file of \(bytes.count) bytes, SHA-256 \(SHA256.hash(bytes).prefix(12))…"
    }

    /// The size in bytes up to which a file is read as a whole: a diff shows no larger one.
    static let wholeLimit = 256 * 1024

    public var secrets: [Secret] { content.secrets }
    public var problems: [String] { problems(in: validate) }

    public func check(on machine: Machine) async throws -> Check {
        try await check(on: machine, createsDirectory: false)
    }

    func check(on machine: Machine, createsDirectory: Bool) async throws -> Check {
        try validate()
        guard isResolved else {
            return try await resolved(on: machine).check(on: machine, createsDirectory: createsDirectory)
        }
        guard let found = try machine.files.status(of: path) else {
            if createsDirectory {
                try await machine.expectDirectory(path.removingLastComponent())
            } else {
                try await machine.requireDirectory(of: path)
            }
            let creation = "create with \(described(mode: mode, owner: owner, group: group))"
            if let source = repositoryContent { return try await checkCreation(of: source, creation, on: machine) }
            return .unmet(creation, diff: diff(from: [], mode: mode.bits), secrets: secrets)
        }
        try refuseOther(found)
        let others = try await machine.differences(of: found, mode: mode, owner: owner, group: group)
        if isSeed { return .unmet(unlessEmpty: others) }
        // What is there would be copied first.
        if found.size > FileStatus.copyLimit, try keptVersions != nil || !machine.originals.has(path) {
            throw FileError("copy", path, .fileTooLarge)
        }
        if let source = repositoryContent { return try await check(source, over: found, others, on: machine) }
        if let bytes = content.bytes, max(bytes.count, found.size) > Self.wholeLimit {
            let isSame = try machine.files.compare(path, with: bytes).isSame
            return .unmet(unlessEmpty: (isSame ? [] : [otherContent]) + others)
        }
        var present = try machine.files.read(path)
        defer { if !secrets.isEmpty { present.wipe() } }
        do {
            if try content.matches(present, in: path.string, on: machine) { return .unmet(unlessEmpty: others) }
            return .unmet(
                unlessEmpty: [otherContent] + others, diff: diff(from: present, mode: found.mode), secrets: secrets)
        } catch let error as Undetermined {
            if others.isEmpty { throw error }
            return .unmet(
                unlessEmpty: others + ["perhaps \(otherContent): cannot tell until \(error.until)"], secrets: secrets)
        }
    }

    public func apply(on machine: Machine) async throws { try await apply(on: machine, createsDirectory: false) }

    func apply(on machine: Machine, createsDirectory: Bool) async throws {
        guard isResolved else {
            return try await resolved(on: machine).apply(on: machine, createsDirectory: createsDirectory)
        }
        let found = try machine.files.status(of: path)
        if let found { try refuseOther(found) }
        let owner = try await machine.owner(user: owner, group: group)
        let directory = path.removingLastComponent()
        if createsDirectory, try machine.files.status(of: directory) == nil {
            try machine.originals.keep(directory)
            try machine.files.createDirectory(directory, mode: 0o755, owner: .root)
        }
        try machine.originals.keep(path)
        if let found, isSeed { return try machine.files.setOwner(owner, mode: mode.bits, of: path, expecting: found) }
        if found != nil, let present = try statusOfSameContent(on: machine) {
            // The same file, so that a process that has it mounted or open sees the change.
            return try machine.files.setOwner(owner, mode: mode.bits, of: path, expecting: present)
        }
        let staged = try await stage(owner: owner, on: machine)
        try await runValidation(of: staged, on: machine)
        if let found { try keepVersion(of: found, before: staged, on: machine) }
        try machine.files.commit(staged, as: path)
        if directory == SSHDropIn.directory, secrets.isEmpty {
            try SSHDropIn(path: path, text: machine.files.text(path)).noteOutranked(on: machine)
        }
    }

    private func stage(owner: Owner, on machine: Machine) async throws -> FilePath {
        if let source = content.repositoryFile {
            return try await machine.stage(source, for: path, mode: mode.bits, owner: owner)
        }
        return try await content.withBytes(on: machine) { bytes in
            try machine.files.stage(bytes, for: path, mode: mode.bits, owner: owner)
        }
    }

    /// The content of the file of the repository that it is as a whole. Known once it was resolved.
    private(set) var repositoryContent: RepositoryContent?

    /// Whether only the plaintexts of secrets are open, or the bytes of a file that is compared by its hash.
    private var isResolved: Bool { content.isResolved || repositoryContent != nil }

    /// The same file with the values that facts have on a machine, and with what the repository has for it.
    private func resolved(on machine: Machine) async throws -> File {
        var file = self
        guard let source = content.repositoryFile else {
            file.content = try await content.resolved(on: machine)
            return file
        }
        let content = try machine.repository.manifest.content(of: source)
        file.repositoryContent = content
        if isExecutableAsInRepository { file.mode = mode.executable(if: content.isExecutable) }
        return file
    }

    private func runValidation(of staged: FilePath, on machine: Machine) async throws {
        guard let validation else { return }
        do {
            try await machine.succeed(validation(staged))
        } catch {
            machine.files.discard(staged)
            guard !secrets.isEmpty, let failure = error as? CommandFailure else { throw error }
            throw Failure(withoutOutputOf: failure, about: path)
        }
    }

    /// The status of the file if it is known to have this content. Nil if it has other content, if that takes a
    /// plaintext, or if it has other hard links: their owner must not change.
    private func statusOfSameContent(on machine: Machine) throws -> FileStatus? {
        if let repositoryContent { return try status(of: repositoryContent, on: machine) }
        if let bytes = content.bytes {
            let (isSame, status) = try machine.files.compare(path, with: bytes)
            return isSame && status.links == 1 ? status : nil
        }
        var (present, status) = try machine.files.readWithStatus(path)
        defer { if !secrets.isEmpty { present.wipe() } }
        do {
            return try status.links == 1 && content.matches(present, in: path.string, on: machine) ? status : nil
        } catch is Undetermined {
            return nil
        }
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try await checkReverted(on: machine, removesDirectory: false)
    }

    /// - Parameter removesDirectory: whether a directory that was created for the file must go too, if it is empty.
    func checkReverted(on machine: Machine, removesDirectory: Bool) async throws -> Check {
        let directory = path.removingLastComponent(), restored = try machine.checkRestored([path])
        // A run that was killed in between has left it.
        guard restored == .satisfied, removesDirectory, try machine.originals.has(directory),
            try machine.files.status(of: directory) != nil, try machine.files.list(directory).isEmpty
        else { return restored }
        return .unmet("restore the original \(directory)")
    }

    public func revert(on machine: Machine) async throws {
        try await revert(on: machine, removesDirectory: false)
    }

    /// - Parameter removesDirectory: whether a directory that was created for the file goes too, if it is empty.
    func revert(on machine: Machine, removesDirectory: Bool) async throws {
        try machine.originals.restore(path)
        try AppliedSecrets(in: path.string, form: "", of: []).forget(on: machine)
        let directory = path.removingLastComponent()
        if removesDirectory, try machine.files.status(of: directory) != nil,
            try machine.files.list(directory).isEmpty
        {
            try machine.originals.restore(directory)
        }
    }

    /// - Parameter presentMode: of the file that is there. Neither its content nor the declared one is shown if others
    ///   may not read it.
    private func diff(from present: [UInt8], mode presentMode: ModeBits) -> Diff? {
        // The diff of a large file would take longer than a run that changes nothing.
        guard content.plainSize <= 64 * 1024, let bytes = content.bytes else { return nil }
        return mode.bits & 0o004 == 0 || presentMode & 0o004 == 0
            ? Diff(private: present, bytes) : Diff(from: present, to: bytes)
    }

    private func validate() throws {
        try validateAbsolute(path)
        try Properties.validate(mode, of: path)
        try validateVersions()
        try validatePrivate(mode, of: path, with: secrets)
    }

    private func refuseOther(_ found: FileStatus) throws {
        switch found.kind {
        case .file: return
        case .link:
            throw Failure(
                "\(path) is a symbolic link, and a file is declared there",
                advice: "Declare the file that it points to, or remove the link.")
        case .directory, .other:
            throw Failure(
                "\(path) is a \(found.kind == .directory ? "directory" : "special file"), and a file is declared there",
                advice: "Move it away, or declare another path.")
        }
    }
}
