import Libc
import SystemPackage

/// The files of the machine that this program runs on.
///
/// Links on the way to a path are followed if root, or the user of this process, owns them: `/var/run`. A link of
/// another user is an error: the owner of `/home/pi` must not be able to make `/home/pi/.ssh` mean `/root/.ssh`.
public struct LocalFileSystem: FileSystem {
    public init() {}

    public func status(of path: FilePath) throws(FileError) -> FileStatus? {
        do throws(FileError) {
            let location = try Location(path, "look at")
            return FileStatus(try location.status())
        } catch  where error.cause == .noSuchFileOrDirectory || error.cause == .notDirectory {
            return nil
        }
    }

    public func read(_ path: FilePath) throws(FileError) -> [UInt8] { try readWithStatus(path).bytes }

    public func readWithStatus(_ path: FilePath) throws(FileError) -> (bytes: [UInt8], status: FileStatus) {
        let (bytes, status) = try readWithStatus(path, first: FileStatus.readLimit + 1)
        guard bytes.count <= FileStatus.readLimit else { throw FileError("read", path, .fileTooLarge) }
        return (bytes, status)
    }

    public func read(_ path: FilePath, first count: Int) throws(FileError) -> [UInt8] {
        try readWithStatus(path, first: count).bytes
    }

    private func readWithStatus(
        _ path: FilePath, first count: Int
    ) throws(FileError) -> (bytes: [UInt8], status: FileStatus) {
        let location = try Location(path, "read")
        let (descriptor, status) = try openFile(at: location, path)
        defer { close(descriptor) }
        if count > FileStatus.readLimit, status.size > FileStatus.readLimit {
            throw FileError("read", path, .fileTooLarge)
        }
        // Files in /proc have size 0, so it is read until the end.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(count, status.size + 1))
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count < count {
            let wanted = min(chunk.count, count - bytes.count)
            let filled = try location.attempt { _, _ in Int32(Libc.read(descriptor, &chunk, wanted)) }
            if filled == 0 { break }
            bytes += chunk[..<Int(filled)]
        }
        return (bytes, status)
    }

    public func list(_ path: FilePath) throws(FileError) -> [String] {
        let location = try Location(path, "list")
        let descriptor = try location.attempt { openat($0, $1, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) }
        return try DirectoryNames.read(descriptor) { FileError("list", path, $0) }
    }

    public func destination(ofLink path: FilePath) throws(FileError) -> String {
        try Location(path, "read the link").destination()
    }

    public func stage(
        _ bytes: [UInt8], for path: FilePath, mode: ModeBits, owner: Owner
    ) throws(FileError) -> FilePath {
        try stage(for: path, mode: mode, owner: owner) { (descriptor, location) throws(FileError) in
            // Typed throws do not pass through withUnsafeBytes.
            let result = bytes.withUnsafeBytes { memory in
                Result { () throws(FileError) in try write(memory, to: descriptor, at: location) }
            }
            try result.get()
        }
    }

    /// Writes a new file at the staging path, with what `fill` writes to its descriptor.
    func stage(
        for path: FilePath, mode: ModeBits, owner: Owner,
        _ fill: (Int32, borrowing Location) throws(FileError) -> Void
    ) throws(FileError) -> FilePath {
        // The name is the same each time: what an interrupted run left is replaced by the next.
        let staged = path.stagingPath
        let location = try Location(staged, for: path, "write")
        try location.remove()
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = try location.attempt { openat($0, $1, flags, 0o600) }
        do throws(FileError) {
            defer { close(descriptor) }
            try location.attempt { _, _ in fchown(descriptor, owner.user, owner.group) }
            // After the owner: chown clears the set-user-id bits.
            try location.attempt { _, _ in fchmod(descriptor, mode) }
            try fill(descriptor, location)
            try location.attempt { _, _ in fsync(descriptor) }
        } catch {
            discard(staged)
            throw error
        }
        return staged
    }

    public func commit(_ staged: FilePath, as path: FilePath) throws(FileError) {
        do throws(FileError) {
            let location = try Location(path, "replace")
            if try location.kind() == .link { throw FileError("replace", path, .tooManySymbolicLinkLevels) }
            try location.moveHere(staged)
        } catch {
            discard(staged)
            throw error
        }
    }

    public func discard(_ staged: FilePath) {
        // What cannot be removed now is replaced by the next run.
        try? remove(staged)
    }

    public func createDirectory(_ path: FilePath, mode: ModeBits, owner: Owner) throws(FileError) {
        try Location(path, "make the directory").createDirectory(mode: mode, owner: owner)
    }

    public func createLink(_ path: FilePath, to destination: String, owner: Owner?) throws(FileError) {
        let location = try Location(path, "make the link")
        if let kind = try location.kind(), kind != .link {
            throw FileError("make the link", path, kind == .directory ? .isDirectory : .fileExists)
        }
        if let owner { return try location.createLink(to: destination, owner: owner) }
        let staged = path.stagingPath
        let stagedLocation = try Location(staged, for: path, "make the link")
        try stagedLocation.remove()
        try stagedLocation.attempt { symlinkat(destination, $0, $1) }
        do throws(FileError) {
            try location.moveHere(staged)
        } catch {
            discard(staged)
            throw error
        }
    }

    public func setMode(_ mode: ModeBits, of path: FilePath) throws(FileError) {
        try Location(path, "set the mode of").opened().setMode(mode)
    }

    public func setOwner(_ owner: Owner, of path: FilePath) throws(FileError) {
        try Location(path, "set the owner of").opened().setOwner(owner)
    }

    public func setOwner(
        _ owner: Owner, mode: ModeBits, of path: FilePath, expecting status: FileStatus
    ) throws(FileError) {
        let file = try Location(path, "set the owner and the mode of").opened()
        try file.require(status)
        // The owner first: chown clears the set-user-ID bits.
        try file.setOwner(owner)
        try file.setMode(mode)
    }

    public func remove(_ path: FilePath) throws(FileError) {
        do throws(FileError) {
            let location = try Location(path, "remove")
            try location.remove()
        } catch  where error.cause == .noSuchFileOrDirectory || error.cause == .notDirectory {
            return
        }
    }
}
