/// The originals: what was at each path before Propel first wrote there, so that a revert restores the same bytes.
///
/// Kept under `/var/lib/propel/originals`, readable by root only, as two files per path: its status and, if it was a
/// file, its content.
public struct Originals: Sendable {
    let files: any FileSystem
    private let directory: FilePath
    /// Called with each path before it is written, and with the files of its record.
    var willWrite: (@Sendable (FilePath) throws -> Void)?

    /// - Parameters:
    ///   - files: the files of the machine.
    ///   - directory: the directory of the records; by default that of all properties. A property that keeps originals
    ///     for a different time uses its own.
    public init(files: any FileSystem, directory: FilePath = Machine.state.appending("originals")) {
        self.files = files
        self.directory = directory
    }

    private func status(of path: FilePath) -> FilePath {
        directory.appending(escaping: path.string + ".json")
    }
    private func content(of path: FilePath) -> FilePath {
        directory.appending(escaping: path.string + ".content")
    }

    /// Records what is at `path`, unless that is recorded already.
    public func keep(_ path: FilePath) throws {
        try willWrite?(path)
        guard try files.status(of: status(of: path)) == nil else { return }
        try announceRecord(of: path)
        try files.createDirectories(directory, mode: 0o700)
        var record: [String: JSON] = ["path": .string(path.string), "kind": "absent"]
        if let found = try files.status(of: path) {
            record["kind"] = .string(found.kind.rawValue)
            record["mode"] = .integer(Int(found.mode))
            record["user"] = .integer(Int(found.owner.user))
            record["group"] = .integer(Int(found.owner.group))
            switch found.kind {
            case .file:
                try files.replace(content(of: path), withCopyOf: path, mode: 0o600)
            case .link: record["destination"] = .string(try files.destination(ofLink: path))
            case .directory, .other: break
            }
        }
        // Last: a record counts only if its content is there.
        try files.writeRecord(.object(record), to: status(of: path))
    }

    /// Whether there is a record of `path`.
    public func has(_ path: FilePath) throws -> Bool { try files.status(of: status(of: path)) != nil }

    /// The paths with a record, sorted.
    /// - Throws: ``Failure`` if a record is damaged.
    public var paths: [FilePath] {
        get throws {
            guard try files.status(of: directory) != nil else { return [] }
            let records = try files.list(directory).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
            let paths = try records.map { name in
                guard let path = (try? JSON(parsing: files.read(directory.appending(name))))?["path"]?.string else {
                    throw Failure(
                        "damaged record \(directory.appending(name)): it does not tell its path",
                        advice: "Its name is made of the path: put that right by hand, then remove the record.")
                }
                return FilePath(path)
            }
            return paths.sorted { $0.string < $1.string }
        }
    }

    /// Whether the record says that nothing was at `path`.
    public func wasAbsent(_ path: FilePath) throws -> Bool { try original(of: path)?.kind == .absent }

    /// The record of `path`; nil if there is none.
    /// - Throws: ``Failure`` if the record is damaged.
    private func original(of path: FilePath) throws -> Original? {
        guard let bytes = try files.readIfPresent(status(of: path)) else { return nil }
        return try Original(record: bytes, of: path, recordedIn: status(of: path))
    }

    /// The bytes of the file that was at `path`; empty if nothing was there, nil if there is no record or it was not a
    /// file.
    public func bytes(of path: FilePath) throws -> [UInt8]? {
        guard let original = try original(of: path) else { return nil }
        return switch original.kind {
        case .absent: []
        case .file: try files.read(content(of: path))
        case .directory, .link, .other: nil
        }
    }

    /// Restores what was at `path`, and removes the record. Does nothing if there is no record.
    ///
    /// A directory gets back its mode and owner, not its entries.
    /// - Throws: ``Failure`` if the record is damaged, ``FileError`` if a directory that is not empty is in the way.
    public func restore(_ path: FilePath) throws {
        guard let original = try original(of: path) else { return }
        try willWrite?(path)
        let status = try files.status(of: path), found = status?.kind
        switch original.kind {
        case .absent: try files.remove(path)
        case .file:
            // Before anything is removed: the content may be missing.
            let staged = try files.stage(
                copyOf: content(of: path), for: path, mode: original.mode, owner: original.owner)
            do {
                if found != .file { try files.remove(path) }
            } catch {
                files.discard(staged)
                throw error
            }
            try files.commit(staged, as: path)
        case .link:
            if found != .link { try files.remove(path) }
            try files.createLink(
                path, to: original.destination, owner: original.owner == .root ? nil : original.owner)
        case .directory where found == .directory:
            guard let status else { break }
            try files.setOwner(original.owner, mode: original.mode, of: path, expecting: status)
        case .directory:
            try files.remove(path)
            try files.createDirectory(path, mode: original.mode, owner: original.owner)
        case .other: break
        }
        try forget(path)
    }

    /// Whether something else is at `path` than the record says: another kind, content, mode, owner or destination.
    func differs(_ path: FilePath) throws -> Bool {
        guard let original = try original(of: path) else { return false }
        guard let found = try files.status(of: path) else { return original.kind != .absent }
        guard found.kind.rawValue == original.kind.rawValue else { return true }
        switch original.kind {
        case .absent, .other: return false
        case .link: return try files.destination(ofLink: path) != original.destination
        case .directory: return found.mode != original.mode || found.owner != original.owner
        case .file:
            return try found.mode != original.mode || found.owner != original.owner
                || files.hash(of: path) != files.hash(of: content(of: path))
        }
    }

    private func announceRecord(of path: FilePath) throws {
        for file in [status(of: path), content(of: path)] { try willWrite?(file) }
    }

    /// Removes the record of `path`, which stays as it is now.
    public func forget(_ path: FilePath) throws {
        try announceRecord(of: path)
        try files.remove(status(of: path))
        try files.remove(content(of: path))
    }
}

/// The record of a path.
private struct Original {
    enum Kind: String {
        case absent, file, directory, link
        /// A device or a socket, which Propel never replaces.
        case other
    }

    var kind: Kind
    /// Of a file or a directory.
    var mode: ModeBits
    /// Of a file or a directory.
    var owner: Owner
    /// Of a link.
    var destination: String

    init(record: [UInt8], of path: FilePath, recordedIn file: FilePath) throws(Failure) {
        let record = try? JSON(parsing: record)
        let kind = record?["kind"]?.string.flatMap(Kind.init)
        let mode = record?["mode"]?.integer.flatMap(ModeBits.init(exactly:))
        let user = record?["user"]?.integer.flatMap(UInt32.init(exactly:))
        let group = record?["group"]?.integer.flatMap(UInt32.init(exactly:))
        let destination = record?["destination"]?.string
        let hasOwner = mode != nil && user != nil && group != nil
        let isComplete =
            switch kind {
            case .absent, .other: true
            case .file, .directory: hasOwner
            case .link: destination != nil
            case nil: false
            }
        guard let kind, isComplete else {
            throw Failure(
                "damaged record of what \(path) was before",
                advice: "Put \(path) right by hand, then remove \(file).")
        }
        self.kind = kind
        self.mode = mode ?? 0
        owner = Owner(user: user ?? 0, group: group ?? 0)
        self.destination = destination ?? ""
    }
}

extension Machine {
    /// The originals of the properties.
    public var originals: Originals {
        var originals = Originals(files: files)
        originals.willWrite = { [weak self] in try self?.willWrite($0) }
        return originals
    }
}
