// A file of the repository as a whole is compared by size and hash, and fetched only if it is written or if a diff
// shows it. So it may be large.
extension File {
    /// A file of the repository.
    ///
    ///     File("/etc/motd", from: "files/motd")
    ///     File("/usr/local/bin/backup", from: "files/backup.sh", owner: "backup")
    ///
    /// An edit of it builds nothing. It is committed with the deployment, compared by its hash, and sent only if the
    /// machine does not have it. A plan shows a diff of text, and size and hash of anything else.
    /// - Parameters:
    ///   - path: absolute. Its directory must exist, or be declared before.
    ///   - source: the file, relative to the folder of `hosts.conf`, of at most 1 GiB.
    ///   - mode: the permission bits; 0644 by default, and 0755 if the file of the repository is executable.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - seed: whether only a file that does not exist gets the content; see the initializer that takes a
    ///     ``/Propel/Content``.
    ///   - validation: the program that must exit with 0 before the new content is put in place.
    public init(
        _ path: FilePath, from source: String, mode: FileMode? = nil, owner: String = "root", group: String? = nil,
        seed: Bool = false, validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.init(
            path, Content(from: source), mode: mode, owner: owner, group: group, seed: seed, validation: validation)
    }

    /// A template of the repository with its values; see ``/Propel/Template``.
    public init(
        _ path: FilePath, _ template: Template, mode: FileMode? = nil, owner: String = "root", group: String? = nil,
        seed: Bool = false, validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.init(path, Content(template), mode: mode, owner: owner, group: group, seed: seed, validation: validation)
    }

    /// The size in bytes up to which a file of the repository is fetched for a diff.
    private static let diffLimit = 16 << 10

    func checkCreation(of source: RepositoryContent, _ reason: String, on machine: Machine) async throws -> Check {
        if let diff = try await diff(from: [], to: source, mode: mode.bits, on: machine) {
            return .unmet(reason, diff: diff, contents: [source])
        }
        return .unmet("\(reason); \(shown(source))", contents: [source])
    }

    /// Compares the file that is there with one of the repository.
    /// - Parameter others: what differs beside the content.
    func check(
        _ source: RepositoryContent, over found: FileStatus, _ others: [String], on machine: Machine
    ) async throws -> Check {
        let hash = found.size == source.size || found.size <= Self.wholeLimit ? try machine.files.hash(of: path) : nil
        guard hash != source.hash else { return .unmet(unlessEmpty: others) }
        if found.size <= Self.wholeLimit,
            let diff = try await diff(
                from: try machine.files.read(path), to: source, mode: found.mode, on: machine)
        {
            return .unmet(unlessEmpty: [otherContent] + others, diff: diff, contents: [source])
        }
        let present = isPrivate(found.mode) ? "\(found.size) bytes" : Self.words(size: found.size, hash: hash)
        return .unmet(
            unlessEmpty: [
                "\(otherContent): \(present) → \(isPrivate(found.mode) ? shown(size: source) : shown(source))"
            ]
                + others, contents: [source])
    }

    /// The diff of text; nil if the file is private, large or not text, or if its content does not arrive: a plan is no
    /// less true without it.
    private func diff(
        from present: [UInt8], to source: RepositoryContent, mode presentMode: ModeBits, on machine: Machine
    ) async throws -> Diff? {
        guard !isPrivate(presentMode), source.size <= Self.diffLimit, Self.isText(present),
            let file = content.repositoryFile
        else { return nil }
        do {
            let bytes = try await machine.bytes(of: file)
            return Self.isText(bytes) ? Diff(from: present, to: bytes) : nil
        } catch let error as CancellationError {
            throw error
        } catch {
            return nil
        }
    }

    private static func isText(_ bytes: [UInt8]) -> Bool {
        !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
    }

    /// Neither text nor hash is shown of what others may not read.
    private func isPrivate(_ presentMode: ModeBits) -> Bool { mode.bits & 0o004 == 0 || presentMode & 0o004 == 0 }

    private func shown(_ source: RepositoryContent) -> String {
        isPrivate(mode.bits) ? shown(size: source) : Self.words(size: source.size, hash: source.hash)
    }

    private func shown(size source: RepositoryContent) -> String { "\(source.size) bytes" }

    private static func words(size: Int, hash: String?) -> String {
        "\(size) bytes" + (hash.map { ", SHA-256 \($0.prefix(12))…" } ?? "")
    }

    /// The status of the file if it has this content, and no other hard links.
    func status(of source: RepositoryContent, on machine: Machine) throws -> FileStatus? {
        guard let status = try machine.files.status(of: path), status.kind == .file, status.links == 1,
            status.size == source.size, try machine.files.hash(of: path) == source.hash
        else { return nil }
        return status
    }
}
