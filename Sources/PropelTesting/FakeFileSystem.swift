import Propel
import Synchronization

/// Files in memory, with the errors of real ones.
public final class FakeFileSystem: FileSystem {
    public struct Node: Sendable, Equatable {
        public var status: FileStatus
        public var bytes: [UInt8] = []
        public var destination = ""
    }

    fileprivate struct State {
        var nodes: [FilePath: Node] = [:]
        var failures: [FilePath: Errno] = [:]
        var writes: [FilePath] = []
    }

    private let state = Mutex(State())
    private let clock: @Sendable () -> Timestamp

    /// With the directories that any Unix has, owned by root.
    /// - Parameter clock: what tells when a file was modified.
    public init(clock: @escaping @Sendable () -> Timestamp = { Timestamp(seconds: 1_000_000) }) {
        self.clock = clock
        for path: FilePath in ["/", "/etc", "/var", "/var/lib", "/tmp", "/root", "/home", "/usr", "/usr/lib", "/proc", "/run", "/sys"] {
            put(path, .directory, mode: 0o755)
        }
    }

    // MARK: What tests plant and look at

    /// Puts a file there, with the directories above it.
    public func put(_ path: FilePath, _ text: String, mode: Permissions = 0o644, owner: Owner = .root) {
        put(path, bytes: Array(text.utf8), mode: mode, owner: owner)
    }

    /// Puts a file there, with the directories above it.
    public func put(_ path: FilePath, bytes: [UInt8], mode: Permissions = 0o644, owner: Owner = .root) {
        put(path, .file, mode: mode, owner: owner, bytes: bytes)
    }

    /// Puts a symbolic link there, with the directories above it.
    public func put(_ path: FilePath, linkTo destination: String) {
        put(path, .link, mode: 0o777, destination: destination)
    }

    /// Puts a directory there, with those above it.
    public func put(directory path: FilePath, mode: Permissions = 0o755, owner: Owner = .root) {
        put(path, .directory, mode: mode, owner: owner)
    }

    /// Every write to `path` fails from now on, as on a full disk.
    public func fail(_ path: FilePath, with cause: Errno) { state.withLock { $0.failures[path] = cause } }

    public subscript(path: FilePath) -> Node? { state.withLock { $0.nodes[path] } }

    /// The text of the file at `path`; nil where there is none.
    public func text(at path: FilePath) -> String? {
        self[path].flatMap { $0.status.kind == .file ? String(decoding: $0.bytes, as: UTF8.self) : nil }
    }

    /// Everything that is there, without what Propel keeps for itself.
    public var snapshot: [FilePath: Node] {
        state.withLock { $0.nodes.filter { !$0.key.starts(with: Machine.state) } }
            .mapValues { node in
                var node = node
                node.status.modified = Timestamp(seconds: 0)
                return node
            }
    }

    /// The paths that were written, removed or changed in mode or owner, in order.
    public var writes: [FilePath] { state.withLock { $0.writes } }

    private func put(
        _ path: FilePath, _ kind: FileStatus.Kind, mode: Permissions, owner: Owner = .root, bytes: [UInt8] = [], destination: String = ""
    ) {
        let now = clock()
        state.withLock { state in
            var parent = path.removingLastComponent()
            while !parent.isEmpty, state.nodes[parent] == nil, parent != path {
                state.nodes[parent] = FakeFileSystem.Node(.directory, mode: 0o755, owner: .root, modified: now)
                parent = parent.removingLastComponent()
            }
            state.nodes[path] = Node(kind, mode: mode, owner: owner, modified: now, bytes: bytes, destination: destination)
        }
    }

    // MARK: FileSystem

    public func status(of path: FilePath) throws(FileError) -> FileStatus? {
        try requireAbsolute(path, "look at")
        return self[path]?.status
    }

    public func read(_ path: FilePath) throws(FileError) -> [UInt8] { try read(path, first: .max) }

    public func read(_ path: FilePath, first count: Int) throws(FileError) -> [UInt8] {
        try requireAbsolute(path, "read")
        guard let node = self[path] else { throw FileError("read", path, .noSuchFileOrDirectory) }
        switch node.status.kind {
        case .file: return Array(node.bytes.prefix(count))
        case .directory: throw FileError("read", path, .isDirectory)
        case .link: throw FileError("read", path, .tooManySymbolicLinkLevels)
        case .other: throw FileError("read", path, .invalidArgument)
        }
    }

    public func list(_ path: FilePath) throws(FileError) -> [String] {
        try requireAbsolute(path, "list")
        guard let node = self[path] else { throw FileError("list", path, .noSuchFileOrDirectory) }
        guard node.status.kind == .directory else { throw FileError("list", path, .notDirectory) }
        return state.withLock { state in
            state.nodes.keys.filter { $0 != path && $0.removingLastComponent() == path }.compactMap { $0.lastComponent?.string }.sorted()
        }
    }

