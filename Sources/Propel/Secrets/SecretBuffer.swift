import Libc

/// A growing buffer for plaintext of unknown length. It becomes ``SecretBytes`` without a copy, or is wiped.
public struct SecretBuffer: ~Copyable {
    fileprivate var memory: LockedMemory
    /// The number of bytes.
    public private(set) var count = 0

    /// - Parameter capacity: the initial capacity in bytes; it grows.
    /// - Throws: `Errno` if there is no memory.
    public init(capacity: Int = 4096) throws(Errno) { memory = try LockedMemory(capacity: capacity) }

    /// Appends a copy of bytes that the caller wipes.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        try reserve(bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: memory.bytes[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    /// Appends what can be read from a file descriptor until its end.
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

    /// The bytes appended so far.
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
    /// Reads from a file descriptor until its end.
    ///
    /// - Parameters:
    ///   - descriptor: the file descriptor; it stays open.
    ///   - limit: the maximum number of bytes.
    /// - Throws: `Errno`; `fileTooLarge` if there are more.
    public convenience init(readingFrom descriptor: FileDescriptor, limit: Int) throws(Errno) {
        var buffer = try SecretBuffer()
        try buffer.append(contentsOf: descriptor, limit: limit)
        let count = buffer.count
        self.init(buffer.memory, count: count)
    }
}
