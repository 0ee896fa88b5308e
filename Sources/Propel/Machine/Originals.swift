/// What stood where Propel first wrote, so that a revert gives back the same bytes.
///
/// Kept under `/var/lib/propel/originals`, readable by root alone, one pair of files for each path: its status and, where
/// it was a file, its content.
public struct Originals: Sendable {
    let files: any FileSystem

    private func status(of path: FilePath) -> FilePath { directory.appending(FilePath.Component(escaping: path.string + ".json")) }
    private func content(of path: FilePath) -> FilePath { directory.appending(FilePath.Component(escaping: path.string + ".content")) }
    private var directory: FilePath { Machine.state.appending("originals") }

    /// Remembers what is at `path`, if that has not been done before.
    public func keep(_ path: FilePath) throws {
        guard try files.status(of: status(of: path)) == nil else { return }
        try files.createDirectories(directory, mode: 0o700)
        var record: [String: JSON] = ["path": .string(path.string), "kind": "absent"]
        if let found = try files.status(of: path) {
            record["kind"] = .string(found.kind.rawValue)
            record["mode"] = .integer(Int(found.mode))
            record["user"] = .integer(Int(found.owner.user))
            record["group"] = .integer(Int(found.owner.group))
            switch found.kind {
            case .file: try files.replace(content(of: path), with: try files.read(path), mode: 0o600)
            case .link: record["destination"] = .string(try files.destination(ofLink: path))
            case .directory, .other: break
            }
        }
        // Last: the record counts only where the content is there.
        try files.replace(status(of: path), with: Array(JSON.object(record).description.utf8), mode: 0o600)
    }

    /// Whether something is remembered of `path`.
    public func has(_ path: FilePath) throws -> Bool { try files.status(of: status(of: path)) != nil }

    /// Puts back what was at `path`, and forgets it.
    ///
    /// A directory gets back its mode and owner, not what was in it. Where nothing is remembered, nothing was ever changed and
    /// nothing is done.
    /// - Throws: ``Failure`` where the record is damaged, ``FileError`` where a directory that is not empty stands in the way.
    public func restore(_ path: FilePath) throws {
        guard let bytes = try files.readIfPresent(status(of: path)) else { return }
        let original = try Original(bytes, of: path, recordedIn: status(of: path))
        let found = try files.status(of: path)?.kind
        switch original {
        case .absent: try files.remove(path)
        case .file(let mode, let owner):
            let content = try files.read(content(of: path))
            if found != .file { try files.remove(path) }
            try files.replace(path, with: content, mode: mode, owner: owner)
        case .link(let destination):
            if found != .link { try files.remove(path) }
            try files.createLink(path, to: destination)
        case .directory(let mode, let owner) where found == .directory:
            try files.setOwner(owner, of: path)
            try files.setMode(mode, of: path)
        case .directory(let mode, let owner):
            try files.remove(path)
            try files.createDirectory(path, mode: mode, owner: owner)
        case .other: break
        }
        try files.remove(status(of: path))
        try files.remove(content(of: path))
    }
}

/// What a record tells of a path.
private enum Original {
    case absent
    case file(Permissions, Owner)
    case link(String)
    case directory(Permissions, Owner)
    /// A device or a socket, which nothing here replaces.
    case other

    init(_ record: [UInt8], of path: FilePath, recordedIn file: FilePath) throws(Failure) {
        let record = try? JSON(parsing: record)
        let mode = record?["mode"]?.integer.flatMap(Permissions.init(exactly:))
        let user = record?["user"]?.integer.flatMap(UInt32.init(exactly:))
        let group = record?["group"]?.integer.flatMap(UInt32.init(exactly:))
        switch (record?["kind"]?.string, mode, user, group, record?["destination"]?.string) {
        case ("absent", _, _, _, _): self = .absent
        case ("file", let mode?, let user?, let group?, _): self = .file(mode, Owner(user: user, group: group))
        case ("link", _, _, _, let destination?): self = .link(destination)
        case ("directory", let mode?, let user?, let group?, _): self = .directory(mode, Owner(user: user, group: group))
        case ("other", _, _, _, _): self = .other
        default:
            throw Failure(
                "what \(path) was before is not known any more: its record is damaged",
                advice: "Put \(path) right by hand, then remove \(file).")
        }
    }
}

extension Machine {
    public var originals: Originals { Originals(files: files) }
}
