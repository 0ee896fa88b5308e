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
///     Download(
///         "https://get.helm.sh/helm-v3.16.2-linux-amd64.tar.gz", sha256: "9318379b…", to: "/usr/local/bin/helm",
///         member: "linux-amd64/helm", mode: 0o755)
///
/// apt's helper downloads it, with apt's proxy settings, so no other program is needed; for https the package
/// ca-certificates is. The file is put in place whole once its hash is right: a program that runs keeps the old one
/// until it is restarted. What was there before is kept, so that a revert restores it.
///
/// With `member` it is one file of an archive, such as the program in a release; see ``Unpacked`` for a directory. tar
/// recognizes gzip, bzip2, xz and zstd if their programs are installed; for a URL that ends with `.zip`, unzip has to
/// be.
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
    /// The name of the file in the archive that is downloaded; nil if it is no archive that counts.
    public let member: String?

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
    ///   - member: the name of the file in a tar or zip archive, as `tar --list` and `unzip -Z1` print it, if what is
    ///     downloaded is one; none by default.
    ///   - mode: the permission bits; 0644 by default.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    public init(
        _ url: String, sha256: String, to path: FilePath, member: String? = nil, mode: FileMode = 0o644,
        owner: String = "root", group: String? = nil
    ) {
        self.init(
            to: path, member: member, mode: mode, owner: owner, group: group, Source(url, sha256: sha256).everywhere)
    }

    /// - Parameters:
    ///   - path: absolute. Its directory must exist, or be declared before.
    ///   - member: the name of the file in a tar or zip archive, as `tar --list` and `unzip -Z1` print it, if what is
    ///     downloaded is one; none by default.
    ///   - mode: the permission bits; 0644 by default.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - sources: the file for each architecture.
    public init(
        to path: FilePath, member: String? = nil, mode: FileMode = 0o644, owner: String = "root",
        group: String? = nil, _ sources: [Architecture: Source]
    ) {
        self.path = path
        self.member = member
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
    ///   - member: the name of the file in a tar or zip archive, as `tar --list` and `unzip -Z1` print it, if what is
    ///     downloaded is one; none by default.
    ///   - mode: the permission bits; 0644 by default.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - checksums: the list.
    public init(
        _ url: String, to path: FilePath, member: String? = nil, mode: FileMode = 0o644, owner: String = "root",
        group: String? = nil, checksums: Checksums
    ) {
        sources = Source(url, sha256: "").everywhere
        self.path = path
        self.member = member
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
                path,
                is: "\(mode) \(owner):\(group ?? "") \(hashes.joined(separator: " "))\(member.map { " \($0)" } ?? "")",
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
            return .unmet("download \(what(source)) with \(described(mode: mode, owner: owner, group: group))")
        }
        try refuseOther(found)
        let known = KnownDownload(path, on: machine), wanted = try wanted(source, known)
        let isSame = try wanted != nil && known.hash(of: found) == wanted
        return .unmet(
            unlessEmpty: (isSame ? [] : ["other content: download \(what(source))"])
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
            guard member != nil || wanted == nil || wanted == hash else {
                throw Failure(
                    "\(source.url) has another SHA-256 in \(checksums.url) than when it was first downloaded",
                    advice: "A version that was published does not change. Look at it by hand, and remove \(path).")
            }
            pinned = Source(source.url, sha256: hash)
        }
        try await pinned.download(on: machine) { file in
            guard let member else { return try put(file, owner, on: machine) }
            try await machine.withMember(member, of: file, from: source.url) { try put($0, owner, on: machine) }
        }
        let hash = member == nil ? pinned.sha256 : try machine.files.hash(of: path)
        try known.remember(hash, from: origin(source))
    }

    private func put(_ file: FilePath, _ owner: Owner, on machine: Machine) throws {
        let staged = try machine.files.stage(copyOf: file, for: path, mode: mode.bits, owner: owner)
        try machine.files.commit(staged, as: path)
    }

    /// The hash that the file must have; nil if nobody knows it before something is downloaded.
    private func wanted(_ source: Source, _ known: KnownDownload) throws -> String? {
        guard let origin = origin(source) else { return source.sha256 }
        return try known.hash(from: origin)
    }

    /// Identifies what a hash was found for, if it is not declared.
    private func origin(_ source: Source) -> String? {
        guard checksums != nil || member != nil else { return nil }
        return "\(source.url) \(checksums?.form ?? source.sha256)\(member.map { " \($0)" } ?? "")"
    }

    private func what(_ source: Source) -> String { member.map { "\($0) of \(source.url)" } ?? source.url }

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
        if let member {
            let parts = member.split(separator: "/", omittingEmptySubsequences: false)
            // unzip takes a pattern.
            guard !member.hasPrefix("-"), !parts.contains(where: { $0.isEmpty || $0 == ".." }),
                !member.utf8.contains(where: { $0 < 0x20 || "*?[\\".utf8.contains($0) })
            else {
                throw Failure(
                    "invalid name of a file in an archive “\(member.escaped)”",
                    advice: "Write it as `tar --list` prints it: tool-1.4/tool.")
            }
        }
    }

    private func refuseOther(_ found: FileStatus) throws {
        guard found.kind == .file else {
            throw Failure(
                "\(path) is a \(found.kind.words), and a download is declared there",
                advice: "Move it away, or declare another path.")
        }
    }
}
