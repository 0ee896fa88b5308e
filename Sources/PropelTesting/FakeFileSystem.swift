import Propel
import Synchronization

/// Files in memory, with the errors of real ones.
public final class FakeFileSystem: FileSystem {
    /// A file, directory or link.
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

    /// Creates the directories that any Unix has, owned by root.
    /// - Parameter clock: returns the modification time of a file that is written.
    public init(clock: @escaping @Sendable () -> Timestamp = { Timestamp(seconds: 1_000_000) }) {
        self.clock = clock
        for path: FilePath in [
            "/", "/etc", "/var", "/var/lib", "/tmp", "/root", "/home", "/usr", "/usr/lib", "/proc", "/run", "/sys",
        ] {
            put(path, .directory, mode: 0o755)
        }
    }

    // MARK: For tests

    /// Adds a file and its parent directories.
    public func put(_ path: FilePath, _ text: String, mode: Permissions = 0o644, owner: Owner = .root) {
        put(path, bytes: Array(text.utf8), mode: mode, owner: owner)
    }

    /// Adds a file and its parent directories.
    public func put(_ path: FilePath, bytes: [UInt8], mode: Permissions = 0o644, owner: Owner = .root) {
        put(path, .file, mode: mode, owner: owner, bytes: bytes)
    }

    /// Adds a symbolic link and its parent directories.
    public func put(_ path: FilePath, linkTo destination: String) {
        put(path, .link, mode: 0o777, destination: destination)
    }

    /// Adds a directory and its parents.
    public func put(directory path: FilePath, mode: Permissions = 0o755, owner: Owner = .root) {
        put(path, .directory, mode: mode, owner: owner)
    }

    /// Makes every later write to `path` fail with `cause`, as on a full disk.
    public func fail(_ path: FilePath, with cause: Errno) { state.withLock { $0.failures[path] = cause } }

    /// The file, directory or link at `path`; nil if there is nothing.
    public subscript(path: FilePath) -> Node? { state.withLock { $0.nodes[path] } }

