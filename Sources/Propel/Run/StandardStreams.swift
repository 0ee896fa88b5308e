#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

enum StandardOutput {
    /// Writes all of `text`. Where nobody reads any more, that is not this program's concern.
    static func write(_ text: String) { _ = try? FileDescriptor.standardOutput.writeAll(text.utf8) }
}

enum StandardError {
    static func print(_ text: String) { _ = try? FileDescriptor.standardError.writeAll((text + "\n").utf8) }
}

/// Lines from a file descriptor, as they come.
struct LineReader {
    private let descriptor: FileDescriptor
    private var buffer: [UInt8] = []

    /// No message is longer. A line without an end must not fill the memory.
    static let limit = 4 * 1024 * 1024

    init(descriptor: FileDescriptor) { self.descriptor = descriptor }

    /// The next line without its end; nil at the end of the file. Blocks.
    mutating func next() throws -> String? {
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                defer { buffer.removeSubrange(...end) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            searched = buffer.count
            guard buffer.count < Self.limit else { throw Errno.messageTooLong }
            let part = try [UInt8](unsafeUninitializedCapacity: 16 * 1024) { space, filled in
                filled = try descriptor.read(into: UnsafeMutableRawBufferPointer(space))
            }
            if part.isEmpty { return nil }
            buffer += part
        }
    }
}
