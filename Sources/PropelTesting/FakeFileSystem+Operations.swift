import Propel

extension FakeFileSystem {
    public func status(of path: FilePath) throws(FileError) -> FileStatus? {
        do throws(FileError) { return node(try locate(path, "look at"))?.status } catch  where error.isAbsence {
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
        return state.withLock { $0.names(in: directory) }
    }

    public func destination(ofLink path: FilePath) throws(FileError) -> String {
        let node = try node(at: path, "read the link")
        guard node.status.kind == .link else { throw FileError("read the link", path, .invalidArgument) }
        return node.destination
    }

    public func stage(
        _ bytes: [UInt8], for path: FilePath, mode: ModeBits, owner: Owner
    ) throws(FileError) -> FilePath {
        let staged = path.stagingPath
        let place = try locate(path, "write"), stagedPlace = try locate(staged, "write")
        let node = Node(.file, mode: mode, owner: owner, modified: clock(), bytes: bytes)
        try perform(.change, "write \(staged)", "write", path, at: place, node: node) { $0.make(stagedPlace, node) }
        do throws(FileError) {
            try perform(.sync, "sync \(staged)", "write", path, at: place) { $0.sync(stagedPlace) }
        } catch {
            discard(staged)
            throw error
        }
        return staged
    }

    public func commit(_ staged: FilePath, as path: FilePath) throws(FileError) {
        do throws(FileError) {
            let stagedPlace = try locate(staged, "replace"), place = try locate(path, "replace")
            guard node(stagedPlace) != nil else { throw FileError("replace", path, .noSuchFileOrDirectory) }
            switch node(place)?.status.kind {
            case .directory: throw FileError("replace", path, .isDirectory)
            case .link: throw FileError("replace", path, .tooManySymbolicLinkLevels)
            case .file, .other, nil: break
            }
            try write(path, at: place, "replace") { $0.move(stagedPlace, to: place) }
        } catch {
            discard(staged)
            throw error
        }
    }

    public func discard(_ staged: FilePath) {
        guard let place = try? locate(staged, "remove"), node(place) != nil else { return }
        try? perform(.change, "discard \(staged)", "remove", staged, at: place) { $0.remove(place) }
        try? syncDirectory(of: staged, at: place, "remove")
    }

    public func createDirectory(_ path: FilePath, mode: ModeBits, owner: Owner) throws(FileError) {
        let place = try locate(path, "make the directory")
        if node(place) != nil { throw FileError("make the directory", path, .fileExists) }
        let node = Node(.directory, mode: mode, owner: owner, modified: clock())
        try write(path, at: place, "make the directory", node: node) { $0.make(place, node) }
    }

    public func createLink(_ path: FilePath, to destination: String, owner: Owner?) throws(FileError) {
        let place = try locate(path, "make the link")
        if let kind = node(place)?.status.kind, kind != .link {
            throw FileError("make the link", path, kind == .directory ? .isDirectory : .fileExists)
        }
        let node = Node(.link, mode: 0o777, owner: owner ?? .root, modified: clock(), destination: destination)
        try write(path, at: place, "make the link", node: node) { $0.make(place, node) }
    }

    public func setOwner(
        _ owner: Owner, mode: ModeBits, of path: FilePath, expecting status: FileStatus
    ) throws(FileError) {
        let operation = "set the owner and the mode of"
        let node = try node(at: path, operation)
        guard node.status.kind == status.kind, [.file, .directory].contains(status.kind) else {
            throw FileError(operation, path, .staleNFSFileHandle)
        }
        try change(path, "set the owner of", to: node.owned(by: owner))
        var changed = node.owned(by: owner)
        changed.status.mode = mode
        try change(path, "set the mode of", to: changed)
    }

    public func setMode(_ mode: ModeBits, of path: FilePath) throws(FileError) {
        var node = try node(at: path, "set the mode of")
        if node.status.kind == .link { throw FileError("set the mode of", path, .tooManySymbolicLinkLevels) }
        node.status.mode = mode
        try change(path, "set the mode of", to: node)
    }

    public func setOwner(_ owner: Owner, of path: FilePath) throws(FileError) {
        try change(path, "set the owner of", to: try node(at: path, "set the owner of").owned(by: owner))
    }

    public func remove(_ path: FilePath) throws(FileError) {
        do throws(FileError) {
            let place = try locate(path, "remove")
            guard let kind = node(place)?.status.kind else { return }
            if kind == .directory, try !list(path).isEmpty { throw FileError("remove", path, .directoryNotEmpty) }
            try write(path, at: place, "remove") { $0.remove(place) }
        } catch  where error.isAbsence {
            return
        }
    }

    private func change(_ path: FilePath, _ operation: String, to node: Node) throws(FileError) {
        let place = try locate(path, operation)
        try perform(.change, "\(operation) \(path)", operation, path, at: place, node: node) { state in
            state.set(place, node)
            state.writes.append(path)
        }
    }

    private func node(at path: FilePath, _ operation: String) throws(FileError) -> Node {
        guard let node = node(try locate(path, operation)) else {
            throw FileError(operation, path, .noSuchFileOrDirectory)
        }
        return node
    }

    /// Changes the entries of a directory, and syncs it.
    private func write(
        _ path: FilePath, at place: String, _ operation: String, node: Node? = nil, _ body: (inout FakeFiles) -> Void
    ) throws(FileError) {
        try perform(.change, "\(operation) \(path)", operation, path, at: place, node: node) { state in
            body(&state)
            state.writes.append(path)
        }
        try syncDirectory(of: path, at: place, operation)
    }

    private func syncDirectory(of path: FilePath, at place: String, _ operation: String) throws(FileError) {
        let directory = FakeFiles.split(place)?.directory ?? "/"
        // By the text: FilePath looks at every component several times in a debug build, and this is done thousands of
        // times.
        let words = "sync \(FakeFiles.split(path.string)?.directory ?? "/")"
        try perform(.sync, words, operation, path, at: place) { $0.sync(directory) }
    }
}

extension FileError {
    fileprivate var isAbsence: Bool { cause == .noSuchFileOrDirectory || cause == .notDirectory }
}

extension FakeFileSystem.Node {
    /// With another owner. chown(2) clears the set-user-ID bits of a program.
    fileprivate func owned(by owner: Owner) -> FakeFileSystem.Node {
        var node = self
        node.status.owner = owner
        if status.kind == .file, status.mode & 0o111 != 0 { node.status.mode &= 0o1777 }
        return node
    }
}
