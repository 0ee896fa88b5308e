// Properties speak of files in FilePath and Errno, and of text in the words of PlainText.
@_exported public import PlainText
@_exported public import SystemPackage

/// The files of a machine, as properties see them.
///
/// A symbolic link in the last component of a path is never followed, so nobody who can plant a link can make Propel
/// read or replace another file. A relative path is an error: ``FileError`` with `invalidArgument`.
public protocol FileSystem: Sendable {
    /// The status of what is at `path`; nil if nothing is.
    func status(of path: FilePath) throws(FileError) -> FileStatus?
    /// Reads a regular file of at most ``FileStatus/readLimit`` bytes.
    func read(_ path: FilePath) throws(FileError) -> [UInt8]
    /// Reads the first `count` bytes of a regular file, or all of a shorter one.
    func read(_ path: FilePath, first count: Int) throws(FileError) -> [UInt8]
    /// Reads a regular file together with its status, both through one descriptor: a file that takes its place
    /// in between is not mistaken for it.
    func readWithStatus(_ path: FilePath) throws(FileError) -> (bytes: [UInt8], status: FileStatus)
    /// Compares a regular file of any size with bytes, and returns its status. Both through one descriptor.
    func compare(_ path: FilePath, with bytes: [UInt8]) throws(FileError) -> (isSame: Bool, status: FileStatus)
    /// The SHA-256 of a regular file of any size: 64 digits.
    func hash(of path: FilePath) throws(FileError) -> String
    /// The names in a directory, sorted. Bytes that are not UTF-8 become replacement characters.
    func list(_ path: FilePath) throws(FileError) -> [String]
    /// The destination of a symbolic link.
    func destination(ofLink path: FilePath) throws(FileError) -> String

    /// Writes a new file at the staging path of `path` and syncs it. Owner and mode are set before the first byte is
    /// written. Must be followed by ``commit(_:as:)`` or ``discard(_:)``.
    func stage(_ bytes: [UInt8], for path: FilePath, mode: ModeBits, owner: Owner) throws(FileError) -> FilePath
    /// Stages a copy of a regular file of any size; see ``stage(_:for:mode:owner:)``.
    func stage(
        copyOf source: FilePath, for path: FilePath, mode: ModeBits, owner: Owner
    ) throws(FileError) -> FilePath
    /// Writes into a file, which is created with mode 0600 if it does not exist. Neither atomic nor synced: for what is
    /// verified before it is used.
    func write(_ bytes: [UInt8], to path: FilePath, at offset: Int) throws(FileError)
    /// Moves a staged file to `path` atomically and syncs the directory. A link or a directory at `path` is an error
    /// and stays.
    func commit(_ staged: FilePath, as path: FilePath) throws(FileError)
    /// Removes a staged file.
    func discard(_ staged: FilePath)

    /// Creates a directory. Its parent must exist.
    func createDirectory(_ path: FilePath, mode: ModeBits, owner: Owner) throws(FileError)
    /// Creates a symbolic link, replacing another link. Anything else at `path` is an error and stays.
    /// - Parameters:
    ///   - path: the path of the link.
    ///   - destination: the text of the link: a path, relative to the directory of the link unless it is absolute.
    ///   - owner: the owner, which it has from the start; nil for the user of this process.
    func createLink(_ path: FilePath, to destination: String, owner: Owner?) throws(FileError)
    /// Sets owner and mode of the file or directory that `status` was read from, through one descriptor.
    ///
    /// If something else has taken its place, or a file has several hard links, that is an error and nothing changes:
    /// who may rename in the directory could otherwise get the files of others.
    func setOwner(_ owner: Owner, mode: ModeBits, of path: FilePath, expecting status: FileStatus) throws(FileError)
    func setMode(_ mode: ModeBits, of path: FilePath) throws(FileError)
    func setOwner(_ owner: Owner, of path: FilePath) throws(FileError)
    /// Removes a file, a link or an empty directory. It is no error if nothing is there.
    func remove(_ path: FilePath) throws(FileError)
}

/// The permission bits of a file, as `chmod` takes them: `0o644`.
public typealias ModeBits = UInt32

/// The owner of a file: UID and GID.
public struct Owner: Sendable, Hashable {
    public var user: UInt32
    public var group: UInt32

    public init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }

    /// The user root and the group root.
    public static let root = Owner(user: 0, group: 0)
}

/// The status of a path (lstat(2)).
public struct FileStatus: Sendable, Equatable {
    /// The kind of file; a device, a socket or a FIFO is `other`.
    public enum Kind: String, Sendable { case file, directory, link, other }

    public var kind: Kind
    /// The permission bits, including set-user-ID, set-group-ID and sticky.
    public var mode: ModeBits
    public var owner: Owner
    /// In bytes.
    public var size: Int
    /// The time of the last change of the content.
    public var modified: Timestamp
    /// The number of hard links.
    public var links: Int
    /// The file itself, whatever its name; nil for files in memory.
    public var identity: Identity?

    /// The device and the inode of a file.
    public struct Identity: Sendable, Hashable {
        public var device: UInt64
        public var inode: UInt64

        public init(device: UInt64, inode: UInt64) {
            self.device = device
            self.inode = inode
        }
    }

    /// The size limit in bytes of a file that is read as a whole: 64 MiB. A larger file, such as a sparse one that a
    /// user made, is an error: ``FileError`` with `fileTooLarge`.
    public static let readLimit = 64 << 20

    /// The size limit in bytes of a file that is copied or hashed in pieces: 1 GiB. A larger one is an error:
    /// ``FileError`` with `fileTooLarge`.
    public static let copyLimit = 1 << 30