    public func destination(ofLink path: FilePath) throws(FileError) -> String {
        try requireAbsolute(path, "read the link")
        guard let node = self[path] else { throw FileError("read the link", path, .noSuchFileOrDirectory) }
        guard node.status.kind == .link else { throw FileError("read the link", path, .invalidArgument) }
        return node.destination
    }

    public func stage(_ bytes: [UInt8], for path: FilePath, mode: Permissions, owner: Owner) throws(FileError) -> FilePath {
        let staged = path.removingLastComponent().appending(".\(path.lastComponent?.string ?? "").propel")
        let node = Node(.file, mode: mode, owner: owner, modified: clock(), bytes: bytes)
        try write(path, "write") { $0.nodes[staged] = node }
        return staged
    }

    public func commit(_ staged: FilePath, as path: FilePath) throws(FileError) {
        guard let node = self[staged] else { throw FileError("replace", path, .noSuchFileOrDirectory) }
        do throws(FileError) {
            switch self[path]?.status.kind {
            case .directory: throw FileError("replace", path, .isDirectory)
            case .link: throw FileError("replace", path, .tooManySymbolicLinkLevels)
            case .file, .other, nil: break
            }
            try write(path, "replace", logging: true) { state in
                state.nodes[staged] = nil
                state.nodes[path] = node
            }
        } catch {
            discard(staged)
            throw error
        }
    }

    public func discard(_ staged: FilePath) { state.withLock { $0.nodes[staged] = nil } }

    public func createDirectory(_ path: FilePath, mode: Permissions, owner: Owner) throws(FileError) {
        if self[path] != nil { throw FileError("make the directory", path, .fileExists) }
        let node = Node(.directory, mode: mode, owner: owner, modified: clock())
        try write(path, "make the directory", logging: true) { $0.nodes[path] = node }
    }

    public func createLink(_ path: FilePath, to destination: String) throws(FileError) {
        if let kind = self[path]?.status.kind, kind != .link {
            throw FileError("make the link", path, kind == .directory ? .isDirectory : .fileExists)
        }
        let node = Node(.link, mode: 0o777, owner: .root, modified: clock(), destination: destination)
        try write(path, "make the link", logging: true) { $0.nodes[path] = node }
    }

    public func setMode(_ mode: Permissions, of path: FilePath) throws(FileError) {
        try change(path, "set the mode of") { $0.status.mode = mode }
    }

    public func setOwner(_ owner: Owner, of path: FilePath) throws(FileError) {
        try change(path, "set the owner of") { $0.status.owner = owner }
    }

    public func remove(_ path: FilePath) throws(FileError) {
        try requireAbsolute(path, "remove")
        guard self[path] != nil else { return }
        if self[path]?.status.kind == .directory, try !list(path).isEmpty { throw FileError("remove", path, .directoryNotEmpty) }
        try write(path, "remove", logging: true) { $0.nodes[path] = nil }
    }

    private func requireAbsolute(_ path: FilePath, _ operation: String) throws(FileError) {
        guard path.isAbsolute else { throw FileError(operation, path, .invalidArgument) }
    }

    private func change(_ path: FilePath, _ operation: String, _ body: (inout Node) -> Void) throws(FileError) {
        guard var node = self[path] else { throw FileError(operation, path, .noSuchFileOrDirectory) }
        body(&node)
        let changed = node
        try write(path, operation, logging: true) { $0.nodes[path] = changed }
    }

    private func write(
        _ path: FilePath, _ operation: String, logging: Bool = false, _ body: (inout State) -> Void
    ) throws(FileError) {
        try requireAbsolute(path, operation)
        let parent = path.removingLastComponent()
        guard let kind = self[parent]?.status.kind else { throw FileError(operation, path, .noSuchFileOrDirectory) }
        guard kind == .directory else { throw FileError(operation, path, .notDirectory) }
        if let cause = state.withLock({ $0.failures[path] }) { throw FileError(operation, path, cause) }
        state.withLock { state in
            body(&state)
            if logging { state.writes.append(path) }
        }
    }
}

extension FakeFileSystem.Node {
    fileprivate init(
        _ kind: FileStatus.Kind, mode: Permissions, owner: Owner, modified: Timestamp, bytes: [UInt8] = [], destination: String = ""
    ) {
        self.init(
            status: FileStatus(kind: kind, mode: mode, owner: owner, size: bytes.count, modified: modified), bytes: bytes,
            destination: destination)
    }
}
