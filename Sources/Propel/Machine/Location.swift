import CLinux
import Libc
import SystemPackage

/// A name in an open directory: renaming the directories above it does not change what it refers to.
struct Location: ~Copyable {
    let directory: Int32
    let name: String
    // For errors.
    let path: FilePath
    let operation: String

    /// The number of links that Linux follows on the way to a file (path_resolution(7)).
    private static let linkLimit = 40

    /// Opens the directory that `path` is in.
    ///
    /// - Parameter subject: the path that errors name; `path` itself by default.
    /// - Throws: ``FileError``: `invalidArgument` for a relative path or one that contains NUL,
    ///   `tooManySymbolicLinkLevels` for a link on the way that belongs neither to root nor to the user of this
    ///   process.
    init(_ path: FilePath, for subject: FilePath? = nil, _ operation: String) throws(FileError) {
        let subject = subject ?? path
        guard path.isAbsolute else { throw FileError(operation, subject, .invalidArgument) }
        let directory = try Self.open(path.removingLastComponent(), for: subject, operation)
        self.directory = directory
        self.name = path.lastComponent?.string ?? "."
        self.path = subject
        self.operation = operation
    }

    deinit { close(directory) }

    private static func open(_ path: FilePath, for subject: FilePath, _ operation: String) throws(FileError) -> Int32 {
        var open = Array(path.components.map(\.string).reversed())
        var reached = "/" as FilePath, links = 0
        var current = try step(from: AT_FDCWD, to: "/", subject, operation)
        do throws(FileError) {
            while let component = open.popLast() {
                reached.append(component)
                let next = try step(from: current, to: component, subject, operation)
                var status = stat()
                fstat(next, &status)
                guard status.st_mode & S_IFMT == S_IFLNK else {
                    close(current)
                    current = next
                    continue
                }
                defer { close(next) }
                links += 1
                guard status.st_uid == 0 || status.st_uid == geteuid(), links <= linkLimit else {
                    throw FileError(operation, reached, .tooManySymbolicLinkLevels)
                }
                let destination = FilePath(try readLink(next, "", subject, operation))
                if destination.isAbsolute {
                    close(current)
                    current = -1
                    current = try step(from: AT_FDCWD, to: "/", subject, operation)
                    reached = "/"
                } else {
                    reached.removeLastComponent()
                }
                open += destination.components.map(\.string).reversed()
            }
        } catch {
            if current >= 0 { close(current) }
            throw error
        }
        return current
    }

    private static func step(
        from directory: Int32, to name: String, _ path: FilePath, _ operation: String
    ) throws(FileError) -> Int32 {
        let descriptor = openat(directory, name, PROPEL_O_PATH | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(operation, path, Errno(rawValue: errno)) }
        return descriptor
    }

    private static func readLink(
        _ directory: Int32, _ name: String, _ path: FilePath, _ operation: String
    ) throws(FileError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlinkat(directory, name, &buffer, buffer.count)
        guard count >= 0 else { throw FileError(operation, path, Errno(rawValue: errno)) }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Makes a system call with the directory and the name, and repeats it if a signal interrupts it.
    @discardableResult
    func attempt(_ call: (Int32, UnsafePointer<CChar>) -> Int32) throws(FileError) -> Int32 {
        while true {
            let result = name.withCString { call(directory, $0) }
            if result >= 0 { return result }
            guard errno == EINTR else { throw FileError(operation, path, Errno(rawValue: errno)) }
        }
    }

    func status() throws(FileError) -> stat {
        var status = stat()
        try attempt { fstatat($0, $1, &status, AT_SYMLINK_NOFOLLOW) }
        return status
    }

    /// The kind of file at this location; nil if nothing is there.
    func kind() throws(FileError) -> FileStatus.Kind? {
        do throws(FileError) { return FileStatus(try status()).kind } catch  where error.cause == .noSuchFileOrDirectory
        { return nil }
    }

    /// Moves a file of the same directory to this location, and syncs the directory.
    func moveHere(_ neighbour: FilePath) throws(FileError) {
        guard let other = neighbour.lastComponent?.string else { throw FileError(operation, path, .invalidArgument) }
        try attempt { renameat($0, other, $0, $1) }
        try syncDirectory()
    }

    func destination() throws(FileError) -> String { try Self.readLink(directory, name, path, operation) }

    /// Opens what is at this location, without following a link and without access to its content.
    func opened() throws(FileError) -> OpenedFile {
        OpenedFile(
            descriptor: try attempt { openat($0, $1, PROPEL_O_PATH | O_NOFOLLOW | O_CLOEXEC) }, path: path,
            operation: operation)
    }

    /// Removes a file, a link or an empty directory. It is no error if nothing is there.
    func remove() throws(FileError) {
        do throws(FileError) {
            try attempt { directory, name in
                let result = unlinkat(directory, name, 0)
                return result != 0 && (errno == EISDIR || errno == EPERM)
                    ? unlinkat(directory, name, AT_REMOVEDIR) : result
            }
        } catch  where error.cause == .noSuchFileOrDirectory {
            return
        }
        try syncDirectory()
    }

    func syncDirectory() throws(FileError) {
        let descriptor = try attempt { directory, _ in openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        try attempt { _, _ in fsync(descriptor) }
    }
}

/// A file, directory or link that was opened without following a link, and without access to its content (`O_PATH`).
struct OpenedFile: ~Copyable {
    private let descriptor: Int32
    // For errors.
    private let path: FilePath
    private let operation: String

    init(descriptor: Int32, path: FilePath, operation: String) {
        self.descriptor = descriptor
        self.path = path
        self.operation = operation
    }

    deinit { close(descriptor) }

    private func attempt(_ call: () -> Int32) throws(FileError) {
        while call() < 0 {
            guard errno == EINTR else { throw FileError(operation, path, Errno(rawValue: errno)) }
        }
    }

    func status() throws(FileError) -> FileStatus {
        var status = stat()
        try attempt { fstat(descriptor, &status) }
        return FileStatus(status)
    }

    /// - Throws: ``FileError``: `staleNFSFileHandle` if this is not the file or directory that `expected` was read
    ///   from, `tooManyLinks` if it is a file with several hard links.
    func require(_ expected: FileStatus) throws(FileError) {
        let status = try status()
        guard status.kind == expected.kind, status.identity == expected.identity,
            status.kind == .file || status.kind == .directory
        else { throw FileError(operation, path, .staleNFSFileHandle) }
        guard status.kind == .directory || status.links == 1 else { throw FileError(operation, path, .tooManyLinks) }
    }

    func setOwner(_ owner: Owner) throws(FileError) {
        try attempt { fchownat(descriptor, "", owner.user, owner.group, PROPEL_AT_EMPTY_PATH) }
    }

    /// A link is an error: `tooManySymbolicLinkLevels`.
    func setMode(_ mode: ModeBits) throws(FileError) {
        if try status().kind == .link { throw FileError(operation, path, .tooManySymbolicLinkLevels) }
        // fchmod(2) does not take a descriptor without access; its name in /proc means the same file.
        try attempt { chmod("/proc/self/fd/\(descriptor)", mode) }
    }
}

extension FileStatus {
    init(_ status: stat) {
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        self.init(
            kind: kind, mode: status.st_mode & 0o7777, owner: Owner(user: status.st_uid, group: status.st_gid),
            size: Int(status.st_size),
            modified: Timestamp(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec),
            links: Int(status.st_nlink),
            identity: Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)))
    }
}