    public init(
        kind: Kind, mode: ModeBits, owner: Owner, size: Int, modified: Timestamp, links: Int = 1,
        identity: Identity? = nil
    ) {
        self.kind = kind
        self.mode = mode
        self.owner = owner
        self.size = size
        self.modified = modified
        self.links = links
        self.identity = identity
    }
}

/// A failed operation on a file.
public struct FileError: Error, Equatable {
    /// The operation: “read”, “write”.
    public var operation: String
    public var path: FilePath
    /// The error of the system call.
    public var cause: Errno

    /// - Parameters:
    ///   - operation: as in “cannot OPERATION PATH”.
    ///   - path: the file that it was tried on.
    ///   - cause: the error of the system call.
    public init(_ operation: String, _ path: FilePath, _ cause: Errno) {
        self.operation = operation
        self.path = path
        self.cause = cause
    }
}

extension FileSystem {
    public func compare(
        _ path: FilePath, with bytes: [UInt8]
    ) throws(FileError) -> (isSame: Bool, status: FileStatus) {
        let (present, status) = try readWithStatus(path)
        return (present == bytes, status)
    }

    public func hash(of path: FilePath) throws(FileError) -> String { SHA256.hash(try read(path)) }

    public func stage(
        copyOf source: FilePath, for path: FilePath, mode: ModeBits, owner: Owner
    ) throws(FileError) -> FilePath {
        try stage(try read(source), for: path, mode: mode, owner: owner)
    }

    public func write(_ bytes: [UInt8], to path: FilePath, at offset: Int) throws(FileError) {
        let present = try readIfPresent(path) ?? []
        try replace(
            path, with: Array(present.prefix(offset) + bytes + present.dropFirst(offset + bytes.count)), mode: 0o600)
    }
}

extension FileSystem {
    /// Creates a symbolic link of the user of this process; see ``createLink(_:to:owner:)``.
    public func createLink(_ path: FilePath, to destination: String) throws(FileError) {
        try createLink(path, to: destination, owner: nil)
    }

    /// Replaces a file atomically with a copy of another one, of any size.
    public func replace(
        _ path: FilePath, withCopyOf source: FilePath, mode: ModeBits, owner: Owner = .root
    ) throws(FileError) {
        try commit(try stage(copyOf: source, for: path, mode: mode, owner: owner), as: path)
    }

    /// Replaces a file atomically: a reader sees the old content or the new, after a power cut too.
    public func replace(
        _ path: FilePath, with bytes: [UInt8], mode: ModeBits, owner: Owner = .root
    ) throws(FileError) {
        try commit(try stage(bytes, for: path, mode: mode, owner: owner), as: path)
    }

    /// Replaces a file of root that nobody else can read, and makes the directories above it that are missing.
    package func replacePrivate(_ path: FilePath, with bytes: [UInt8]) throws(FileError) {
        try createDirectories(path.removingLastComponent(), mode: 0o700)
        try replace(path, with: bytes, mode: 0o600)
    }

    /// Reads a regular file; nil if there is none.
    public func readIfPresent(_ path: FilePath) throws(FileError) -> [UInt8]? {
        do { return try read(path) } catch  where error.cause == .noSuchFileOrDirectory { return nil }
    }

    /// Reads a file as text. Bytes that are not UTF-8 become replacement characters.
    public func text(_ path: FilePath) throws(FileError) -> String { String(decoding: try read(path), as: UTF8.self) }

    /// Creates a directory and its missing parents, all with this mode and owner.
    public func createDirectories(_ path: FilePath, mode: ModeBits, owner: Owner = .root) throws(FileError) {
        if let status = try status(of: path) {
            // A link to a directory is accepted: /var/run.
            guard status.kind == .directory || status.kind == .link else {
                throw FileError("make the directory", path, .notDirectory)
            }
            return
        }
        let parent = path.removingLastComponent()
        if parent != path, !parent.isEmpty { try createDirectories(parent, mode: mode, owner: owner) }
        try createDirectory(path, mode: mode, owner: owner)
    }
}

extension FileSystem {
    /// The innermost directory above `path` that others than root may write to: they could put something else in the
    /// place of what leads to `path`. Nil if there is none.
    ///
    /// A link on the way is passed over: root has made it, or the path cannot be opened (see ``LocalFileSystem``).
    /// - Parameters:
    ///   - path: the path; it need not exist.
    ///   - allowingSticky: whether a directory with the sticky bit counts as safe, as `/tmp` is: others may write
    ///     there, and cannot rename what is root's.
    public func directoryWritableByOthers(
        above path: FilePath, allowingSticky: Bool = false
    ) throws(FileError) -> FilePath? {
        var directory = path.removingLastComponent()
        while true {
            if let status = try status(of: directory), status.kind == .directory {
                let isShared = status.mode & 0o022 != 0 && !(allowingSticky && status.mode & 0o1000 != 0)
                if status.owner.user != 0 || isShared { return directory }
            }
            if !directory.removeLastComponent() { return nil }
        }
    }
}

extension UInt64 {
    /// A hash of the bytes, eight at a time, for contents that may be large. Distinguishes contents; not for secrets.
    init(hashing bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { memory in
            var hash: UInt64 = 0x9e37_79b9_7f4a_7c15 ^ UInt64(memory.count), offset = 0
            func mix(_ word: UInt64) {
                hash = (hash ^ word) &* 0xff51_afd7_ed55_8ccd
                hash ^= hash >> 32
            }
            while offset + 8 <= memory.count {
                mix(UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
                offset += 8
            }
            mix(memory[offset...].reduce(1) { $0 << 8 | UInt64($1) })
            return hash
        }
    }
}
