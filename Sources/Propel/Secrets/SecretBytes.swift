#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The plaintext of a secret.
///
/// It is in pages of its own, which are neither swapped out nor dumped (mlock(2), `MADV_DONTDUMP`), and wiped once nobody
/// refers to it. Swift's own arrays and strings leave copies behind: read it in place. It prints as `<redacted>`.
public final class SecretBytes: @unchecked Sendable {
    // Unchecked: the pointer is not Sendable, and what it points to is written in the initialiser only.
    private let memory: UnsafeMutableRawBufferPointer

    /// How many bytes it has.
    public let count: Int

    /// - Parameters:
    ///   - count: how many bytes it has room for.
    ///   - fill: puts them in and answers how many they are, which may be fewer.
    /// - Throws: `Errno` where there is no memory for it, and what `fill` throws.
    public init(capacity count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Int) throws {
        let size = max(count, 1)
        guard let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED else {
            throw Errno(rawValue: errno)
        }
        memory = UnsafeMutableRawBufferPointer(start: start, count: size)
        // Beyond what the user may lock (RLIMIT_MEMLOCK) it stays as it is: better in memory than refused.
        mlock(start, size)
        madvise(start, size, MADV_DONTDUMP)
        do {
            self.count = try fill(UnsafeMutableRawBufferPointer(rebasing: memory[..<count]))
        } catch {
            Self.discard(memory)
            throw error
        }
    }

    /// A copy of bytes that are no secret yet, such as random ones, or that somebody else wipes.
    public convenience init(copying bytes: some Collection<UInt8>) throws {
        try self.init(capacity: bytes.count) { memory in
            memory.copyBytes(from: bytes)
            return bytes.count
        }
    }

    deinit { Self.discard(memory) }

    private static func discard(_ memory: UnsafeMutableRawBufferPointer) {
        guard let start = memory.baseAddress else { return }
        explicit_bzero(start, memory.count)
        munmap(start, memory.count)
    }

    /// Lends the bytes to `body`, which must not keep them.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(rebasing: memory[..<count]))
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { description }
    /// Nothing, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
