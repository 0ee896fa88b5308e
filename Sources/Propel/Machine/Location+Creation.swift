import CLinux
import Libc
import SystemPackage

/// Directories and links that are created. They get their owner under another name, in a directory in which nobody else
/// may rename, and are moved to their own name only then: otherwise something else could take their place before.
extension Location {
    /// Creates a directory and syncs its parent.
    func createDirectory(mode: ModeBits, owner: Owner) throws(FileError) {
        if try kind() != nil { throw FileError(operation, path, .fileExists) }
        let neighbour = ".\(name).propel"
        if try isProtected(), neighbour.utf8.count <= NAME_MAX {
            // In one step, so that a run that is killed leaves at most a name that the next one takes.
            try repeatedly { () throws(FileError) in
                Self.discard(neighbour, in: directory)
                try createDirectory(as: neighbour, in: directory, mode: mode, owner: owner)
            }
        } else {
            try withPrivateDirectory { (directory: Int32) throws(FileError) in
                try createDirectory(as: Self.newDraft(), in: directory, mode: mode, owner: owner)
            }
        }
        try syncDirectory()
    }

    private func createDirectory(
        as draft: String, in directory: Int32, mode: ModeBits, owner: Owner
    ) throws(FileError) {
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
                // Some file systems, such as those of FUSE, have no flags. A directory replaces at most an empty one.
                return result != 0 && errno == EINVAL ? renameat(directory, draft, parent, name) : result
            }
        } catch {
            unlinkat(directory, draft, AT_REMOVEDIR)
            throw error
        }
    }

    /// Creates a link, replacing another one, and syncs the directory.
    func createLink(to destination: String, owner: Owner) throws(FileError) {
        try withPrivateDirectory { (directory: Int32) throws(FileError) in
            let draft = Self.newDraft()
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

    /// Whether nobody but root and the user of this process may rename in the directory of this location.
    private func isProtected() throws(FileError) -> Bool {
        var status = stat()
        try attempt { parent, _ in fstat(parent, &status) }
        // An access list that lets others write shows in the bits of the group.
        return (status.st_uid == 0 || status.st_uid == geteuid()) && status.st_mode & 0o022 == 0
    }

    private static func newDraft() -> String { "propel-" + String(UInt64.random(in: .min ... .max), radix: 16) }

    /// Removes what a killed run has left under the name of a draft: a file, a link or an empty directory.
    private static func discard(_ name: String, in directory: Int32) {
        if unlinkat(directory, name, 0) != 0, errno == EISDIR || errno == EPERM {
            unlinkat(directory, name, AT_REMOVEDIR)
        }
    }

    /// Calls `body`, and again where another process, which creates something here at the same time, has removed what
    /// it needs.
    private func repeatedly(_ body: () throws(FileError) -> Void) throws(FileError) {
        for _ in 1..<100 {
            do throws(FileError) {
                return try body()
            } catch  where error.cause == .noSuchFileOrDirectory {
                continue
            }
        }
        try body()
    }

    /// Calls `body` with a directory beside this location that only the user of this process may enter.
    private func withPrivateDirectory(_ body: (Int32) throws(FileError) -> Void) throws(FileError) {
        try repeatedly { () throws(FileError) in try inPrivateDirectory(body) }
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
        // A process has a draft here only while it has the lock, so one that is found under the lock is one that a
        // killed run has left. It would keep this directory from being removed.
        try attempt { _, _ in flock(directory, LOCK_EX) }
        for draft in try names(in: directory) { Self.discard(draft, in: directory) }
        try body(directory)
    }

    private func names(in directory: Int32) throws(FileError) -> [String] {
        try DirectoryNames.read(try attempt { _, _ in openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }) {
            FileError(operation, path, $0)
        }
    }
}
