import Libc

/// Pages of their own that are neither swapped out nor dumped (mlock(2), `MADV_DONTDUMP`), and wiped in the end.
struct LockedMemory: ~Copyable, @unchecked Sendable {
    // Unchecked: the pointer is not Sendable. Who holds this decides who writes.
    let bytes: UnsafeMutableRawBufferPointer

    /// - Throws: `Errno` where there is no memory for it.
    init(capacity: Int) throws(Errno) {
        let size = max(capacity, 1)
        guard let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            start != MAP_FAILED
        else {
            throw Errno(rawValue: errno)
        }
        // Beyond what the user may lock (RLIMIT_MEMLOCK) it stays as it is: better in memory than refused.
        mlock(start, size)
        madvise(start, size, MADV_DONTDUMP)
        bytes = UnsafeMutableRawBufferPointer(start: start, count: size)
    }

    deinit {
        guard let start = bytes.baseAddress else { return }
        explicit_bzero(start, bytes.count)
        munmap(start, bytes.count)
    }
}
