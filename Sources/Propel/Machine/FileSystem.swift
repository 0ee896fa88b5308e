// FilePath and Errno are the words in which properties speak of files.
@_exported public import SystemPackage

/// The files of a machine, as properties see them.
///
/// Every operation works on the path itself: a symbolic link is never followed in its last component, so nobody who can
/// plant a link can have another file read or replaced. A relative path is an error, ``FileError`` with `invalidArgument`.
public protocol FileSystem: Sendable {
    /// What is at `path`; nil where nothing is.
    func status(of path: FilePath) throws(FileError) -> FileStatus?
    /// The bytes of a regular file.
    func read(_ path: FilePath) throws(FileError) -> [UInt8]
    /// The first `count` bytes of a regular file, or fewer where it is shorter.
    func read(_ path: FilePath, first count: Int) throws(FileError) -> [UInt8]
    /// The names in a directory, sorted. In one that is not UTF-8, replacement characters stand for the bytes that are not.
    func list(_ path: FilePath) throws(FileError) -> [String]
    /// Where a symbolic link points to.
    func destination(ofLink path: FilePath) throws(FileError) -> String

    /// Writes a new file beside `path`, with its owner and mode set before the first byte is in it, synced to disk.
    /// Follow it by ``commit(_:as:)`` or ``discard(_:)``.
    func stage(_ bytes: [UInt8], for path: FilePath, mode: Permissions, owner: Owner) throws(FileError) -> FilePath
    /// Puts a staged file in the place of `path`, in one step, and syncs the directory. A link or a directory there is an
    /// error, and stays.
    func commit(_ staged: FilePath, as path: FilePath) throws(FileError)
    /// Removes a staged file.
    func discard(_ staged: FilePath)

    /// Makes one directory. Its parent must exist.
    func createDirectory(_ path: FilePath, mode: Permissions, owner: Owner) throws(FileError)
    /// Makes a symbolic link, in the place of another link where there is one. Anything else there is an error, and stays.
    func createLink(_ path: FilePath, to destination: String) throws(FileError)
    func setMode(_ mode: Permissions, of path: FilePath) throws(FileError)
    func setOwner(_ owner: Owner, of path: FilePath) throws(FileError)
    /// Removes a file, a link or an empty directory. Nothing there is no error.
    func remove(_ path: FilePath) throws(FileError)
}

/// The permission bits of a file, as `chmod` takes them: `0o644`.
public typealias Permissions = UInt32

/// Who owns a file, by number.
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

/// What `lstat` says of a path.
public struct FileStatus: Sendable, Equatable {
    /// What it is; a device, a socket or a FIFO is `other`.
    public enum Kind: String, Sendable { case file, directory, link, other }

    public var kind: Kind
    /// The permission bits, set-user-ID, set-group-ID and sticky among them.
    public var mode: Permissions
    public var owner: Owner
    /// In bytes.
    public var size: Int
    /// When the content was last changed.
    public var modified: Timestamp

    public init(kind: Kind, mode: Permissions, owner: Owner, size: Int, modified: Timestamp) {
        self.kind = kind
        self.mode = mode
        self.owner = owner
        self.size = size
        self.modified = modified
    }
}

/// An operation on a file that failed.
public struct FileError: Error, Equatable {
    /// What was tried: "read", "write".
    public var operation: String
    public var path: FilePath
    /// Why it failed: the error of the system call.
    public var cause: Errno

    /// - Parameter operation: as in “cannot OPERATION PATH”.
    public init(_ operation: String, _ path: FilePath, _ cause: Errno) {
        self.operation = operation
        self.path = path
        self.cause = cause
    }
}

extension FileSystem {
    /// Replaces a whole file: whoever reads `path` sees the old content or the new, and after a power cut too.
    public func replace(
        _ path: FilePath, with bytes: [UInt8], mode: Permissions, owner: Owner = .root
    ) throws(FileError) {
        try commit(try stage(bytes, for: path, mode: mode, owner: owner), as: path)
    }

    /// The bytes of a regular file; nil where there is none.
    public func readIfPresent(_ path: FilePath) throws(FileError) -> [UInt8]? {
        do { return try read(path) } catch  where error.cause == .noSuchFileOrDirectory { return nil }
    }

    /// The text of a file; bytes that are not UTF-8 become replacement characters.
    public func text(_ path: FilePath) throws(FileError) -> String { String(decoding: try read(path), as: UTF8.self) }

    /// Makes a directory and those above it that are missing, all with this mode and owner.
    public func createDirectories(_ path: FilePath, mode: Permissions, owner: Owner = .root) throws(FileError) {
        if let status = try status(of: path) {
            // A link to a directory serves as well as one: /var/run.
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

extension FilePath.Component {
    /// One component that stands for any text, and for no other: what cannot be in a file's name, or hides it, is
    /// percent-encoded, and a long text ends in its hash.
    public init(escaping text: String) {
        var name = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.properties.isAlphabetic && byte < 0x80 || 0x30...0x39 ~= byte
                || "-_@+".unicodeScalars.contains(scalar)
            if isPlain || byte == UInt8(ascii: ".") && !name.isEmpty {
                name.unicodeScalars.append(scalar)
            } else {
                name += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        // NAME_MAX is 255 bytes, and a staged file's name is longer than the file's own.
        if name.utf8.count > 200 { name = name.prefix(180) + "%-" + String(UInt64(fnv1a: text.utf8), radix: 16) }
        self = FilePath.Component(name) ?? "%"
    }
}

extension UInt64 {
    /// The FNV-1a hash of the bytes: tells texts apart, and keeps no secret.
    init(fnv1a bytes: some Sequence<UInt8>) {
        self = bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
