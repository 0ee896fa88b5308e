/// Reads lines from a file descriptor as they arrive.
struct LineReader {
    private let descriptor: FileDescriptor
    private var buffer: [UInt8] = []

    /// The size limit of a line in bytes: a line without an end must not fill the memory.
    static let limit = 4 * 1024 * 1024

    init(descriptor: FileDescriptor) { self.descriptor = descriptor }

    /// Reads the bytes after the last line into memory that is wiped. Blocks.
    /// - Throws: `Errno` if the file ends before.
    mutating func secret(size: Int) throws -> SecretBytes {
        try SecretBytes(capacity: size) { memory in
            // What was read together with the line.
            var filled = min(size, buffer.count)
            memory.copyBytes(from: buffer[..<filled])
            drop(filled)
            while filled < size {
                let count = try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...]))
                guard count > 0 else { throw Errno.brokenPipe }
                filled += count
            }
            return size
        }
    }

    /// Reads the bytes after the last line. Blocks.
    /// - Throws: `Errno` if the file ends before.
    mutating func bytes(count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { space, filled in
            // What was read together with the line.
            filled = min(count, buffer.count)
            _ = space.update(fromContentsOf: buffer[..<filled])
            drop(filled)
            while filled < count {
                let read = try descriptor.read(
                    into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: space[filled..<count])))
                guard read > 0 else { throw Errno.brokenPipe }
                filled += read
            }
        }
    }

    /// Drops the first bytes of the buffer. They may belong to a secret, so the old buffer is wiped.
    private mutating func drop(_ count: Int) {
        let rest = Array(buffer[count...])
        buffer.wipe()
        buffer = rest
    }

    /// The next line without its newline; nil at the end of the file. Blocks.
    mutating func next() throws -> String? {
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { drop(end + 1) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            searched = buffer.count
            guard buffer.count < Self.limit else { throw Errno.messageTooLong }
            var part = try descriptor.part(upTo: 16 * 1024)
            if part.isEmpty { return nil }
            buffer += part
            part.wipe()
        }
    }
}
