/// A directory with what is in an archive from the web.
///
///     Unpacked("https://example.com/app-2.1.tar.gz", sha256: "9f86d0…", to: "/opt/app", strip: 1)
///     Unpacked(
///         to: "/opt/tool", strip: 1,
///         [
///             .x86_64: .init("https://example.com/tool-1.4-amd64.zip", sha256: "9f86d0…"),
///             .aarch64: .init("https://example.com/tool-1.4-arm64.zip", sha256: "60303a…"),
///         ])
///
/// The directory belongs to this property: it is unpacked beside its place and then exchanged as a whole when the
/// archive changes, so files of an older version do not stay, and neither does what was added by hand. tar recognizes
/// gzip, bzip2, xz and zstd if their programs are installed; for a URL that ends with `.zip`, unzip has to be.
public struct Unpacked: Revertible {
    public typealias Target = DebianLike

    public let sources: [Architecture: Download.Source]
    /// The signed list that has the hash; nil if the sources have it.
    public let checksums: Download.Checksums?
    public let path: FilePath
    /// The number of leading directories that are left out of each name.
    public let strip: Int
    public let members: [String]
    public let owner: String
    public let group: String?

    /// - Parameters:
    ///   - url: the URL of a tar archive, compressed or not, or of a zip archive.
    ///   - sha256: its SHA-256, as sha256sum(1) prints it.
    ///   - path: absolute: the directory. The directory above it must exist, or be declared before.
    ///   - strip: how many leading directories are left out of each name; none by default.
    ///   - members: the names in the archive that are unpacked, before `strip`; everything by default.
    ///   - owner: the name of the user who gets everything; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    public init(
        _ url: String, sha256: String, to path: FilePath, strip: Int = 0, members: [String] = [],
        owner: String = "root", group: String? = nil
    ) {
        self.init(
            to: path, strip: strip, members: members, owner: owner, group: group, checksums: nil,
            Download.Source(url, sha256: sha256).everywhere)
    }

    /// A directory with what is in an archive whose hash is in a list that its publisher has signed.
    /// - Parameters:
    ///   - url: the URL of the archive, with the version in it.
    ///   - path: absolute: the directory. The directory above it must exist, or be declared before.
    ///   - strip: how many leading directories are left out of each name; none by default.
    ///   - members: the names in the archive that are unpacked, before `strip`; everything by default.
    ///   - owner: the name of the user who gets everything; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - checksums: the list.
    public init(
        _ url: String, to path: FilePath, strip: Int = 0, members: [String] = [], owner: String = "root",
        group: String? = nil, checksums: Download.Checksums
    ) {
        self.init(
            to: path, strip: strip, members: members, owner: owner, group: group, checksums: checksums,
            Download.Source(url, sha256: "").everywhere)
    }

    /// A directory with what is in the archive for the architecture of the machine.
    /// - Parameters:
    ///   - path: absolute: the directory. The directory above it must exist, or be declared before.
    ///   - strip: how many leading directories are left out of each name; none by default.
    ///   - members: the names in the archive that are unpacked, before `strip`; everything by default.
    ///   - owner: the name of the user who gets everything; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - sources: the archive for each architecture.
    public init(
        to path: FilePath, strip: Int = 0, members: [String] = [], owner: String = "root", group: String? = nil,
        _ sources: [Architecture: Download.Source]
    ) {
        self.init(
            to: path, strip: strip, members: members, owner: owner, group: group, checksums: nil, sources)
    }

    private init(
        to path: FilePath, strip: Int, members: [String], owner: String, group: String?,
        checksums: Download.Checksums?, _ sources: [Architecture: Download.Source]
    ) {
        self.sources = sources
        self.checksums = checksums
        self.path = path
        self.strip = strip
        self.members = members
        self.owner = owner
        self.group = group ?? Owner.group(of: owner)
    }

    public var name: String { "directory \(path), unpacked" }
    public var claims: [Claim] {
        let sources = sources.sorted.map(\.value)
        let all = sources.map { version(of: $0) }.joined(separator: "\n")
        return [.path(path, is: all, summary: "the content of \(sources.first?.url ?? "nothing")")]
    }
    public var problems: [String] { problems(in: validate) }

    /// Identifies what is unpacked, and how.
    private func version(of source: Download.Source) -> String {
        ([checksums.map { "\(source.url) \($0.form)" } ?? source.sha256, "\(strip)", "\(owner):\(group ?? "")"]
            + members).joined(separator: "\n")
    }

    private var record: FilePath {
        Machine.state.appending("unpacked").appending(escaping: path.string)
    }

    /// - Throws: ``Failure`` if something else is there, or nothing is declared for the architecture of the machine.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let source = try source()
        let known = try machine.files.readIfPresent(record).map { String(decoding: $0, as: UTF8.self) }
        guard let found = try machine.files.status(of: path) else {
            try await machine.requireDirectory(of: path)
            return .unmet("unpack \(source.url)")
        }
        try refuseOther(found, known)
        return known == version(of: source) ? .satisfied : .unmet("replace it by the content of \(source.url)")
    }

    public func apply(on machine: Machine) async throws {
        if let found = try machine.files.status(of: path) {
            try refuseOther(found, try machine.files.readIfPresent(record).map { String(decoding: $0, as: UTF8.self) })
        }
        let owner = try await machine.owner(user: owner, group: group), source = try source()
        var pinned = source
        if let checksums {
            pinned = Download.Source(source.url, sha256: try await checksums.hash(of: source.url, on: machine))
        }
        let new = path.stagingPath,
            old = new.removingLastComponent().appending("\(new.lastComponent?.string ?? "").old")
        try await pinned.download(on: machine) { archive in
            // A run that was killed has left them.
            try await remove([new, old], on: machine)
            try machine.files.createDirectory(new, mode: 0o755, owner: .root)
            do {
                try await unpack(archive, of: source, into: new, owner, on: machine)
                // It counts as replaced from here on, whenever the run is killed.
                try machine.files.replacePrivate(record, with: Array("being replaced".utf8))
                if try machine.files.status(of: path) != nil { try await move(path, to: old, on: machine) }
                try await move(new, to: path, on: machine)
            } catch {
                throw await error.after { [self] in try await remove([new], on: machine) }
            }
        }
        try machine.files.replace(record, with: Array(version(of: source).utf8), mode: 0o600)
        try await remove([old], on: machine)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try machine.files.status(of: record) == nil ? .satisfied : .unmet("remove the directory")
    }

    public func revert(on machine: Machine) async throws {
        try await remove([path], on: machine)
        try machine.files.remove(record)
    }

    private func unpack(
        _ archive: FilePath, of source: Download.Source, into directory: FilePath, _ owner: Owner, on machine: Machine
    ) async throws {
        machine.showProgress("unpacking \(source.url)")
        if source.url.lowercased().hasSuffix(".zip") {
            try await unzip(archive, into: directory, on: machine)
        } else {
            try await machine.succeed(
                Invocation(
                    "tar",
                    [
                        "--extract", "--file=\(archive)", "--directory=\(directory)", "--no-same-owner",
                        "--no-same-permissions", "--strip-components=\(strip)", "--",
                    ] + members, timeout: .hours(1)))
        }
        guard try !machine.files.list(directory).isEmpty else {
            throw Failure(
                "nothing of \(source.url) is left after \(strip) leading directories",
                advice: "Declare a smaller number: strip: 0 unpacks everything.")
        }
        if owner != .root { try await machine.giveTree(directory, to: owner) }
        // A directory that is moved in place has its content on the disk.
        try await machine.succeed(Invocation("sync", ["--file-system", "--", directory.string], timeout: .hours(1)))
    }

    /// unzip strips no directories: what is left out has to be the only directory there.
    private func unzip(_ archive: FilePath, into directory: FilePath, on machine: Machine) async throws {
        try await machine.succeed(
            Invocation("unzip", ["-q", "-o", archive.string] + members + ["-d", directory.string], timeout: .hours(1)))
        for level in 0..<strip {
            let names = try machine.files.list(directory)
            let only = names.first.map { directory.appending($0) }
            guard let only, names.count == 1, try machine.files.status(of: only)?.kind == .directory else {
                throw Failure(
                    "\(level) leading directories of \(path) can be left out, and \(strip) are declared",
                    output: names.prefix(5).map { $0.escaped }, advice: "Declare strip: \(level), or members.")
            }
            // Its name may be that of something in it.
            let aside = directory.appending(".propel-strip")
            try await move(only, to: aside, on: machine)
            for name in try machine.files.list(aside) {
                try await move(aside.appending(name), to: directory.appending(name), on: machine)
            }
            try machine.files.remove(aside)
        }
    }

    private func source() throws -> Download.Source { try sources.ofThisMachine("archive for \(path)") }

    private func move(_ path: FilePath, to newPath: FilePath, on machine: Machine) async throws {
        try await machine.succeed(Invocation("mv", ["--no-target-directory", "--", path.string, newPath.string]))
    }

    private func remove(_ paths: [FilePath], on machine: Machine) async throws {
        let found = try paths.filter { try machine.files.status(of: $0) != nil }.map(\.string)
        guard !found.isEmpty else { return }
        try await machine.succeed(Invocation("rm", ["--recursive", "--force", "--"] + found, timeout: .hours(1)))
    }

    private func refuseOther(_ found: FileStatus, _ known: String?) throws {
        guard found.kind == .directory, known != nil else {
            throw Failure(
                "\(path) is there already, and Propel did not unpack it",
                advice: "Move it away, or declare another path: what is unpacked replaces the whole directory.")
        }
    }

    private func validate() throws {
        try validateAbsolute(path)
        guard !sources.isEmpty else { throw Failure("no archive for \(path) is declared", advice: "Give a URL.") }
        for source in sources.values { try source.validate(isPinned: checksums == nil) }
        try checksums?.validate()
        guard strip >= 0, strip < 100 else { throw Failure("\(path): strip is \(strip)", advice: "Use 0, 1, 2 …") }
        for member in members where member.isEmpty || member.utf8.contains(0) || member.hasPrefix("-") {
            throw Failure("invalid name in an archive “\(member.escaped)”", advice: "Write it as `tar --list` does.")
        }
    }
}
