/// The plaintext of a secret.
///
/// It is in pages of its own, which are neither swapped out nor dumped (mlock(2), `MADV_DONTDUMP`), and wiped once nobody
/// refers to it. Swift's own arrays and strings leave copies behind: read it in place. It prints as `<redacted>`.
public final class SecretBytes: Sendable {
    // Written in the initialiser only.
    private let memory: LockedMemory

    /// How many bytes it has.
    public let count: Int

    /// - Parameters:
    ///   - count: how many bytes it has room for.
    ///   - fill: puts them in and answers how many they are, which may be fewer.
    /// - Throws: `Errno` where there is no memory for it, and what `fill` throws.
    public convenience init(capacity count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Int) throws {
        let memory = try LockedMemory(capacity: count)
        let filled = try fill(UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<count]))
        self.init(memory, count: filled)
    }

    /// A copy of bytes that are no secret yet, such as random ones, or that somebody else wipes.
    public convenience init(copying bytes: some Collection<UInt8>) throws {
        try self.init(capacity: bytes.count) { memory in
            memory.copyBytes(from: bytes)
            return bytes.count
        }
    }

    /// The first `count` bytes of `memory`.
    init(_ memory: consuming LockedMemory, count: Int) {
        self.memory = memory
        self.count = count
    }

    /// Lends the bytes to `body`, which must not keep them.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]))
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { description }
    /// Nothing, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
