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

    /// Whether it is remembered that nothing was at `path`.
    public func wasAbsent(_ path: FilePath) throws -> Bool {
        guard let record = try files.readIfPresent(status(of: path)) else { return false }
        return (try? JSON(parsing: record))?["kind"]?.string == "absent"
    }

    /// Whether something is remembered of `path`.
    public func has(_ path: FilePath) throws -> Bool { try files.status(of: status(of: path)) != nil }

    /// Puts back what was at `path`, and forgets it.
    ///
    /// What was a directory stays as it is. Where nothing is remembered, nothing was ever changed and nothing is done.
    public func restore(_ path: FilePath) throws {
        guard let bytes = try files.readIfPresent(status(of: path)) else { return }
        let record = try JSON(parsing: bytes)
        guard let kind = record["kind"]?.string else { throw Failure("the record of what \(path) was is damaged", advice: "Look at \(status(of: path)).") }
        let owner = Owner(user: UInt32(record["user"]?.integer ?? 0), group: UInt32(record["group"]?.integer ?? 0))
        switch kind {
        case "absent": try files.remove(path)
        case "file":
            try files.replace(path, with: try files.read(content(of: path)), mode: Permissions(record["mode"]?.integer ?? 0o600), owner: owner)
        case "link":
            if try files.status(of: path)?.kind != .link { try files.remove(path) }
            try files.createLink(path, to: record["destination"]?.string ?? "")
        default: break
        }
        try files.remove(status(of: path))
        try files.remove(content(of: path))
    }
}

extension Machine {
    public var originals: Originals { Originals(files: files) }
}
