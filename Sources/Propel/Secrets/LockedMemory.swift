import Libc

/// Pages that are neither swapped out nor dumped (mlock(2), `MADV_DONTDUMP`), and wiped when freed.
struct LockedMemory: ~Copyable, @unchecked Sendable {
    // Unchecked: the pointer is not Sendable. The owner decides who writes.
    let bytes: UnsafeMutableRawBufferPointer

    /// - Throws: `Errno` if there is no memory.
    init(capacity: Int) throws(Errno) {
        let size = max(capacity, 1)
        guard let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            start != MAP_FAILED
        else {
            throw Errno(rawValue: errno)
        }
        // Fails beyond RLIMIT_MEMLOCK: unlocked memory is better than a refusal.
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
