import Foundation
import SystemPackage

/// The lock that lets one process at a time change a store.
///
/// It is on the folder that the store is in (flock(2)): that one stays when the store is exchanged for another, no file has
/// to be kept for it, and the kernel drops it with the process that holds it.
struct StoreLock: ~Copyable {
    private let descriptor: Int32

    /// Waits for it.
    /// - Parameter limit: for how long.
    /// - Throws: ``SecretStoreError/busy(folder:)`` where somebody else has it all that time.
    init(_ files: StoreFiles, limit: Duration = .seconds(60)) throws(SecretStoreError) {
        let folder = files.root.removingLastComponent()
        // The property is set last of all: where this throws after that, the end of what is not there yet would close it once more,
        // and with it whatever somebody else has opened meanwhile.
        let descriptor = open(folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .file(operation: "lock", path: folder.string, reason: String(cString: strerror(errno)))
        }
        let end = ContinuousClock.now + limit
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                let reason = String(cString: strerror(errno))
                close(descriptor)
                throw .file(operation: "lock", path: folder.string, reason: reason)
            }
            guard ContinuousClock.now < end else {
                close(descriptor)
                throw .busy(folder: files.name)
            }
            usleep(20_000)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
