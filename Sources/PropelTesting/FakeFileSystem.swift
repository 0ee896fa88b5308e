import Propel
import Synchronization

/// Files in memory, with the errors of real ones, and with a disk that a power cut leaves; see ``FakeDisk``.
public final class FakeFileSystem: FileSystem {
    /// A file, directory or link.
    public struct Node: Sendable, Equatable {
        public var status: FileStatus
        public var bytes: [UInt8] = []
        public var destination = ""

        /// Mode, owner and content in a few words: `0644 0:0 3fa2b1c4`.
        var summary: String {
            guard status.kind != .link else { return "→ \(destination)" }
            let access = "\(octal(status.mode)) \(status.owner.user):\(status.owner.group)"
            return status.kind == .file ? "\(access) \(SHA256.hash(bytes).prefix(8))" : access
        }
    }

    let state = Mutex(FakeFiles())
    let clock: @Sendable () -> Timestamp
    let operations: OperationLog

    /// Creates the directories that any Unix has, owned by root.
    /// - Parameter clock: returns the modification time of a file that is written.
    public convenience init(clock: @escaping @Sendable () -> Timestamp = { Timestamp(seconds: 1_000_000) }) {
        self.init(clock: clock, operations: OperationLog())
    }

    init(clock: @escaping @Sendable () -> Timestamp, operations: OperationLog) {
        self.clock = clock
        self.operations = operations
        for path: FilePath in [
            "/etc", "/var", "/var/lib", "/tmp", "/root", "/home", "/usr", "/usr/lib", "/proc", "/run", "/sys",
        ] {
            put(path, .directory, mode: 0o755)
        }
    }

    // MARK: What is there before the test

    /// Adds a file and its parent directories. They are on the disk.
    public func put(_ path: FilePath, _ text: String, mode: ModeBits = 0o644, owner: Owner = .root) {
        put(path, bytes: Array(text.utf8), mode: mode, owner: owner)
    }

    /// Adds a file and its parent directories. They are on the disk.
    public func put(_ path: FilePath, bytes: [UInt8], mode: ModeBits = 0o644, owner: Owner = .root) {
        put(path, .file, mode: mode, owner: owner, bytes: bytes)
    }

    /// Adds a symbolic link and its parent directories.
    public func put(_ path: FilePath, linkTo destination: String) {
        put(path, .link, mode: 0o777, destination: destination)
    }

    /// Adds a directory and its parents.
    public func put(directory path: FilePath, mode: ModeBits = 0o755, owner: Owner = .root) {
        put(path, .directory, mode: mode, owner: owner)
    }

    private func put(
        _ path: FilePath, _ kind: FileStatus.Kind, mode: ModeBits, owner: Owner = .root, bytes: [UInt8] = [],
        destination: String = ""
    ) {
        let now = clock()
        state.withLock { files in
            files.put(
                path.string, Node(kind, mode: mode, owner: owner, modified: now, bytes: bytes, destination: destination)
            )
        }
    }

    /// Makes every later write to `path` fail with `cause`, as on a full disk.
    public func fail(_ path: FilePath, with cause: Errno) { state.withLock { $0.failures[path.string] = cause } }

    // MARK: What is there

    /// The file, directory or link at `path`; nil if there is nothing.
    public subscript(path: FilePath) -> Node? { state.withLock { $0[path.string] } }

    /// The text of the file at `path`; nil if there is no file.
    public func text(at path: FilePath) -> String? {
        self[path].flatMap { $0.status.kind == .file ? String(decoding: $0.bytes, as: UTF8.self) : nil }
    }

    /// Everything that is there, without what Propel keeps for itself.
    public var snapshot: [FilePath: Node] {
        let own = Machine.state.string + "/"
        var snapshot: [FilePath: Node] = [:]
        for (path, node) in state.withLock({ $0.nodes }) where path != own.dropLast() && !path.hasPrefix(own) {
            var node = node
            node.status.modified = Timestamp(seconds: 0)
            snapshot[FilePath(path)] = node
        }
        return snapshot
    }

    /// The paths that were written, removed or changed in mode or owner, in order.
    public var writes: [FilePath] { state.withLock { $0.writes } }

    // MARK: What programs do

    /// Writes a file in place, as a program does that does not sync it. The directory must exist.
    public func write(_ path: FilePath, bytes: [UInt8], mode: ModeBits = 0o644) throws(FileError) {
        let place = try locate(path, "write")
        var node = node(place) ?? Node(.file, mode: mode, owner: .root, modified: clock())
        node.bytes = bytes
        node.status.size = bytes.count
        try perform(.change, "write \(path)", "write", path, at: place, node: node) { [node] in $0.set(place, node) }
    }

