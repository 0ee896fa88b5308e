import CLinux
import Libc

/// The directory of one run with its journal: `/var/lib/propel/runs/ID`, readable by root only.
struct RunDirectory: Sendable {
    let path: FilePath

    var journal: FilePath { path.appending("journal") }
    /// The output of the run's process: empty unless it crashed.
    var output: FilePath { path.appending("output") }

    /// The socket for those who join the run; see ``RunSocket``.
    var socket: FilePath { path.appending("socket") }
    /// The note about the request; see ``RequestNote``.
    var note: FilePath { path.appending("request.json") }
    /// The ID of the run.
    var id: String { path.lastComponent?.string ?? "" }

    static let parents: [FilePath] = [
        Machine.state.appending("runs"),
        // In memory: a run on a full disk must be able to report it.
        "/run/propel/runs",
    ]

    /// How many runs are kept.
    static let limit = 20
    /// The space in bytes that is allocated for the journal in advance, so that a run that fills the disk can report
    /// it.
    private static let reserve: off_t = 512 * 1024

    /// Creates the directory of a new run, with an empty journal, in the first of these directories that can take it.
    ///
    /// It is not synced: a run that changes nothing does not wait for the disk. See ``sync()``.
    static func create(id: String, in parents: [FilePath] = parents) throws -> RunDirectory {
        var failure: (any Error)?
        for parent in parents {
            // The failure of the first place tells what to put right.
            do { return try create(id: id, in: parent) } catch { failure = failure ?? error }
        }
        throw failure ?? Errno.noSpace
    }

    private static func create(id: String, in parent: FilePath) throws -> RunDirectory {
        let directory = RunDirectory(path: parent.appending(id))
        try LocalFileSystem().createDirectories(parent, mode: 0o700)
        guard mkdir(directory.path.string, 0o700) == 0 else {
            throw FileError("make the directory", directory.path, Errno(rawValue: errno))
        }
        do {
            let journal = try FileDescriptor.open(
                own: directory.journal, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerReadWrite])
            defer { try? journal.close() }
            // 1 is FALLOC_FL_KEEP_SIZE. On a file system without fallocate the journal just grows.
            if fallocate(journal.rawValue, 1, 0, reserve) != 0, errno == ENOSPC {
                throw FileError("reserve the space of", directory.journal, .noSpace)
            }
            return directory
        } catch {
            unlink(directory.journal.string)
            rmdir(directory.path.string)
            throw error
        }
    }

    /// Flushes the journal to disk, and the directories that lead to it.
    func sync() {
        for path in [journal, path, path.removingLastComponent()] {
            guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow]) else {
                continue
            }
            fsync(file.rawValue)
            try? file.close()
        }
    }

    /// The directory of a run that was started.
    static func find(id: String) throws -> RunDirectory {
        guard FilePath.Component(id)?.kind == .regular else { throw Errno.invalidArgument }
        for parent in parents {
            let directory = RunDirectory(path: parent.appending(id))
            if try LocalFileSystem().status(of: directory.journal) != nil { return directory }
        }
        throw Errno.noSuchFileOrDirectory
    }

    /// The runs that are kept, the oldest first. IDs sort by time, as far as the clock was right.
    static func all(in parents: [FilePath] = parents) -> [RunDirectory] {
        let files = LocalFileSystem()
        return parents.flatMap { parent in
            ((try? files.list(parent)) ?? []).map { RunDirectory(path: parent.appending($0)) }
        }.sorted { $0.id < $1.id }
    }

    /// The journals of the other runs that are kept.
    static func journals(except current: String) -> [FilePath] {
        all().filter { $0.id != current }.map(\.journal)
    }

    /// Removes the directory. Not synced: what a power cut brings back is removed the next time.
    func remove() throws {
        for name in try LocalFileSystem().list(path) { unlink(path.appending(name).string) }
        rmdir(path.string)
    }

    /// Removes the oldest runs in each of these directories, but never `current`.
    static func prune(keeping current: String, in parents: [FilePath] = parents) throws {
        for parent in parents {
            let files = LocalFileSystem()
            guard try files.status(of: parent) != nil else { continue }
            for id in try files.list(parent).dropLast(limit) where id != current {
                try RunDirectory(path: parent.appending(id)).remove()
            }
        }
    }
}
