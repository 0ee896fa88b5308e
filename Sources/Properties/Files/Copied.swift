/// A file that is a copy of another file of the machine, or of several one after the other.
///
///     Copied(from: "/usr/share/doc/app/examples/app.conf", to: "/etc/app/app.conf")
///     Copied(from: "/etc/letsencrypt/live/example.com/privkey.pem", to: "/etc/app/key.pem", mode: 0o640, owner: "app")
///     Copied(from: "/boot/firmware/cmdline.txt", to: "/boot/firmware/cmdline.txt.orig", seed: true)
///     Copied(joining: ["/etc/ssl/app.crt", "/etc/ssl/private/app.key"], to: "/etc/haproxy/app.pem", mode: 0o600)
///
/// When the source changes the copy follows. The file is replaced whole, and what was there before is kept, so that a
/// revert restores it.
public struct Copied: Revertible {
    public typealias Target = UnixLike

    public let sources: [FilePath]
    public let path: FilePath
    /// The permission bits; nil for those of the source.
    public let mode: FileMode?
    public let owner: String
    /// The name of the group; nil for the primary group of the owner.
    public let group: String?
    /// Whether only a file that does not exist becomes a copy.
    public let isSeed: Bool
    /// The program that must exit with 0 before the copy is put in place.
    public let validation: (@Sendable (FilePath) -> Invocation)?

    /// - Parameters:
    ///   - source: absolute: a file of at most 1 GiB, not a symbolic link. It must exist, or be declared before.
    ///   - path: absolute. Its directory must exist, or be declared before.
    ///   - mode: the permission bits; those of the source by default, without set-user-ID, set-group-ID and sticky.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - seed: whether the copy is made once: a file that exists keeps its content, whatever the source becomes. No
    ///     by default. Owner and a given mode are enforced in both cases.
    ///   - validation: the program that must exit with 0 before the copy is put in place, given the path of the
    ///     candidate.
    public init(
        from source: FilePath, to path: FilePath, mode: FileMode? = nil, owner: String = "root",
        group: String? = nil, seed: Bool = false, validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.init([source], path, mode, owner, group, seed, validation)
    }

    /// A file with what is in several files, one after the other, as some programs want a certificate and its key.
    /// - Parameters:
    ///   - sources: absolute: files of at most 1 MiB, not symbolic links. They must exist, or be declared before.
    ///   - path: absolute. Its directory must exist, or be declared before.
    ///   - mode: the permission bits; by default those that all sources have.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - validation: the program that must exit with 0 before the copy is put in place, given the path of the
    ///     candidate.
    public init(
        joining sources: [FilePath], to path: FilePath, mode: FileMode? = nil, owner: String = "root",
        group: String? = nil, validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.init(sources, path, mode, owner, group, false, validation)
    }

    private init(
        _ sources: [FilePath], _ path: FilePath, _ mode: FileMode?, _ owner: String, _ group: String?,
        _ isSeed: Bool, _ validation: (@Sendable (FilePath) -> Invocation)?
    ) {
        self.sources = sources
        self.path = path
        self.mode = mode
        self.owner = owner
        self.group = group ?? Owner.group(of: owner)
        self.isSeed = isSeed
        self.validation = validation
    }

    private var source: String { sources.map(\.string).joined(separator: " and ") }

    public var name: String { "file \(path), a copy of \(source)" }

    public var claims: [Claim] {
        let rights = "\(mode.map { "mode \($0)" } ?? "the mode of the source"), owner \(owner):\(group ?? "")"
        let words = "a copy of \(source)\(isSeed ? ", made once" : ""), \(rights)"
        return [.path(path, is: words, summary: words)]
    }

    public var problems: [String] { problems(in: validate) }

    /// - Throws: ``Undetermined`` if a source does not exist yet, ``Failure`` if one of them is not a file.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let found = try machine.files.status(of: path)
        if let found {
            try requireFile(found, at: path)
            if isSeed {
                let mode = self.mode ?? FileMode(found.mode)
                return .unmet(
                    unlessEmpty: try await machine.differences(of: found, mode: mode, owner: owner, group: group))
            }
        }
        let originals = try sources.map { source in
            guard let original = try machine.files.status(of: source) else {
                throw Undetermined(until: "something before it makes \(source)")
            }
            return original
        }
        let mode = try self.mode(of: originals)
        guard let found else {
            try await machine.requireDirectory(of: path)
            return .unmet("create with \(described(mode: mode, owner: owner, group: group))")
        }
        let isSame = try found.size == originals.reduce(0) { $0 + $1.size } && hasSameContent(on: machine)
        return .unmet(
            unlessEmpty: (isSame ? [] : ["other content"])
                + (try await machine.differences(of: found, mode: mode, owner: owner, group: group)))
    }

    public func apply(on machine: Machine) async throws {
        let owner = try await machine.owner(user: owner, group: group)
        if isSeed, let found = try machine.files.status(of: path) {
            try machine.originals.keep(path)
            return try machine.files.setOwner(owner, mode: self.mode?.bits ?? found.mode, of: path, expecting: found)
        }
        let originals = try sources.map { source in
            guard let original = try machine.files.status(of: source) else {
                throw Failure("\(source) does not exist", advice: "Declare what makes it before, or correct the path.")
            }
            return original
        }
        let mode = try self.mode(of: originals).bits
        try machine.originals.keep(path)
        let staged: FilePath
        if sources.count == 1 {
            staged = try machine.files.stage(copyOf: sources[0], for: path, mode: mode, owner: owner)
        } else {
            var content = try joined(on: machine)
            defer { content.wipe() }
            staged = try machine.files.stage(content, for: path, mode: mode, owner: owner)
        }
        do {
            if let validation { try await machine.succeed(validation(staged)) }
        } catch {
            machine.files.discard(staged)
            throw error
        }
        try machine.files.commit(staged, as: path)
    }

    public func checkReverted(on machine: Machine) async throws -> Check { try machine.checkRestored([path]) }
    public func revert(on machine: Machine) async throws { try machine.originals.restore(path) }

    private func hasSameContent(on machine: Machine) throws -> Bool {
        guard sources.count > 1 else { return try machine.files.hash(of: path) == machine.files.hash(of: sources[0]) }
        var content = try joined(on: machine)
        defer { content.wipe() }
        return try machine.files.compare(path, with: content).isSame
    }

    /// The content of all sources. A private key may be among them.
    private func joined(on machine: Machine) throws -> [UInt8] {
        var content: [UInt8] = []
        for source in sources {
            var part = try machine.files.read(source)
            defer { part.wipe() }
            content += part
        }
        return content
    }

    /// The permission bits of the copy: those that all sources have, unless they are declared.
    private func mode(of originals: [FileStatus]) throws -> FileMode {
        var common: ModeBits = 0o777
        for (original, source) in zip(originals, sources) {
            try requireFile(original, at: source)
            common &= original.mode
            guard sources.count == 1 || original.size <= 1 << 20 else {
                throw Failure(
                    "\(source) has more than 1 MiB, and is not joined", advice: "Copy it alone, or name another file.")
            }
        }
        return mode ?? FileMode(common)
    }

    private func validate() throws {
        try validateAbsolute(path)
        if let mode { try Properties.validate(mode, of: path) }
        guard !sources.isEmpty else {
            throw Failure("\(path) is declared as a copy of nothing", advice: "Name a file.")
        }
        for source in sources {
            try validateAbsolute(source)
            guard source.lexicallyNormalized() != path.lexicallyNormalized() else {
                throw Failure("\(path) is declared as a copy of itself", advice: "Name another file.")
            }
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
