import Glibc
import SystemPackage

/// The files of the machine that this program runs on.
public struct LocalFileSystem: FileSystem {
    public init() {}

    public func status(of path: FilePath) throws(FileError) -> FileStatus? {
        try requireAbsolute(path, "look at")
        var status = stat()
        guard lstat(path.string, &status) == 0 else {
            let cause = Errno(rawValue: errno)
            if cause == .noSuchFileOrDirectory || cause == .notDirectory { return nil }
            throw FileError("look at", path, cause)
        }
        let kind: FileStatus.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        return FileStatus(
            kind: kind, mode: status.st_mode & 0o7777, owner: Owner(user: status.st_uid, group: status.st_gid),
            size: Int(status.st_size),
            modified: Timestamp(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec))
    }

    public func read(_ path: FilePath) throws(FileError) -> [UInt8] { try read(path, first: .max) }

    public func read(_ path: FilePath, first count: Int) throws(FileError) -> [UInt8] {
        try requireAbsolute(path, "read")
        // Non-blocking: a FIFO in the place of the file must not hang the run.
        let descriptor = try attempt("read", path) { open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
        defer { close(descriptor) }
        var status = stat()
        _ = try attempt("read", path) { fstat(descriptor, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError("read", path, status.st_mode & S_IFMT == S_IFDIR ? .isDirectory : .invalidArgument)
        }
        // The files of /proc tell no size, so it is read until nothing more comes.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(count, Int(status.st_size) + 1))
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count < count {
            let wanted = min(chunk.count, count - bytes.count)
            let filled = chunk.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { Glibc.read(descriptor, $0, wanted) } ?? 0
            }
            if filled == 0 { break }
            if filled > 0 {
                bytes += chunk[..<filled]
            } else if errno != EINTR {
                throw FileError("read", path, Errno(rawValue: errno))
            }
        }
        return bytes
    }

    public func list(_ path: FilePath) throws(FileError) -> [String] {
        try requireAbsolute(path, "list")
        guard let directory = opendir(path.string) else { throw FileError("list", path, Errno(rawValue: errno)) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    public func destination(ofLink path: FilePath) throws(FileError) -> String {
        try requireAbsolute(path, "read the link")
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { raw in raw.withMemoryRebound(to: CChar.self) { $0.baseAddress.map { readlink(path.string, $0, raw.count) } ?? -1 } }
        guard count >= 0 else { throw FileError("read the link", path, Errno(rawValue: errno)) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    public func stage(_ bytes: [UInt8], for path: FilePath, mode: Permissions, owner: Owner) throws(FileError) -> FilePath {
        try requireAbsolute(path, "write")
        guard let name = path.lastComponent else { throw FileError("write", path, .isDirectory) }
        // One name for each file: what an interrupted run left behind is replaced by the next.
        let staged = path.removingLastComponent().appending(".\(name.string).propel")
        try remove(staged)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = try attempt("write", path) { open(staged.string, flags, 0o600) }
        do throws(FileError) {
            defer { close(descriptor) }
            _ = try attempt("set the owner of", path) { fchown(descriptor, owner.user, owner.group) }
            // After the owner: chown clears the set-user-id bits.
            _ = try attempt("set the mode of", path) { fchmod(descriptor, mode) }
            try write(bytes, to: descriptor, of: path)
            _ = try attempt("write", path) { fsync(descriptor) }
        } catch {
            discard(staged)
            throw error
        }
        return staged
    }

    public func commit(_ staged: FilePath, as path: FilePath) throws(FileError) {
        do throws(FileError) {
            _ = try attempt("replace", path) { rename(staged.string, path.string) }
        } catch {
            discard(staged)
            throw error
        }
        try syncDirectory(of: path)
    }

    public func discard(_ staged: FilePath) { unlink(staged.string) }

    public func createDirectory(_ path: FilePath, mode: Permissions, owner: Owner) throws(FileError) {
        try requireAbsolute(path, "make the directory")
        _ = try attempt("make the directory", path) { mkdir(path.string, 0o700) }
        try setOwner(owner, of: path)
        try setMode(mode, of: path)
    }

    public func createLink(_ path: FilePath, to destination: String) throws(FileError) {
        try requireAbsolute(path, "make the link")
        guard let name = path.lastComponent else { throw FileError("make the link", path, .isDirectory) }
        let staged = path.removingLastComponent().appending(".\(name.string).propel")
        try remove(staged)
        _ = try attempt("make the link", path) { symlink(destination, staged.string) }
        try commit(staged, as: path)
    }

    public func setMode(_ mode: Permissions, of path: FilePath) throws(FileError) {
        try withFile(path, "set the mode of") { descriptor in fchmod(descriptor, mode) }
    }

    public func setOwner(_ owner: Owner, of path: FilePath) throws(FileError) {
        try requireAbsolute(path, "set the owner of")
        _ = try attempt("set the owner of", path) { lchown(path.string, owner.user, owner.group) }
    }

    public func remove(_ path: FilePath) throws(FileError) {
        try requireAbsolute(path, "remove")
        guard unlink(path.string) != 0 else { return try syncDirectory(of: path) }
        if errno == EISDIR || errno == EPERM, rmdir(path.string) == 0 { return try syncDirectory(of: path) }
        let cause = Errno(rawValue: errno)
        guard cause == .noSuchFileOrDirectory || cause == .notDirectory else { throw FileError("remove", path, cause) }
    }

    private func requireAbsolute(_ path: FilePath, _ operation: String) throws(FileError) {
        guard path.isAbsolute else { throw FileError(operation, path, .invalidArgument) }
    }

    private func attempt(_ operation: String, _ path: FilePath, _ call: () -> Int32) throws(FileError) -> Int32 {
        while true {
            let result = call()
            if result >= 0 { return result }
            guard errno == EINTR else { throw FileError(operation, path, Errno(rawValue: errno)) }
        }
    }

    private func withFile(_ path: FilePath, _ operation: String, _ body: (Int32) -> Int32) throws(FileError) {
        try requireAbsolute(path, operation)
        let descriptor = try attempt(operation, path) { open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
        defer { close(descriptor) }
        _ = try attempt(operation, path) { body(descriptor) }
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32, of path: FilePath) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { Glibc.write(descriptor, $0 + offset, buffer.count - offset) } ?? 0
            }
            if written < 0 {
                guard errno == EINTR else { throw FileError("write", path, Errno(rawValue: errno)) }
            } else {
                offset += written
            }
        }
    }

    private func syncDirectory(of path: FilePath) throws(FileError) {
        let parent = path.removingLastComponent()
        let descriptor = try attempt("sync the directory of", path) { open(parent.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        _ = try attempt("sync the directory of", path) { fsync(descriptor) }
    }
}