    /// The text of the file at `path`; nil if there is no file.
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
        _ path: FilePath, _ kind: FileStatus.Kind, mode: Permissions, owner: Owner = .root, bytes: [UInt8] = [],
        destination: String = ""
    ) {
        let now = clock()
        state.withLock { state in
            var parent = path.removingLastComponent()
            while !parent.isEmpty, state.nodes[parent] == nil, parent != path {
                state.nodes[parent] = FakeFileSystem.Node(.directory, mode: 0o755, owner: .root, modified: now)
                parent = parent.removingLastComponent()
            }
            state.nodes[path] = Node(
                kind, mode: mode, owner: owner, modified: now, bytes: bytes, destination: destination)
        }
    }

    // MARK: FileSystem

    public func status(of path: FilePath) throws(FileError) -> FileStatus? {
        do throws(FileError) { return self[try locate(path, "look at")]?.status } catch  where error.isAbsence {
            return nil
        }
    }

    public func read(_ path: FilePath) throws(FileError) -> [UInt8] { try readWithStatus(path).bytes }

    public func readWithStatus(_ path: FilePath) throws(FileError) -> (bytes: [UInt8], status: FileStatus) {
        let bytes = try read(path, first: .max)
        guard bytes.count <= FileStatus.readLimit else { throw FileError("read", path, .fileTooLarge) }
        return (bytes, try node(at: path, "read").status)
    }

    public func read(_ path: FilePath, first count: Int) throws(FileError) -> [UInt8] {
        let node = try node(at: path, "read")
        switch node.status.kind {
        case .file: return Array(node.bytes.prefix(count))
        case .directory: throw FileError("read", path, .isDirectory)
        case .link: throw FileError("read", path, .tooManySymbolicLinkLevels)
        case .other: throw FileError("read", path, .invalidArgument)
        }
    }

    public func list(_ path: FilePath) throws(FileError) -> [String] {
        guard try node(at: path, "list").status.kind == .directory else { throw FileError("list", path, .notDirectory) }
        let directory = try locate(path, "list")
        return state.withLock { state in
            state.nodes.keys.filter { $0.removingLastComponent() == directory }.compactMap { $0.lastComponent?.string }
                .sorted()
        }
    }

    public func destination(ofLink path: FilePath) throws(FileError) -> String {
        let node = try node(at: path, "read the link")
        guard node.status.kind == .link else { throw FileError("read the link", path, .invalidArgument) }
        return node.destination
    }

    public func stage(
        _ bytes: [UInt8], for path: FilePath, mode: Permissions, owner: Owner
    ) throws(FileError) -> FilePath {
        let staged = path.stagingPath
        let place = try locate(path, "write"),
            stagedPlace = place.removingLastComponent().appending(staged.lastComponent.map { [$0] } ?? [])
        let node = Node(.file, mode: mode, owner: owner, modified: clock(), bytes: bytes)
        try write(path, at: place, "write", isLogged: false) { $0.nodes[stagedPlace] = node }
        return staged
    }

    public func commit(_ staged: FilePath, as path: FilePath) throws(FileError) {
        do throws(FileError) {
            let stagedPlace = try locate(staged, "replace"), place = try locate(path, "replace")
            guard let node = self[stagedPlace] else { throw FileError("replace", path, .noSuchFileOrDirectory) }
            switch self[place]?.status.kind {
            case .directory: throw FileError("replace", path, .isDirectory)
            case .link: throw FileError("replace", path, .tooManySymbolicLinkLevels)
            case .file, .other, nil: break
            }
            try write(path, at: place, "replace") { state in
                state.nodes[stagedPlace] = nil
                state.nodes[place] = node
            }
        } catch {
            discard(staged)
            throw error
        }
    }

    public func discard(_ staged: FilePath) {
        guard let place = try? locate(staged, "remove") else { return }
        state.withLock { $0.nodes[place] = nil }
    }

    public func createDirectory(_ path: FilePath, mode: Permissions, owner: Owner) throws(FileError) {
        let place = try locate(path, "make the directory")
        if self[place] != nil { throw FileError("make the directory", path, .fileExists) }
        let node = Node(.directory, mode: mode, owner: owner, modified: clock())
        try write(path, at: place, "make the directory") { $0.nodes[place] = node }
    }

    public func createLink(_ path: FilePath, to destination: String) throws(FileError) {
        let place = try locate(path, "make the link")
        if let kind = self[place]?.status.kind, kind != .link {
            throw FileError("make the link", path, kind == .directory ? .isDirectory : .fileExists)
        }
        let node = Node(.link, mode: 0o777, owner: .root, modified: clock(), destination: destination)
        try write(path, at: place, "make the link") { $0.nodes[place] = node }
    }

    public func setOwner(
        _ owner: Owner, mode: Permissions, of path: FilePath, expecting status: FileStatus
    ) throws(FileError) {
        let operation = "set the owner and the mode of"
        var node = try node(at: path, operation)
        guard node.status.kind == status.kind, [.file, .directory].contains(status.kind) else {
            throw FileError(operation, path, .staleNFSFileHandle)
        }
        node.status.owner = owner
        node.status.mode = mode
        try change(path, operation, to: node)
    }

    public func setMode(_ mode: Permissions, of path: FilePath) throws(FileError) {
        var node = try node(at: path, "set the mode of")
        if node.status.kind == .link { throw FileError("set the mode of", path, .tooManySymbolicLinkLevels) }
        node.status.mode = mode
        try change(path, "set the mode of", to: node)
    }

    public func setOwner(_ owner: Owner, of path: FilePath) throws(FileError) {
        var node = try node(at: path, "set the owner of")
        node.status.owner = owner
        // chown(2) clears the set-user-ID bits of a program.
        if node.status.kind == .file, node.status.mode & 0o111 != 0 { node.status.mode &= 0o1777 }
        try change(path, "set the owner of", to: node)
    }

    public func remove(_ path: FilePath) throws(FileError) {
        do throws(FileError) {
            let place = try locate(path, "remove")
            guard let kind = self[place]?.status.kind else { return }
            if kind == .directory, try !list(path).isEmpty { throw FileError("remove", path, .directoryNotEmpty) }
            try write(path, at: place, "remove") { $0.nodes[place] = nil }
        } catch  where error.isAbsence {
            return
        }
    }

    private func change(_ path: FilePath, _ operation: String, to node: Node) throws(FileError) {
        let place = try locate(path, operation)
        try write(path, at: place, operation) { $0.nodes[place] = node }
    }

    private func node(at path: FilePath, _ operation: String) throws(FileError) -> Node {
        guard let node = self[try locate(path, operation)] else {
            throw FileError(operation, path, .noSuchFileOrDirectory)
        }
        return node
    }

    private func write(
        _ path: FilePath, at place: FilePath, _ operation: String, isLogged: Bool = true, _ body: (inout State) -> Void
    ) throws(FileError) {
        if let cause = state.withLock({ $0.failures[path] ?? $0.failures[place] }) {
            throw FileError(operation, path, cause)
        }
        state.withLock { state in
            body(&state)
            if isLogged { state.writes.append(path) }
        }
    }

    /// Resolves the links on the way to a path. Links of root are followed; others are an error.
    private func locate(_ path: FilePath, _ operation: String) throws(FileError) -> FilePath {
        guard path.isAbsolute else { throw FileError(operation, path, .invalidArgument) }
        let parent = path.removingLastComponent()
        if self[parent]?.status.kind == .directory { return path }
        guard let name = path.lastComponent else { return path }
        var open = Array(parent.components.reversed())
        var reached = "/" as FilePath, links = 0
        while let component = open.popLast() {
            switch component.kind {
            case .parentDirectory: reached.removeLastComponent()
            case .currentDirectory: break
            default:
                let next = reached.appending([component])
                guard let node = self[next] else { throw FileError(operation, path, .noSuchFileOrDirectory) }
                switch node.status.kind {
                case .directory: reached = next
                case .file, .other: throw FileError(operation, path, .notDirectory)
                case .link:
                    links += 1
                    guard node.status.owner.user == 0, links <= 40 else {
                        throw FileError(operation, next, .tooManySymbolicLinkLevels)
                    }
                    let destination = FilePath(node.destination)
                    if destination.isAbsolute { reached = "/" }
                    open += destination.components.reversed()
                }
            }
        }
        return reached.appending([name])
    }
}

extension FileError {
    fileprivate var isAbsence: Bool { cause == .noSuchFileOrDirectory || cause == .notDirectory }
}

extension FakeFileSystem.Node {
    fileprivate init(
        _ kind: FileStatus.Kind, mode: Permissions, owner: Owner, modified: Timestamp, bytes: [UInt8] = [],
        destination: String = ""
    ) {
        self.init(
            status: FileStatus(kind: kind, mode: mode, owner: owner, size: bytes.count, modified: modified),
            bytes: bytes,
            destination: destination)
    }
}
