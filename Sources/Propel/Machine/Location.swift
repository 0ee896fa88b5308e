import CLinux
import Libc
import SystemPackage

/// A name in an open directory: renaming the directories above it does not change what it refers to.
struct Location: ~Copyable {
    private let directory: Int32
    private let name: String
    // For errors.
    private let path: FilePath
    private let operation: String

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

    /// Creates a directory and syncs its parent.
    ///
    /// It is created and gets its owner in a directory that nobody else may enter, and moved to its name only then: who
    /// may rename in the parent cannot have another directory take its place before it has its owner.
    func createDirectory(mode: ModeBits, owner: Owner) throws(FileError) {
        if try kind() != nil { throw FileError(operation, path, .fileExists) }
        try withPrivateDirectory { (directory: Int32) throws(FileError) in
            let draft = Self.draftPrefix + String(UInt64.random(in: .min ... .max), radix: 16)
            try attempt { _, _ in mkdirat(directory, draft, 0o700) }
            do throws(FileError) {
                let file = OpenedFile(
                    descriptor: try attempt { _, _ in
                        openat(directory, draft, PROPEL_O_PATH | O_NOFOLLOW | O_CLOEXEC)
                    }, path: path, operation: operation)
                try file.setOwner(owner)
                try file.setMode(mode)
                try attempt { parent, name in
                    let result = renameat2(directory, draft, parent, name, PROPEL_RENAME_NOREPLACE)
                    // Some file systems, such as those of FUSE, have no flags. A directory replaces at most an empty
                    // one.
                    return result != 0 && errno == EINVAL ? renameat(directory, draft, parent, name) : result
                }
            } catch {
                unlinkat(directory, draft, AT_REMOVEDIR)
                throw error
            }
        }
        try syncDirectory()
    }

    /// Creates a link, replacing another one, and syncs the directory. It has its owner from the start, as a
    /// directory has.
    func createLink(to destination: String, owner: Owner) throws(FileError) {
        try withPrivateDirectory { (directory: Int32) throws(FileError) in
            let draft = Self.draftPrefix + String(UInt64.random(in: .min ... .max), radix: 16)
            try attempt { _, _ in symlinkat(destination, directory, draft) }
            do throws(FileError) {
                try attempt { _, _ in fchownat(directory, draft, owner.user, owner.group, AT_SYMLINK_NOFOLLOW) }
                try attempt { parent, name in renameat(directory, draft, parent, name) }
            } catch {
                unlinkat(directory, draft, 0)
                throw error
            }
        }
        try syncDirectory()
    }

    private static let draftPrefix = "propel-"

    /// Calls `body` with a directory beside this location that only the user of this process may enter; again if
    /// another process, which has made something here at the same time, removes that directory.
    private func withPrivateDirectory(_ body: (Int32) throws(FileError) -> Void) throws(FileError) {
        for _ in 1..<100 {
            do throws(FileError) {
                return try inPrivateDirectory(body)
            } catch  where error.cause == .noSuchFileOrDirectory {
                continue
            }
        }
        try inPrivateDirectory(body)
    }

    private func inPrivateDirectory(_ body: (Int32) throws(FileError) -> Void) throws(FileError) {
        // Named as staged files are, so that what a killed run leaves is known for what it is.
        let name = ".directory.propel"
        try attempt { parent, _ in
            let result = mkdirat(parent, name, 0o700)
            return result != 0 && errno == EEXIST ? 0 : result
        }
        let directory = try attempt { parent, _ in
            openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        }
        defer { close(directory) }
        defer { _ = unlinkat(self.directory, name, AT_REMOVEDIR) }
        var status = stat()
        try attempt { _, _ in fstat(directory, &status) }
        guard status.st_uid == geteuid(), status.st_mode & 0o7777 == 0o700 else {
            throw FileError(operation, path, .fileExists)
        }
        try body(directory)
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

    fileprivate init(descriptor: Int32, path: FilePath, operation: String) {
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
