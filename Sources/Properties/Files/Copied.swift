/// A file that is a copy of another file of the machine.
///
///     Copied(from: "/usr/share/doc/app/examples/app.conf", to: "/etc/app/app.conf")
///     Copied(from: "/etc/letsencrypt/live/example.com/privkey.pem", to: "/etc/app/key.pem", mode: 0o640, owner: "app")
///
/// When the source changes the copy follows. The file is replaced whole, and what was there before is kept, so that a
/// revert restores it.
public struct Copied: Revertible {
    public typealias Target = UnixLike

    public let source: FilePath
    public let path: FilePath
    /// The permission bits; nil for those of the source.
    public let mode: FileMode?
    public let owner: String
    /// The name of the group; nil for the primary group of the owner.
    public let group: String?

    /// - Parameters:
    ///   - source: absolute: a file of at most 1 GiB, not a symbolic link. It must exist, or be declared before.
    ///   - path: absolute. Its directory must exist, or be declared before.
    ///   - mode: the permission bits; those of the source by default, without set-user-ID, set-group-ID and sticky.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    public init(
        from source: FilePath, to path: FilePath, mode: FileMode? = nil, owner: String = "root", group: String? = nil
    ) {
        self.source = source
        self.path = path
        self.mode = mode
        self.owner = owner
        self.group = group ?? Owner.group(of: owner)
    }

    public var name: String { "file \(path), a copy of \(source)" }

    public var claims: [Claim] {
        let rights = "\(mode.map { "mode \($0)" } ?? "the mode of the source"), owner \(owner):\(group ?? "")"
        return [.path(path, is: "a copy of \(source), \(rights)", summary: "a copy of \(source), \(rights)")]
    }

    public var problems: [String] { problems(in: validate) }

    /// - Throws: ``Undetermined`` if the source does not exist yet, ``Failure`` if one of the two is not a file.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard let original = try machine.files.status(of: source) else {
            throw Undetermined(until: "something before it makes \(source)")
        }
        try requireFile(original, at: source)
        let mode = mode(of: original)
        guard let found = try machine.files.status(of: path) else {
            try await machine.requireDirectory(of: path)
            return .unmet("create with \(described(mode: mode, owner: owner, group: group))")
        }
        try requireFile(found, at: path)
        let isSame = try found.size == original.size && machine.files.hash(of: path) == machine.files.hash(of: source)
        return .unmet(
            unlessEmpty: (isSame ? [] : ["other content"])
                + (try await machine.differences(of: found, mode: mode, owner: owner, group: group)))
    }

    public func apply(on machine: Machine) async throws {
        guard let original = try machine.files.status(of: source) else {
            throw Failure("\(source) does not exist", advice: "Declare what makes it before, or correct the path.")
        }
        try requireFile(original, at: source)
        let owner = try await machine.owner(user: owner, group: group)
        try machine.originals.keep(path)
        let staged = try machine.files.stage(copyOf: source, for: path, mode: mode(of: original).bits, owner: owner)
        try machine.files.commit(staged, as: path)
    }

    public func checkReverted(on machine: Machine) async throws -> Check { try machine.checkRestored([path]) }
    public func revert(on machine: Machine) async throws { try machine.originals.restore(path) }

    private func mode(of original: FileStatus) -> FileMode { mode ?? FileMode(original.mode & 0o777) }

    private func validate() throws {
        try validateAbsolute(source)
        try validateAbsolute(path)
        if let mode { try Properties.validate(mode, of: path) }
        guard source.lexicallyNormalized() != path.lexicallyNormalized() else {
            throw Failure("\(path) is declared as a copy of itself", advice: "Name another file.")
        }
    }

    private func requireFile(_ found: FileStatus, at path: FilePath) throws {
        guard found.kind == .file else {
            throw Failure(
                "\(path) is a \(found.kind.words), and only files are copied",
                advice: found.kind == .link ? "Name the file that the link points to." : "Name a file.")
        }
    }
}
