import Foundation
import SystemPackage
import Vocabulary

/// The lock that lets one process at a time change a store.
///
/// It locks the folder that contains the store (flock(2)): that folder stays when the store is exchanged, no lock
/// file is needed, and the kernel releases the lock when the process exits.
struct StoreLock: ~Copyable {
    private let descriptor: Int32

    /// Waits for the lock.
    /// - Parameter limit: the timeout.
    /// - Throws: ``SecretStoreError/busy(folder:)`` after the timeout.
    init(_ files: StoreFiles, limit: Duration = .seconds(60)) throws(SecretStoreError) {
        let folder = files.root.removingLastComponent()
        // The property is set last: if this threw afterwards, `deinit` would close the descriptor a second time, and
        // with it a file that another thread has opened under the same number.
        let descriptor = open(folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .systemCall(to: "lock", folder.string)
        }
        var time = TimeLimit(limit, pause: .milliseconds(20))
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                let failure = SecretStoreError.systemCall(to: "lock", folder.string)
                close(descriptor)
                throw failure
            }
            guard !time.hasPassed() else {
                close(descriptor)
                throw .busy(folder: files.name)
            }
            usleep(20_000)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
