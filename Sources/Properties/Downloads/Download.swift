/// A file from the web, pinned by its SHA-256 or by the key that its publisher signs a list of hashes with.
///
///     Download("https://example.com/tool-1.4.tar.gz", sha256: "9f86d0…", to: "/srv/tool-1.4.tar.gz")
///     Download(
///         to: "/usr/local/bin/tool", mode: 0o755,
///         [
///             .x86_64: .init("https://example.com/tool-1.4-amd64", sha256: "9f86d0…"),
///             .aarch64: .init("https://example.com/tool-1.4-arm64", sha256: "60303a…"),
///         ])
///     Download(
///         "https://example.com/1.4/tool-linux-amd64", to: "/usr/local/bin/tool", mode: 0o755,
///         checksums: .init("https://example.com/1.4/SHA256SUMS", signature: "https://example.com/1.4/SHA256SUMS.sig",
///             key: "-----BEGIN PGP PUBLIC KEY BLOCK-----\n…"))
///
/// apt's helper downloads it, with apt's proxy settings, so no other program is needed; for https the package
/// ca-certificates is. The file is put in place whole once its hash is right: a program that runs keeps the old one
/// until it is restarted. What was there before is kept, so that a revert restores it.
public struct Download: Revertible {
    public typealias Target = DebianLike

    public let path: FilePath
    public let sources: [Architecture: Source]
    public let mode: FileMode
    public let owner: String
    /// The name of the group; nil for the primary group of the owner.
    public let group: String?
    /// The signed list that has the hash; nil if the sources have it.
    public let checksums: Checksums?

    /// A file on the web.
    public struct Source: Sendable, Hashable {
        public let url: String
        /// 64 hexadecimal digits; empty if a signed list has the hash.
        public let sha256: String

        /// - Parameters:
        ///   - url: `https://…` or `http://…`: what is downloaded is known by its hash.
        ///   - sha256: its SHA-256, as sha256sum(1) prints it.
        public init(_ url: String, sha256: String) {
            self.url = url
            self.sha256 = sha256.lowercased()
        }
    }

    /// - Parameters:
    ///   - url: the URL, for machines of any architecture.
    ///   - sha256: its SHA-256, as sha256sum(1) prints it.
    ///   - path: absolute. Its directory must exist, or be declared before.
    ///   - mode: the permission bits; 0644 by default.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    public init(
        _ url: String, sha256: String, to path: FilePath, mode: FileMode = 0o644, owner: String = "root",
        group: String? = nil
    ) {
        self.init(
            to: path, mode: mode, owner: owner, group: group, Source(url, sha256: sha256).everywhere)
    }

    /// - Parameters:
    ///   - path: absolute. Its directory must exist, or be declared before.
    ///   - mode: the permission bits; 0644 by default.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - sources: the file for each architecture.
    public init(
        to path: FilePath, mode: FileMode = 0o644, owner: String = "root", group: String? = nil,
        _ sources: [Architecture: Source]
    ) {
        self.path = path
        self.sources = sources
        self.mode = mode
        self.owner = owner
        self.group = group ?? Owner.group(of: owner)
        checksums = nil
    }

    /// A file whose hash is in a list that its publisher has signed.
    ///
    /// The list is looked at when the file is downloaded. Afterwards the file must stay as it is: another list at the
    /// same URL changes nothing. Another version has another URL.
    /// - Parameters:
    ///   - url: the URL, with the version in it.
    ///   - path: absolute. Its directory must exist, or be declared before.
    ///   - mode: the permission bits; 0644 by default.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - checksums: the list.
    public init(
        _ url: String, to path: FilePath, mode: FileMode = 0o644, owner: String = "root", group: String? = nil,
        checksums: Checksums
    ) {
        sources = Source(url, sha256: "").everywhere
        self.path = path
        self.mode = mode
        self.owner = owner
        self.group = group ?? Owner.group(of: owner)
        self.checksums = checksums
    }

    public var name: String { "download \(path)" }

    public var claims: [Claim] {
        let hashes =
            checksums.map { ["\(sources.values.first?.url ?? "") \($0.form)"] }
            ?? sources.sorted.map { "\($0.key) \($0.value.sha256)" }
        return [
            .path(
                path, is: "\(mode) \(owner):\(group ?? "") \(hashes.joined(separator: " "))",
                summary: "a download, \(described(mode: mode, owner: owner, group: group))")
        ]
    }

    public var problems: [String] { problems(in: validate) }

    /// - Throws: ``Failure`` if there is no file for the architecture of the machine, or something else is in its
    ///   place.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let source = try source()
        guard let found = try machine.files.status(of: path) else {
            try await machine.requireDirectory(of: path)
            return .unmet("download \(source.url) with \(described(mode: mode, owner: owner, group: group))")
        }
        try refuseOther(found)
        let known = KnownDownload(path, on: machine), wanted = try wanted(source, known)
        let isSame = try wanted != nil && known.hash(of: found) == wanted
        return .unmet(
            unlessEmpty: (isSame ? [] : ["other content: download \(source.url)"])
                + (try await machine.differences(of: found, mode: mode, owner: owner, group: group)))
    }

    public func apply(on machine: Machine) async throws {
        let source = try source(), owner = try await machine.owner(user: owner, group: group)
        let known = KnownDownload(path, on: machine), wanted = try wanted(source, known)
        if let found = try machine.files.status(of: path) {
            try refuseOther(found)
            if let wanted, try known.hash(of: found) == wanted {
                try machine.originals.keep(path)
                try machine.files.setOwner(owner, mode: mode.bits, of: path, expecting: found)
                return try known.remember(wanted, from: origin(source))
            }
        }
        try machine.originals.keep(path)
        var pinned = source
        if let checksums {
            let hash = try await checksums.hash(of: source.url, on: machine)
            guard wanted == nil || wanted == hash else {
                throw Failure(
                    "\(source.url) has another SHA-256 in \(checksums.url) than when it was first downloaded",
                    advice: "A version that was published does not change. Look at it by hand, and remove \(path).")
            }
            pinned = Source(source.url, sha256: hash)
        }
        try await pinned.download(on: machine) { file in
            let staged = try machine.files.stage(copyOf: file, for: path, mode: mode.bits, owner: owner)
            try machine.files.commit(staged, as: path)
        }
        try known.remember(pinned.sha256, from: origin(source))
    }

    /// The hash that the file must have; nil if nobody knows it before the list is looked at.
    private func wanted(_ source: Source, _ known: KnownDownload) throws -> String? {
        checksums == nil ? source.sha256 : try known.hash(from: origin(source))
    }

    /// Identifies what a hash was found for, if it was found in a list.
    private func origin(_ source: Source) -> String? { checksums.map { "\(source.url) \($0.form)" } }

    public func checkReverted(on machine: Machine) async throws -> Check { try machine.checkRestored([path]) }

    public func revert(on machine: Machine) async throws {
        try machine.originals.restore(path)
        try KnownDownload(path, on: machine).forget()
    }

    private func source() throws -> Source { try sources.ofThisMachine("download of \(path)") }

    private func validate() throws {
        try validateAbsolute(path)
        try Properties.validate(mode, of: path)
        guard !sources.isEmpty else { throw Failure("no download of \(path) is declared", advice: "Give a URL.") }
        for source in sources.values { try source.validate(isPinned: checksums == nil) }
        try checksums?.validate()
    }

    private func refuseOther(_ found: FileStatus) throws {
        guard found.kind == .file else {
            throw Failure(
                "\(path) is a \(found.kind.words), and a download is declared there",
                advice: "Move it away, or declare another path.")
        }
    }
}
