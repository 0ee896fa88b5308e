import CLinux
import Foundation
import Propel

/// A new store that is built beside the present one and takes its place in one step.
///
/// A crash at any point leaves a whole store, the old or the new; what else it leaves is beside the store under one name,
/// and the next change removes it. All of it is done under the store's lock.
struct StoreReplacement {
    let present: StoreFiles
    /// Where it is built.
    let new: StoreFiles

    /// An empty one, but for what is no secret and no key.
    init(of store: StoreFiles) throws(SecretStoreError) {
        try Self.removeLeftOvers(of: store)
        present = store
        new = StoreFiles(root: store.root.stagingPath, name: store.name)
        do {
            let mode = try LocalFileSystem().status(of: store.root)?.mode ?? 0o755
            try LocalFileSystem().createDirectory(new.root, mode: mode, owner: .current)
        } catch {
            throw .file(operation: error.operation, path: error.path.string, reason: error.cause.description)
        }
        if try store.isThere {
            for name in StoreFiles.companions where access(store.root.appending(name).string, F_OK) == 0 {
                try new.write(try store.read(name), to: name)
            }
        } else {
            // To git the messages are no text that could be merged or shown.
            try new.write(Array("*.gpg binary\n".utf8), to: ".gitattributes")
        }
    }

    /// Gives up: the present store stays as it is.
    func discard() { try? Self.removeLeftOvers(of: present) }

    /// Puts the new store in the place of the present one, and syncs that to the disk.
    ///
    /// - Throws: ``SecretStoreError/noExchange(folder:)`` where the file system cannot do it in one step (renameat2(2)).
    func exchange() throws(SecretStoreError) {
        let isFirst = try !present.isThere
        let result = renameat2(
            AT_FDCWD, new.root.string, AT_FDCWD, present.root.string,
            isFirst ? PROPEL_RENAME_NOREPLACE : PROPEL_RENAME_EXCHANGE)
        guard result == 0 else {
            if errno == EINVAL || errno == ENOSYS { throw .noExchange(folder: present.name) }
            throw .file(operation: "replace", path: present.name, reason: String(cString: strerror(errno)))
        }
        let parent = open(present.root.removingLastComponent().string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if parent >= 0 {
            fsync(parent)
            close(parent)
        }
    }

    /// Removes what a replacement has left beside the store, be it the old store or one that never took its place.
    static func removeLeftOvers(of store: StoreFiles) throws(SecretStoreError) {
        let leftOver = store.root.stagingPath
        var status = stat()
        guard lstat(leftOver.string, &status) == 0 else { return }
        // A store that is a repository itself: its history stays in the folder that was exchanged, and belongs into the new.
        let repository = leftOver.appending(StoreFiles.repository).string
        if lstat(repository, &status) == 0 {
            let place = store.root.appending(StoreFiles.repository).string
            guard renameat2(AT_FDCWD, repository, AT_FDCWD, place, PROPEL_RENAME_NOREPLACE) == 0 else {
                throw .file(operation: "move", path: repository, reason: String(cString: strerror(errno)))
            }
        }
        do {
            try FileManager.default.removeItem(atPath: leftOver.string)
        } catch {
            throw .file(operation: "remove", path: leftOver.string, reason: error.localizedDescription)
        }
    }
}
