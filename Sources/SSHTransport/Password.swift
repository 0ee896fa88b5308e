import Foundation

/// A password in memory that is locked, excluded from core dumps, and wiped before it is released.
///
/// Swift strings and arrays are copied implicitly and cannot be wiped, so the bytes live in dedicated pages.
final class Password: @unchecked Sendable {
    // Unchecked: the bytes are written in `init` and `deinit` only.
    private let pages: UnsafeMutableRawPointer
    private let size: Int
    private let count: Int

    init(_ text: String) {
        let bytes = text.utf8
        count = bytes.count
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        // The password twice: once as a line with its newline, once as a C string with its NUL.
        size = (2 * count + 2 + page - 1) / page * page
        guard let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            mapped != MAP_FAILED
        else {
            fatalError("out of memory")
        }
        pages = mapped
        // Best effort: RLIMIT_MEMLOCK may forbid the lock, and the password is needed anyway.
        _ = mlock(pages, size)
        _ = madvise(pages, size, MADV_DONTDUMP)
        for (offset, byte) in bytes.enumerated() {
            pages.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            pages.storeBytes(of: byte, toByteOffset: count + 1 + offset, as: UInt8.self)
        }
        pages.storeBytes(of: UInt8(ascii: "\n"), toByteOffset: count, as: UInt8.self)
    }

    deinit {
        explicit_bzero(pages, size)
        munmap(pages, size)
    }

    /// The password as a C string.
    func withCString<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        try body(UnsafePointer((pages + count + 1).assumingMemoryBound(to: CChar.self)))
    }

    /// The password and a newline, as programs read it from standard input.
    func withLine<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(start: pages, count: count + 1))
    }
}
