import CLinux
import Foundation
import Propel

/// A new store that is built beside the present one and replaces it atomically.
///
/// A crash at any point leaves a complete store, the old or the new one. The other is left beside it under one name,
/// and the next change removes it. Everything happens under the store's lock.
struct StoreReplacement {
    let present: StoreFiles
    /// The new store.
    let new: StoreFiles

    /// Creates a new store with the files that are neither secrets nor keys.
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
            // git must neither merge nor show the messages as text.
            try new.write(Array("*.gpg binary\n".utf8), to: ".gitattributes")
        }
    }

    /// Discards the new store.
    func discard() { try? Self.removeLeftOvers(of: present) }

    /// Exchanges the new store with the present one, and syncs that to the disk.
    ///
    /// - Throws: ``SecretStoreError/noExchange(folder:)`` if the file system does not support RENAME_EXCHANGE
    ///   (renameat2(2)); ``SecretStoreError/file(operation:path:reason:)`` if it cannot be replaced or synced.
    func exchange() throws(SecretStoreError) {
        let isFirst = try !present.isThere
        let result = renameat2(
            AT_FDCWD, new.root.string, AT_FDCWD, present.root.string,
            isFirst ? PROPEL_RENAME_NOREPLACE : PROPEL_RENAME_EXCHANGE)
        guard result == 0 else {
            if errno == EINVAL || errno == ENOSYS { throw .noExchange(folder: present.name) }
            throw .systemCall(to: "replace", present.name)
        }
        let parent = open(present.root.removingLastComponent().string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if parent >= 0 { close(parent) } }
        guard parent >= 0, fsync(parent) == 0 else {
            throw .systemCall(to: "sync", present.name)
        }
    }

    /// Removes the store that a replacement has left: the old one, or a new one that never replaced it.
    static func removeLeftOvers(of store: StoreFiles) throws(SecretStoreError) {
        let leftOver = store.root.stagingPath
        var status = stat()
        guard lstat(leftOver.string, &status) == 0 else { return }
        // If the store is a repository itself, its history is in the old folder and must move to the new one.
        let repository = leftOver.appending(StoreFiles.repository).string
        if lstat(repository, &status) == 0 {
            let place = store.root.appending(StoreFiles.repository).string
            guard renameat2(AT_FDCWD, repository, AT_FDCWD, place, PROPEL_RENAME_NOREPLACE) == 0 else {
                throw .systemCall(to: "move", repository)
            }
        }
        do {
            try FileManager.default.removeItem(atPath: leftOver.string)
        } catch {
            throw .file(operation: "remove", path: leftOver.string, reason: error.localizedDescription)
        }
    }
}
