import Libc

/// Plaintext that is still coming, of a length that nobody knows yet. It becomes ``SecretBytes`` without a copy, and is
/// wiped where it does not.
public struct SecretBuffer: ~Copyable {
    fileprivate var memory: LockedMemory
    /// How many bytes it has.
    public private(set) var count = 0

    /// - Parameter capacity: for how many bytes there is room at first; it grows.
    /// - Throws: `Errno` where there is no memory for it.
    public init(capacity: Int = 4096) throws(Errno) { memory = try LockedMemory(capacity: capacity) }

    /// Adds a copy of bytes that somebody else wipes.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        try reserve(bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: memory.bytes[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    /// Adds what can be read from a file descriptor up to its end.
    fileprivate mutating func append(contentsOf descriptor: FileDescriptor, limit: Int) throws(Errno) {
        while true {
            try reserve(1)
            let free = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[count...])
            let read = Libc.read(descriptor.rawValue, free.baseAddress, free.count)
            if read < 0 {
                guard errno == EINTR else { throw Errno(rawValue: errno) }
                continue
            }
            if read == 0 { return }
            count += read
            guard count <= limit else { throw .fileTooLarge }
        }
    }

    /// All that has come.
    public consuming func finish() -> SecretBytes {
        let count = count
        return SecretBytes(memory, count: count)
    }

    private mutating func reserve(_ additional: Int) throws(Errno) {
        guard memory.bytes.count - count < additional else { return }
        let larger = try LockedMemory(capacity: max(memory.bytes.count * 2, count + additional))
        larger.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]))
        memory = larger
    }
}

extension SecretBytes {
    /// What can be read from a file descriptor up to its end.
    ///
    /// - Parameter limit: how many bytes it may have.
    /// - Throws: `Errno`, `fileTooLarge` where there are more.
    public convenience init(readingFrom descriptor: FileDescriptor, limit: Int) throws(Errno) {
        var buffer = try SecretBuffer()
        try buffer.append(contentsOf: descriptor, limit: limit)
        let count = buffer.count
        self.init(buffer.memory, count: count)
    }
}
