import Synchronization

/// The files of the repository in a run: what `propel` has read of them, and how their contents are fetched.
public final class RepositoryContents: Sendable {
    /// Fetches the rest of contents from an offset on. `receive` is called with the pieces of each in their order.
    public typealias Source =
        @Sendable (
            _ wanted: [ContentRange], _ receive: @Sendable (Piece, [UInt8]) throws -> Void
        ) async throws -> Void

    /// The files with their sizes and hashes.
    public let manifest: RepositoryManifest
    private let source: Source?
    private let cache = Mutex<[String: [UInt8]]>([:])

    /// The size in bytes up to which a content is kept in memory, and the size limit of all of them.
    private static let cachedSize = 256 << 10, cacheLimit = 4 << 20

    /// - Parameters:
    ///   - manifest: the files that the host uses; none by default.
    ///   - source: fetches contents; nil if nobody can be asked.
    public init(_ manifest: RepositoryManifest = .empty, source: Source? = nil) {
        self.manifest = manifest
        self.source = source
    }

    /// The bytes of a content, if they are in memory.
    func known(_ content: RepositoryContent) -> [UInt8]? {
        content.size == 0 ? [] : cache.withLock { $0[content.hash] }
    }

    /// Fetches contents into memory, with one request. Those that are there, or are too large, are left out.
    func read(_ contents: [RepositoryContent]) async throws {
        let missing = Set(contents).filter { $0.size <= Self.cachedSize && known($0) == nil }
        guard !missing.isEmpty else { return }
        let buffers = Mutex<[String: [UInt8]]>([:])
        try await fetch(missing.map { ContentRange(hash: $0.hash, offset: 0, size: $0.size) }) { piece, bytes in
            buffers.withLock { $0[piece.file, default: []] += bytes }
        }
        for (hash, bytes) in buffers.withLock(\.self) where SHA256.hash(bytes) == hash {
            cache.withLock { cache in
                if cache.values.reduce(bytes.count, { $0 + $1.count }) <= Self.cacheLimit { cache[hash] = bytes }
            }
        }
    }

    /// The bytes of a content.
    /// - Throws: ``Failure`` if they do not arrive, or are not what `propel` has read before.
    func bytes(of content: RepositoryContent, at path: String) async throws -> [UInt8] {
        guard content.size <= RepositoryFile.partLimit else {
            throw Failure(
                "\(path.escaped) is too large to be a part of a content: \(content.size) bytes",
                advice: "File(…, from:) takes a file of any size as a whole.")
        }
        try await read([content])
        if let bytes = known(content) { return bytes }
        let buffer = Mutex<[UInt8]>([])
        try await fetch([ContentRange(hash: content.hash, offset: 0, size: content.size)]) { _, bytes in
            buffer.withLock { $0 += bytes }
        }
        let bytes = buffer.withLock(\.self)
        guard SHA256.hash(bytes) == content.hash else { throw Self.changed(path) }
        return bytes
    }

    /// - Throws: ``Failure`` if something does not arrive.
    func fetch(_ wanted: [ContentRange], _ receive: @Sendable (Piece, [UInt8]) throws -> Void) async throws {
        guard let source else {
            throw Failure(
                "a file of the repository is needed, and nobody can be asked for it",
                advice: "Run `propel` with this host: it continues from there.")
        }
        try await source(wanted, receive)
    }

    static func changed(_ path: String) -> Failure {
        Failure(
            "\(path.escaped) of the repository changed while it was sent",
            advice: "Run again to deploy it as it is now.")
    }
}

extension Machine {
    /// The bytes of a file of the repository, of at most ``RepositoryFile/partLimit`` bytes.
    /// - Throws: ``Failure`` if it does not arrive.
    public func bytes(of file: RepositoryFile) async throws -> [UInt8] {
        try await repository.bytes(of: try repository.manifest.content(of: file), at: file.path)
    }

    /// The directory of contents that have been fetched and not been put in place yet, each under its hash. One that is
    /// not complete is continued by the next run.
    private static let fetched = state.appending("contents")

    /// Fetches contents to the disk, so that the run no longer depends on the connection.
    ///
    /// Contents that are there are not fetched again. None is trusted before its hash was compared, in
    /// ``stage(_:for:mode:owner:)``: so nothing is synced here.
    /// - Throws: ``Failure`` if something does not arrive, ``FileError`` if the disk is full.
    func fetch(_ contents: [RepositoryContent]) async throws {
        var wanted: [ContentRange] = []
        for content in Set(contents).sorted(by: { $0.hash < $1.hash }) where repository.known(content) == nil {
            let path = Self.fetched.appending(content.hash)
            var size = try files.status(of: path)?.size ?? 0
            if size > content.size {
                try files.remove(path)
                size = 0
            }
            if size == content.size { continue }
            wanted.append(ContentRange(hash: content.hash, offset: size, size: content.size - size))
        }
        guard !wanted.isEmpty else { return }
        try files.createDirectories(Self.fetched, mode: 0o700)
        let hashes = Set(repository.manifest.files.values.map(\.hash))
        try forgetContents { !hashes.contains($0) }
        let total = wanted.reduce(0) { $0 + $1.size }, arrived = Mutex(0), interval = max(1 << 20, total / 20)
        try await repository.fetch(wanted) { [files, progress] piece, bytes in
            try files.write(bytes, to: Self.fetched.appending(piece.file), at: piece.offset)
            let (before, sum) = arrived.withLock { sum in
                defer { sum += bytes.count }
                return (sum, sum + bytes.count)
            }
            if before / interval < sum / interval { progress?("received \(sum >> 20) of \(total >> 20) MiB") }
        }
    }

    /// Writes a file of the repository to the staging path of `path`, and compares its hash.
    /// - Returns: the staging path; see ``FileSystem/stage(_:for:mode:owner:)``.
    /// - Throws: ``Failure`` if the content does not arrive, or is not what `propel` has read before.
    public func stage(
        _ file: RepositoryFile, for path: FilePath, mode: ModeBits, owner: Owner
    ) async throws -> FilePath {
        let content = try repository.manifest.content(of: file)
        if let bytes = repository.known(content) { return try files.stage(bytes, for: path, mode: mode, owner: owner) }
        let fetched = Self.fetched.appending(content.hash)
        // Twice: what an earlier run has left may be damaged by a power cut.
        for _ in 0..<2 {
            try await fetch([content])
            let staged = try files.stage(copyOf: fetched, for: path, mode: mode, owner: owner)
            do {
                if try files.hash(of: staged) == content.hash { return staged }
            } catch {
                files.discard(staged)
                throw error
            }
            files.discard(staged)
            try files.remove(fetched)
        }
        throw RepositoryContents.changed(file.path)
    }

    /// Removes the contents that were fetched, but for those that have not arrived completely and are still wanted.
    func forgetFetchedContents() throws {
        let sizes = Dictionary(repository.manifest.files.values.map { ($0.hash, $0.size) }) { first, _ in first }
        try forgetContents { hash in
            guard let size = sizes[hash] else { return true }
            return try files.status(of: Self.fetched.appending(hash))?.size ?? 0 >= size
        }
    }

    private func forgetContents(where isUnwanted: (String) throws -> Bool) throws {
        guard try files.status(of: Self.fetched) != nil else { return }
        for name in try files.list(Self.fetched) where try isUnwanted(name) {
            try files.remove(Self.fetched.appending(name))
        }
    }
}
