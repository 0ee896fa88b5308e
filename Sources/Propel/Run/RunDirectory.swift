import CLinux
import Libc

/// Where one run keeps its journal: `/var/lib/propel/runs/ID`, readable by root alone.
struct RunDirectory: Sendable {
    let path: FilePath

    var journal: FilePath { path.appending("journal") }
    /// What the run's process itself printed: nothing, unless it crashed.
    var output: FilePath { path.appending("output") }

    private static let parents: [FilePath] = [
        Machine.state.appending("runs"),
        // In memory: a full disk must not keep a run from telling so.
        "/run/propel/runs",
    ]

    /// So many runs are kept.
    private static let kept = 20
    /// The journal's space is taken before the run begins, so that a disk that fills up during it can be told of.
    private static let reserve: off_t = 512 * 1024

    /// Makes the directory of a new run, with an empty journal in it.
    static func create(id: String) throws -> RunDirectory {
        var failure: any Error = Errno.noSpace
        for parent in parents {
            let directory = RunDirectory(path: parent.appending(id))
            do {
                try LocalFileSystem().createDirectories(directory.path, mode: 0o700)
                let journal = try FileDescriptor.open(
                    directory.journal, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                    permissions: [.ownerReadWrite])
                defer { try? journal.close() }
                // FALLOC_FL_KEEP_SIZE. Where the file system cannot do that, the journal grows as it does.
                if fallocate(journal.rawValue, 1, 0, reserve) != 0, errno == ENOSPC { throw Errno.noSpace }
                return directory
            } catch {
                failure = error
                unlink(directory.journal.string)
                rmdir(directory.path.string)
            }
        }
        throw failure
    }

    /// The directory of a run that has begun.
    static func find(id: String) throws -> RunDirectory {
        guard FilePath.Component(id)?.kind == .regular else { throw Errno.invalidArgument }
        for parent in parents {
            let directory = RunDirectory(path: parent.appending(id))
            if try LocalFileSystem().status(of: directory.journal) != nil { return directory }
        }
        throw Errno.noSuchFileOrDirectory
    }

    /// Removes the oldest runs, but not the one that is going on. Their names sort by time, as far as the clock was right.
    static func prune(keeping current: String) throws {
        for parent in parents {
            let files = LocalFileSystem()
            guard try files.status(of: parent) != nil else { continue }
            for id in try files.list(parent).dropLast(kept) where id != current {
                let directory = RunDirectory(path: parent.appending(id))
                // Not synced: what is left after a power cut goes the next time.
                for name in try files.list(directory.path) { unlink(directory.path.appending(name).string) }
                rmdir(directory.path.string)
            }
        }
    }
}
