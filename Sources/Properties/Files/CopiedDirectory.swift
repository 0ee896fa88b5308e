/// A directory that is a copy of another directory of the machine, with everything below it.
///
///     CopiedDirectory(from: "/usr/share/app/skeleton", to: "/srv/app", owner: "app")
///     CopiedDirectory(from: "/opt/site/public", to: "/srv/www/site", purge: true)
///
/// When the source changes the copy follows. Modes are those of the source, and links are copied as links. No program
/// is started for it, and files that were copied and have not been touched since are not read again. What is in the
/// copy alone stays, unless `purge` says otherwise; something of another kind in the place of a file is refused.
///
/// ``Directory/Absent`` removes the copy.
public struct CopiedDirectory: Property {
    public typealias Target = UnixLike

    public let source: FilePath
    public let path: FilePath
    public let owner: String
    /// The name of the group; nil for the primary group of the owner.
    public let group: String?
    public let isPurged: Bool

    /// - Parameters:
    ///   - source: absolute: a directory. It must exist, or be declared before.
    ///   - path: absolute. The directory above it must exist, or be declared before.
    ///   - owner: the name of a user, or a UID, for everything in the copy; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - purge: whether what is not in the source is removed from the copy; no by default.
    public init(
        from source: FilePath, to path: FilePath, owner: String = "root", group: String? = nil, purge: Bool = false
    ) {
        self.source = source
        self.path = path
        self.owner = owner
        self.group = group ?? Owner.group(of: owner)
        isPurged = purge
    }

    public var name: String { "directory \(path), a copy of \(source)" }
    public var problems: [String] { problems(in: validate) }
    public var claims: [Claim] {
        let words = "a copy of \(source), owner \(owner):\(group ?? "")" + (isPurged ? ", nothing else" : "")
        return [.path(path, is: words, summary: words)]
    }

