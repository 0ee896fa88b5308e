import Foundation
import Propel
import SystemPackage

/// The folder of the configuration, from which files are sent to machines.
///
/// Nothing outside of it is read: a symbolic link on the way to a file is refused.
struct RepositoryFolder: Sendable {
    let root: String

    /// A file or a symbolic link in it.
    struct Entry: Sendable {
        /// Relative to the root.
        var path: String
        var size: Int
        var isExecutable: Bool
        /// Changes whenever the content of the file changes; see `stat.fingerprint`.
        var state: String
        /// The destination of a symbolic link; nil for a file.
        var destination: String?
    }

    /// Why a path cannot be used: a sentence fragment, and on a second line what to do.
    struct Problem: Error {
        var description: String

        init(_ description: String) { self.description = description }
    }

    private func place(_ path: String) -> String { "\(root)/\(path)" }

    /// Looks at a path, and refuses a symbolic link anywhere on the way.
    private func status(of path: String) throws -> stat {
        var status = stat(), reached = ""
        for part in path.split(separator: "/") {
            reached += reached.isEmpty ? "\(part)" : "/\(part)"
            guard lstat(place(reached), &status) == 0 else {
                throw Problem(
                    errno == ENOENT || errno == ENOTDIR
                        ? "\(path) does not exist\n  It is relative to the folder of hosts.conf, \(root)."
                        : "\(reached) cannot be read: \(String(cString: strerror(errno)))")
            }
            if status.st_mode & S_IFMT == S_IFLNK, reached != path {
                throw Problem("\(reached) is a symbolic link\n  Name what it points to, in this folder: \(root).")
            }
        }
        return status
    }

    /// Looks at a file.
    /// - Throws: ``Problem`` if it is missing, a link, or something else than a file of at most 1 GiB.
    func file(at path: String) throws -> Entry {
        let entry = try entry(at: path, try status(of: path))
        guard entry.destination == nil else {
            throw Problem("\(path) is a symbolic link\n  Name what it points to, in this folder: \(root).")
        }
        return entry
    }

    private func entry(at path: String, _ status: stat) throws -> Entry {
        let kind = status.st_mode & S_IFMT
        guard path.allSatisfy({ !$0.isNewline }), path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw Problem("\(path.debugDescription) has a control character in its name\n  Rename it.")
        }
        var entry = Entry(
            path: path, size: Int(status.st_size), isExecutable: status.st_mode & 0o100 != 0,
            state: "\(status.fingerprint) \(status.st_mode)")
        switch kind {
        case S_IFREG:
            guard entry.size <= RepositoryFile.sizeLimit else {
                throw Problem(
                    "\(path) is too large: \(entry.size.inBytes)\n  Files of the repository have at most 1 GiB; "
                        + "Download fetches larger ones.")
            }
        case S_IFLNK:
            guard let destination = try? FileManager.default.destinationOfSymbolicLink(atPath: place(path)) else {
                throw Problem("the symbolic link \(path) cannot be read")
            }
            entry.destination = destination
        case S_IFDIR:
            throw Problem("\(path) is a directory\n  Use Directory(…, from: \"\(path)\").")
        default:
            throw Problem("\(path) is neither a file nor a directory\n  Remove it.")
        }
        return entry
    }

    /// The files and links below a directory, sorted by their paths.
    /// - Throws: ``Problem`` if it is not a directory, or if there is something in it that cannot be sent.
    func entries(below directory: String) throws -> [Entry] {
        switch try status(of: directory).st_mode & S_IFMT {
        case S_IFDIR: break
        case S_IFLNK: throw Problem("\(directory) is a symbolic link\n  Name the directory that it points to.")
        default: throw Problem("\(directory) is not a directory\n  Use File(…, from: \"\(directory)\").")
        }
        var found: [Entry] = []
        try collect(directory, &found, root: directory)
        return found
    }

    private func collect(_ directory: String, _ found: inout [Entry], root: String) throws {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: place(directory)) } catch {
            throw Problem("\(directory) cannot be read: \(error.localizedDescription)")
        }
        for name in names.sorted() {
            let path = "\(directory)/\(name)"
            guard name != ".git" else {
                throw Problem(
                    "\(directory) is another git repository, whose files are not committed with this one\n  "
                        + "Copy them, or check it out on the machine with GitCheckout.")
            }
            var status = stat()
            guard lstat(place(path), &status) == 0 else {
                throw Problem("\(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            if status.st_mode & S_IFMT == S_IFDIR {
                try collect(path, &found, root: root)
                continue
            }
            let entry = try entry(at: path, status)
            if let destination = entry.destination, Self.leads(destination, from: directory, outOf: root) {
                throw Problem(
                    "the symbolic link \(path) → \(destination) leads out of \(root)\n  Declare a SymbolicLink for "
                        + "it, or let it point to something in \(root).")
            }
            found.append(entry)
            // One more than are allowed is enough to refuse them.
            guard found.count <= 4 * RepositoryDirectory.countLimit else { return }
        }
    }

    /// Whether a link leads out of a directory, by its text alone.
    private static func leads(_ destination: String, from directory: String, outOf root: String) -> Bool {
        guard !destination.hasPrefix("/") else { return true }
        var depth = directory.split(separator: "/").count - root.split(separator: "/").count
        for part in destination.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }

    // MARK: - Contents

    /// The SHA-256 of a file.
    func hash(of path: String) throws -> String {
        var hash = SHA256()
        try withFile(path) { file in
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { break }
                buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            }
        }
        return hash.finish()
    }

    /// Reads a part of a file; fewer bytes if it ends before.
    func read(_ path: String, offset: Int, size: Int) throws -> [UInt8] {
        try withFile(path) { file in
            try [UInt8](unsafeUninitializedCapacity: size) { space, filled in
                let memory = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: space[..<size]))
                while filled < size {
                    let count = try file.read(
                        fromAbsoluteOffset: Int64(offset + filled),
                        into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...]))
                    if count == 0 { break }
                    filled += count
                }
            }
        }
    }

    private func withFile<Result>(_ path: String, _ body: (FileDescriptor) throws -> Result) throws -> Result {
        _ = try file(at: path)
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                FilePath(place(path)), .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        } catch {
            throw Problem("\(path) cannot be read: \(error)")
        }
        return try file.closeAfter { try body(file) }
    }
}
