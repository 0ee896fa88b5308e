import Foundation

/// An exclusive `flock(2)` on a file, which the kernel releases when the holder exits or is killed.
///
/// The file is removed on release. So after locking it, the path must still refer to the same file; otherwise locking
/// starts over.
struct FileLock {
    let path: String

    /// Runs `body` with the lock held. `waiting` is called once if another process holds it.
    func hold<Result>(waiting: () -> Void = {}, _ body: () async throws -> Result) async throws -> Result {
        let descriptor = try await acquire(waiting)
        defer {
            unlink(path)
            close(descriptor)
            rmdir((path as NSString).deletingLastPathComponent)
        }
        return try await body()
    }

    private func acquire(_ waiting: () -> Void) async throws -> CInt {
        let directory = (path as NSString).deletingLastPathComponent
        var hasCalled = false
        while true {
            if mkdir(directory, 0o700) != 0, errno != EEXIST {
                throw SandboxError.systemCall(on: directory)
            }
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else {
                // The last holder removes the empty directory, perhaps between the two calls above.
                if errno == ENOENT { continue }
                throw SandboxError.systemCall(on: path)
            }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0, isNamed(descriptor) { return descriptor }
            close(descriptor)
            if !hasCalled {
                hasCalled = true
                waiting()
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func isNamed(_ descriptor: CInt) -> Bool {
        var locked = stat()
        var named = stat()
        return fstat(descriptor, &locked) == 0 && lstat(path, &named) == 0
            && locked.st_ino == named.st_ino && locked.st_dev == named.st_dev
    }

    /// Whether a process holds the lock.
    var isHeld: Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // A shared lock, so that two callers do not take each other for the holder.
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
