/// The plaintext of a secret.
///
/// Its pages are neither swapped out nor dumped (mlock(2), `MADV_DONTDUMP`), and wiped when the last reference is gone.
/// Swift's arrays and strings leave copies behind: read it in place. It prints as `<redacted>`.
public final class SecretBytes: Sendable {
    // Written only in the initialiser.
    private let memory: LockedMemory

    /// The number of bytes.
    public let count: Int

    /// - Parameters:
    ///   - count: the capacity in bytes.
    ///   - fill: writes the bytes and returns their number, which may be smaller.
    /// - Throws: `Errno` if there is no memory, and the errors of `fill`.
    public convenience init(capacity count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Int) throws {
        let memory = try LockedMemory(capacity: count)
        let filled = try fill(UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<count]))
        self.init(memory, count: filled)
    }

    /// Copies bytes that are not a secret yet, such as random ones, or that the caller wipes.
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

    /// Calls `body` with the bytes, which it must not keep.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]))
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { description }
    /// Empty, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
