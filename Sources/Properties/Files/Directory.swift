/// A directory with this mode and owner. What is in it stays as it is, unless it comes from the repository.
///
///     Directory("/srv/app/data", mode: 0o750, owner: "app", parents: true)
///     Directory("/etc/app", from: "files/app", purge: true)
///
/// - Note: A symbolic link to a directory is refused: declare the directory that it points to.
public struct Directory: Revertible {
    public typealias Target = UnixLike

    public let path: FilePath
    public let mode: FileMode
    public let owner: String
    /// The name of the group; nil for the primary group of the owner.
    public let group: String?
    /// Whether missing directories above it are created too.
    public let createsParents: Bool
    /// The files that are in it; nil if it decides about none.
    public private(set) var tree: Tree?

    /// - Parameters:
    ///   - path: absolute. The directory above it must exist, or be declared before, unless `parents` is given.
    ///   - mode: the permission bits; 0755 by default.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - parents: whether missing directories above it are created too, with mode 0755 and owner root; no by default.
    ///     Those that exist stay as they are. A revert removes them again, if they are empty.
    public init(
        _ path: FilePath, mode: FileMode = 0o755, owner: String = "root", group: String? = nil, parents: Bool = false
    ) {
        self.path = path
        self.mode = mode
        self.owner = owner
        self.group = group ?? Owner.group(of: owner)
        createsParents = parents
    }

    /// A directory with the files of one of the repository.
    ///
    ///     Directory("/etc/app", from: "files/app", purge: true)
    ///     Directory("/srv/www", from: "files/www", mode: 0o750, fileMode: 0o640, group: "www-data")
    ///
    /// Each file is compared by its hash and replaced whole, as by ``File``; directories below get the same mode and
    /// owner, and symbolic links that stay within the directory are made as they are. Files that git ignores are left
    /// out. What was there before is kept, and a revert restores it.
    /// - Parameters:
    ///   - path: absolute. The directory above it must exist, or be declared before, unless `parents` is given.
    ///   - source: the directory, relative to the folder of `hosts.conf`, with at most 10,000 files.
    ///   - purge: whether everything else in the directory is removed, but for what other properties of the host
    ///     declare there; no by default. Then a file that is removed from the repository stays on the machine.
    ///   - mode: the permission bits of directories; 0755 by default.
    ///   - fileMode: the permission bits of files; 0644 by default. If a file of the repository is executable,
    ///     everybody who may read it may execute it.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - parents: whether missing directories above it are created too, with mode 0755 and owner root; no by default.
    public init(
        _ path: FilePath, from source: String, purge: Bool = false, mode: FileMode = 0o755,
        fileMode: FileMode = 0o644, owner: String = "root", group: String? = nil, parents: Bool = false
    ) {
        self.init(path, mode: mode, owner: owner, group: group, parents: parents)
        tree = Tree(source: RepositoryDirectory(source), fileMode: fileMode, isPurged: purge)
    }

    public var name: String { "directory \(path)" }

    public var claims: [Claim] {
        let state = "directory, mode \(mode), owner \(owner):\(group ?? "")" + (tree?.words ?? "")
        return [.path(path, is: state, summary: state)]
    }

    public var problems: [String] { problems(in: validate) }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard let tree else { return try await checkItself(on: machine) }
        let check = try await checkTree(on: machine)
        // A package may bring what must go.
        if tree.isPurged, check == .satisfied { try machine.awaitPackages(for: path) }
        return check
    }

    func checkItself(on machine: Machine) async throws -> Check {
        guard let found = try machine.files.status(of: path) else {
            let missing = try createsParents ? missingParents(on: machine) : []
            if !createsParents { try await machine.requireDirectory(of: path) }
            for parent in missing { try await machine.expectDirectory(parent) }
            try await machine.expectDirectory(path)
            return .unmet(
                "create with \(described(mode: mode, owner: owner, group: group))"
                    + (missing.first.map { ", and what is missing above it from \($0) on" } ?? ""))
        }
        try refuseOther(found)
        return .unmet(
            unlessEmpty: try await machine.differences(of: found, mode: mode, owner: owner, group: group))
    }

    public func apply(on machine: Machine) async throws {
        guard tree == nil else { return try await applyTree(on: machine) }
        try await applyItself(on: machine)
    }

    func applyItself(on machine: Machine) async throws {
        let owner = try await machine.owner(user: owner, group: group)
        guard let found = try machine.files.status(of: path) else {
            for parent in try createsParents ? missingParents(on: machine) : [] {
                try machine.originals.keep(parent)
                try machine.files.createDirectory(parent, mode: 0o755, owner: .root)
            }
            try machine.originals.keep(path)
            return try machine.files.createDirectory(path, mode: mode.bits, owner: owner)
        }
        try refuseOther(found)
        try machine.originals.keep(path)
        try machine.files.setOwner(owner, mode: mode.bits, of: path, expecting: found)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try machine.checkRestored(try recordedPaths(on: machine) + [path])
    }

    /// Removes the directory if Propel created it and it is empty, or restores its mode and owner. What came from the
    /// repository is removed or restored before.
    public func revert(on machine: Machine) async throws {
        do {
            try restoreTree(on: machine)
            try machine.originals.restore(path)
            guard createsParents else { return }
            // From the innermost on, as far as nobody else has put something there.
            var parent = path.removingLastComponent()
            while try machine.originals.wasAbsent(parent), try machine.files.status(of: parent) != nil,
                try machine.files.list(parent).isEmpty
            {
                try machine.originals.restore(parent)
                parent = parent.removingLastComponent()
            }
        } catch let error as FileError where error.cause == .directoryNotEmpty {
            throw Failure(
                "\(path) is not empty", advice: "Move away what is in it: Propel did not put it there. Then run again.")
        }
    }

    /// The directories above it that do not exist, from the outermost on.
    private func missingParents(on machine: Machine) throws -> [FilePath] {
        var missing: [FilePath] = [], parent = path.lexicallyNormalized().removingLastComponent()
        while !parent.components.isEmpty, try machine.files.status(of: parent) == nil {
            missing.append(parent)
            parent.removeLastComponent()
        }
        return missing.reversed()
    }

    /// The same directory on a host whose properties declare these paths in it.
    func sparing(_ paths: Set<String>) -> Directory {
        var directory = self
        directory.tree?.spared = paths
        return directory
    }

    private func validate() throws {
        try validateAbsolute(path)
        try Properties.validate(mode, of: path)
        if let tree { try Properties.validate(tree.fileMode, of: path) }
        guard tree?.isPurged != true || path.lexicallyNormalized().components.count > 1 else {
            throw Failure("\(path) would be purged", advice: "Purge a directory below it.")
        }
    }

    private func refuseOther(_ found: FileStatus) throws {
        guard found.kind == .directory else {
            throw Failure(
                "\(path) is a \(found.kind.words), and a directory is declared there",
                advice: "Move it away, or declare another path.")
        }
    }
}