    /// Renames a file or a directory with all that is in it, as rename(2) does.
    public func rename(_ path: FilePath, to newPath: FilePath) throws(FileError) {
        let place = try locate(path, "rename"), newPlace = try locate(newPath, "rename")
        guard node(place) != nil else { throw FileError("rename", path, .noSuchFileOrDirectory) }
        try perform(.change, "rename \(path) to \(newPath)", "rename", path, at: place) { $0.move(place, to: newPlace) }
    }

    /// Removes a file, or a directory with all that is in it, as `rm` does, which syncs nothing.
    /// - Parameter itself: whether a directory is removed too, and not only what is in it.
    public func deleteTree(_ path: FilePath, itself: Bool = true) throws(FileError) {
        guard let node = self[path] else { return }
        if node.status.kind == .directory {
            for name in try list(path) { try deleteTree(path.appending(name)) }
        }
        if itself { try perform(.change, "unlink \(path)", "remove", path, at: path.string) { $0.remove(path.string) } }
    }

    /// Writes the content of a file, or the entries of a directory, to the disk, as fsync(2) does.
    public func sync(_ path: FilePath) throws(FileError) {
        let place = try locate(path, "sync")
        guard node(place) != nil else { throw FileError("sync", path, .noSuchFileOrDirectory) }
        try perform(.sync, "sync \(path)", "sync", path, at: place) { $0.sync(place) }
    }

    /// Writes everything to the disk, as syncfs(2) does.
    public func syncAll() throws(FileError) {
        try perform(.sync, "sync all", "sync", "/", at: "/") { $0.syncAll() }
    }

    /// Loses what was not synced, and everything in `/run`.
    public func losePower(seed: UInt64) { state.withLock { $0.losePower(seed: seed) } }

    // MARK: -

    /// Performs an operation, unless a fault is injected.
    func perform(
        _ kind: Operation.Kind, _ words: String, _ operation: String, _ path: FilePath, at place: String,
        node: Node? = nil, _ body: (inout FakeFiles) -> Void
    ) throws(FileError) {
        if let cause = state.withLock({ $0.failures[path.string] ?? $0.failures[place] }) {
            throw FileError(operation, path, cause)
        }
        let fails: Bool
        do {
            fails = try operations.begin(kind, words, detail: node.map { " \($0.summary)" } ?? "")
        } catch {
            throw FileError(operation, path, .ioError)
        }
        if fails { throw FileError(operation, path, .ioError) }
        state.withLock { body(&$0) }
    }

    /// Resolves the links on the way to a path. Links of root are followed; others are an error.
    func locate(_ path: FilePath, _ operation: String) throws(FileError) -> String {
        do { try operations.requireRunning() } catch { throw FileError(operation, path, .ioError) }
        let text = path.string
        guard text.utf8.first == UInt8(ascii: "/") else { throw FileError(operation, path, .invalidArgument) }
        guard let (parent, name) = FakeFiles.split(text) else { return text }
        let (nodes, isPlain) = state.withLock { ($0.nodes, $0[parent]?.status.kind == .directory) }
        if isPlain { return text }
        var open = parent.split(separator: "/").reversed().map(String.init)
        var reached = "/", links = 0
        while let component = open.popLast() {
            switch component {
            case "..": reached = FakeFiles.split(reached)?.directory ?? "/"
            case ".": break
            default:
                let next = FakeFiles.join(reached, component)
                guard let node = nodes[next] else { throw FileError(operation, path, .noSuchFileOrDirectory) }
                switch node.status.kind {
                case .directory: reached = next
                case .file, .other: throw FileError(operation, path, .notDirectory)
                case .link:
                    links += 1
                    guard node.status.owner.user == 0, links <= 40 else {
                        throw FileError(operation, FilePath(next), .tooManySymbolicLinkLevels)
                    }
                    if node.destination.hasPrefix("/") { reached = "/" }
                    open += node.destination.split(separator: "/").reversed().map(String.init)
                }
            }
        }
        return FakeFiles.join(reached, name)
    }

    /// The file, directory or link at a place that was located.
    func node(_ place: String) -> Node? { state.withLock { $0[place] } }
}

extension FakeFileSystem.Node {
    init(
        _ kind: FileStatus.Kind, mode: ModeBits, owner: Owner, modified: Timestamp, bytes: [UInt8] = [],
        destination: String = ""
    ) {
        self.init(
            status: FileStatus(kind: kind, mode: mode, owner: owner, size: bytes.count, modified: modified),
            bytes: bytes,
            destination: destination)
    }
}