    /// - Throws: ``Undetermined`` if the source does not exist yet, ``Failure`` if something cannot be copied.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard let found = try machine.files.status(of: source) else {
            throw Undetermined(until: "something before it makes \(source)")
        }
        guard found.kind == .directory else {
            throw Failure("\(source) is a \(found.kind.words), and a directory is copied", advice: "Use Copied.")
        }
        if try machine.files.status(of: path) == nil { try await machine.requireDirectory(of: path) }
        let changes = try await changes(on: machine)
        guard let first = changes.first else { return .satisfied }
        let words = "\(first.path == "" ? path.string : first.path): \(first.reason)"
        return .unmet(changes.count == 1 ? words : "\(changes.count) changes, the first \(words)")
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        let owner = try await machine.owner(user: owner, group: group)
        for change in try await changes(on: machine) {
            let from = source.below(change.path), to = path.below(change.path)
            guard let original = change.source else {
                try machine.files.removeTree(to)
                continue
            }
            let mode = original.mode & 0o777
            switch original.kind {
            case .directory:
                if let present = change.present {
                    try machine.files.setOwner(owner, mode: mode, of: to, expecting: present)
                } else {
                    try machine.files.createDirectory(to, mode: mode, owner: owner)
                }
            case .file:
                if let present = change.present, !change.isOtherContent, present.links == 1 {
                    try machine.files.setOwner(owner, mode: mode, of: to, expecting: present)
                } else {
                    try machine.files.replace(to, withCopyOf: from, mode: mode, owner: owner)
                }
            case .link: try machine.files.createLink(to, to: machine.files.destination(ofLink: from))
            case .other: break
            }
        }
        try remember(on: machine)
    }

    /// A difference at one path of the copy.
    private struct Difference {
        /// Relative to the directories; empty for themselves.
        var path: String
        var reason: String
        /// In the source; nil for what is removed.
        var source: FileStatus?
        /// In the copy; nil for what is missing.
        var present: FileStatus?
        var isOtherContent = false
    }

    /// The differences, each directory before what is in it.
    private func changes(on machine: Machine) async throws -> [Difference] {
        let originals = try machine.files.entries(below: source), present = try machine.files.entries(below: path)
        let isKnown = try isKnown(originals, present, on: machine)
        var changes: [Difference] = []
        for (name, original) in originals.sorted(by: { $0.key < $1.key }) {
            guard original.kind != .other else {
                throw Failure("\(source.below(name)) is a special file, which cannot be copied", advice: "Remove it.")
            }
            guard let found = present[name] else {
                changes.append(Difference(path: name, reason: "create", source: original))
                continue
            }
            guard found.kind == original.kind else {
                throw Failure(
                    "\(path.below(name)) is a \(found.kind.words), and \(source.below(name)) a "
                        + original.kind.words, advice: "Move it away.")
            }
            var difference = Difference(path: name, reason: "", source: original, present: found)
            var reasons: [String] = []
            switch original.kind {
            case .link:
                difference.isOtherContent =
                    try machine.files.destination(ofLink: source.below(name))
                    != machine.files.destination(ofLink: path.below(name))
            case .file where found.size != original.size: difference.isOtherContent = true
            case .file where !isKnown:
                difference.isOtherContent =
                    try machine.files.hash(of: source.below(name)) != machine.files.hash(of: path.below(name))
            case .file, .directory, .other: break
            }
            if difference.isOtherContent { reasons.append("other content") }
            if original.kind != .link {
                reasons += try await machine.differences(
                    of: found, mode: FileMode(original.mode & 0o777), owner: owner, group: group)
            }
            difference.reason = reasons.joined(separator: "; ")
            if !reasons.isEmpty { changes.append(difference) }
        }
        guard isPurged else { return changes }
        for (name, found) in present.sorted(by: { $0.key < $1.key }) where originals[name] == nil {
            // Of a directory that is removed, not what is in it.
            guard originals[FilePath(name).removingLastComponent().string] != nil else { continue }
            changes.append(Difference(path: name, reason: "remove", present: found))
        }
        return changes
    }

    // MARK: - What was copied and not touched since

    private var record: FilePath {
        Machine.state.appending("copied").appending(escaping: path.string)
    }

    private func isKnown(
        _ originals: [String: FileStatus], _ present: [String: FileStatus], on machine: Machine
    ) throws -> Bool {
        try machine.files.readIfPresent(record) == Self.mark(originals, present)
    }

    private func remember(on machine: Machine) throws {
        let originals = try machine.files.entries(below: source), present = try machine.files.entries(below: path)
        try machine.files.replacePrivate(record, with: Self.mark(originals, present))
    }

    /// The files, their sizes and their times, in one hash.
    private static func mark(_ originals: [String: FileStatus], _ present: [String: FileStatus]) -> [UInt8] {
        var hash = SHA256()
        for (name, original) in originals.sorted(by: { $0.key < $1.key }) where original.kind == .file {
            let text = "\(name)\0\(original.mark)\0\(present[name]?.mark ?? "")\0"
            Array(text.utf8).withUnsafeBytes { hash.update($0) }
        }
        return Array(hash.finish().utf8)
    }

    private func validate() throws {
        try validateAbsolute(source)
        try validateAbsolute(path)
        let from = source.lexicallyNormalized(), to = path.lexicallyNormalized()
        guard !from.starts(with: to), !to.starts(with: from) else {
            throw Failure("\(path) and \(source) are in each other", advice: "Name another directory.")
        }
        guard to.components.count > 1 else {
            throw Failure("\(path) is a directory of the system", advice: "Name a directory in it.")
        }
    }
}

extension FilePath {
    /// The path of something in the directory, or of itself.
    fileprivate func below(_ name: String) -> FilePath { name.isEmpty ? self : pushing(FilePath(name)) }
}

extension FileSystem {
    /// The directory itself, under an empty name, and everything below it, by their paths relative to it; nothing if
    /// there is no directory. Links are not followed.
    fileprivate func entries(below directory: FilePath) throws -> [String: FileStatus] {
        guard let root = try status(of: directory) else { return [:] }
        var entries = ["": root], waiting = root.kind == .directory ? [""] : []
        while let name = waiting.popLast() {
            for child in try list(directory.below(name)) {
                let path = name.isEmpty ? child : "\(name)/\(child)"
                guard let status = try status(of: directory.below(path)) else { continue }
                entries[path] = status
                if status.kind == .directory { waiting.append(path) }
            }
        }
        return entries
    }
}
