import Foundation

/// An exclusive `flock(2)` on a file, which the kernel drops when the holder ends, however it ends.
///
/// The file is removed on release. So whoever gets the lock looks whether the path still names the file that it locked, and
/// starts again where it does not.
struct FileLock {
    let path: String

    /// Runs `body` with the lock held; `waiting` is called once where somebody else has it.
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
        var saidSo = false
        while true {
            if mkdir(directory, 0o700) != 0, errno != EEXIST {
                throw SandboxError.file(directory, reason: String(cString: strerror(errno)))
            }
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else {
                // The last holder takes the empty directory away; it may do so between our two calls.
                if errno == ENOENT { continue }
                throw SandboxError.file(path, reason: String(cString: strerror(errno)))
            }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0, isNamed(descriptor) { return descriptor }
            close(descriptor)
            if !saidSo {
                saidSo = true
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

    /// Whether some process holds the lock.
    var isHeld: Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // A shared lock, so that two who ask at once do not take each other for the holder.
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
