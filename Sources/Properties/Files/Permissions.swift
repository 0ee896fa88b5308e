/// Mode and owner of files and directories that others make.
///
///     Permissions(of: "/etc/app/key.pem", mode: 0o640, group: "app")
///     Permissions(of: "/srv/media", recursive: true, files: 0o664, directories: 0o2775, owner: "media")
///
/// The second form covers everything below a directory. Symbolic links are left alone and never followed, and so are
/// files with several hard links, which the failure names. Only what differs is changed. A file or directory below that
/// is declared by itself, by ``File`` or ``Directory``, has the mode and the owner of that declaration.
public struct Permissions: HostDependent {
    public typealias Target = UnixLike

    public let path: FilePath
    /// The mode of a file; nil to leave it.
    public let files: FileMode?
    /// The mode of a directory; nil to leave it.
    public let directories: FileMode?
    /// The mode of a file that its owner may execute; nil for that of other files.
    public let executables: FileMode?
    /// The name or the UID of the owner; nil to leave it.
    public let owner: String?
    /// The name or the GID of the group; nil to leave it, or for the primary group of an owner that is given.
    public let group: String?
    public let isRecursive: Bool
    /// The paths that other properties of the host declare.
    private var declaredPaths: Set<FilePath> = []

    /// The permissions of one file or directory.
    /// - Parameters:
    ///   - path: absolute. It must exist, or be declared before.
    ///   - mode: the permission bits; as they are by default.
    ///   - owner: the name of a user, or a UID; as it is by default.
    ///   - group: the name of a group, or a GID; as it is by default, or the primary group of an owner that is given.
    public init(of path: FilePath, mode: FileMode? = nil, owner: String? = nil, group: String? = nil) {
        self.path = path
        files = mode
        directories = mode
        executables = nil
        self.owner = owner
        self.group = group
        isRecursive = false
    }

    /// The permissions of a directory and everything below it.
    /// - Parameters:
    ///   - path: absolute. It must exist, or be declared before.
    ///   - recursive: whether the property covers what is below the directory.
    ///   - files: the permission bits of files; as they are by default.
    ///   - directories: the permission bits of directories; as they are by default.
    ///   - executables: the permission bits of files that their owner may execute; those of other files by default.
    ///   - owner: the name of a user, or a UID; as it is by default.
    ///   - group: the name of a group, or a GID; as it is by default, or the primary group of an owner that is given.
    public init(
        of path: FilePath, recursive: Bool, files: FileMode? = nil, directories: FileMode? = nil,
        executables: FileMode? = nil, owner: String? = nil, group: String? = nil
    ) {
        self.path = path
        self.files = files
        self.directories = directories
        self.executables = executables
        self.owner = owner
        self.group = group
        isRecursive = recursive
    }

    public var name: String { "permissions of \(path)\(isRecursive ? " and below" : "")" }

    public var claims: [Claim] {
        [Claim(name, is: words.joined(separator: ", "))]
    }

    private var words: [String] {
        [
            files.map { isRecursive ? "files \($0)" : "mode \($0)" },
            isRecursive ? directories.map { "directories \($0)" } : nil,
            executables.map { "executables \($0)" }, owner.map { "owner \($0)" }, group.map { "group \($0)" },
        ].compactMap(\.self)
    }

    public var problems: [String] {
        let invalid = problems(in: validate)
        guard invalid.isEmpty else { return invalid }
        guard !isRecursive, declaredPaths.contains(path.lexicallyNormalized()) else { return [] }
        return ["\(path) is declared by another property too: give mode and owner there instead of by Permissions"]
    }

    public func adapted(to steps: [Step]) -> Permissions {
        var copy = self
        copy.declaredPaths = Set(
            steps.flatMap(\.claims).compactMap(\.path).filter { $0.starts(with: path.lexicallyNormalized()) })
        return copy
    }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard let status = try machine.files.status(of: path) else {
            throw Undetermined(until: "something before it makes \(path)")
        }
        guard status.kind == .file || status.kind == .directory else {
            throw Failure(
                "\(path) is a \(status.kind == .link ? "symbolic link" : "special file"), whose permissions stay",
                advice: status.kind == .link ? "Name what it points to." : "Name a file or a directory.")
        }
        let found = try await differences(on: machine)
        guard let first = found.first else { return .satisfied }
        guard isRecursive else { return .unmet(first.reasons.joined(separator: "; ")) }
        return .unmet(
            "change \(found.count) \(found.count == 1 ? "entry" : "entries"), the first \(first.path): "
                + first.reasons.joined(separator: "; "))
    }

    public func apply(on machine: Machine) async throws {
        var linked: [FilePath] = []
        for found in try await differences(on: machine) {
            guard found.status.kind == .directory || found.status.links == 1 else {
                linked.append(found.path)
                continue
            }
            try machine.files.setOwner(found.owner, mode: found.mode, of: found.path, expecting: found.status)
        }
        guard let first = linked.first else { return }
        throw Failure(
            "\(first) \(linked.count == 1 ? "has" : "and \(linked.count - 1) more have") several hard links",
            advice: "Another name of it may be anywhere. Change it by hand, or copy it: cp --remove-destination.")
    }

    private struct Difference {
        var path: FilePath
        var status: FileStatus
        var mode: ModeBits
        var owner: Owner
        var reasons: [String]
    }

    /// The entries that differ, each directory before what is in it.
    private func differences(on machine: Machine) async throws -> [Difference] {
        let ids = try await ids(on: machine)
        var found: [Difference] = [], waiting = [path]
        while let path = waiting.popLast() {
            guard let status = try machine.files.status(of: path), [.file, .directory].contains(status.kind) else {
                continue
            }
            let mode = mode(of: status)
            let owner = Owner(user: ids.user ?? status.owner.user, group: ids.group ?? status.owner.group)
            var reasons: [String] = []
            if mode != status.mode { reasons.append("mode \(octal(status.mode)) → \(octal(mode))") }
            if owner.user != status.owner.user {
                reasons.append("owner \(status.owner.user) → \(self.owner ?? "\(owner.user)")")
            }
            if owner.group != status.owner.group {
                reasons.append("group \(status.owner.group) → \(group ?? "\(owner.group)")")
            }
            if !reasons.isEmpty, !declaredPaths.contains(path.lexicallyNormalized()) {
                found.append(Difference(path: path, status: status, mode: mode, owner: owner, reasons: reasons))
            }
            if isRecursive, status.kind == .directory {
                waiting += try machine.files.list(path).reversed().map { path.appending($0) }
            }
        }
        return found
    }

    private func mode(of status: FileStatus) -> ModeBits {
        if status.kind == .directory { return directories?.bits ?? status.mode }
        if status.mode & 0o100 != 0, let executables { return executables.bits }
        return files?.bits ?? status.mode
    }

    private func ids(on machine: Machine) async throws -> (user: UInt32?, group: UInt32?) {
        guard let owner else {
            guard let group else { return (nil, nil) }
            return (nil, try await machine.owner(user: "root", group: group).group)
        }
        let found = try await machine.owner(user: owner, group: group)
        return (found.user, found.group)
    }

    private func validate() throws {
        try validateAbsolute(path)
        guard !words.isEmpty else {
            throw Failure("Permissions(of: \"\(path)\") declares nothing", advice: "Give a mode, an owner or a group.")
        }
        for mode in [files, directories, executables] {
            if let mode { try Properties.validate(mode, of: path) }
        }
        guard !isRecursive || path.lexicallyNormalized().components.count > 1 else {
            throw Failure(
                "\(path) is a directory of the system, and everything in it would be changed",
                advice: "Name a directory in it.")
        }
    }
}
