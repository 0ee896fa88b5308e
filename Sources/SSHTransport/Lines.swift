/// Splits a stream of bytes into lines.
struct LineSplitter {
    private var bytes: [UInt8] = []
    private var start = 0
    private var scanned = 0

    mutating func append(_ more: [UInt8]) {
        if start > 0 {
            bytes.removeFirst(start)
            scanned -= start
            start = 0
        }
        bytes += more
    }

    /// The next complete line without its newline; `nil` if there is none yet.
    mutating func next() -> ArraySlice<UInt8>? {
        guard let newline = bytes[scanned...].firstIndex(of: UInt8(ascii: "\n")) else {
            scanned = bytes.count
            return nil
        }
        defer {
            start = newline + 1
            scanned = start
        }
        return bytes[start..<newline]
    }

    /// Up to `count` bytes that follow the last line.
    mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        let end = min(start + count, bytes.count)
        defer {
            start = end
            scanned = end
        }
        return bytes[start..<end]
    }

    /// The bytes after the last newline.
    var rest: ArraySlice<UInt8> { bytes[start...] }
}

/// The last bytes of a stream.
struct Tail {
    private var bytes: [UInt8] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func append(_ more: some Collection<UInt8>) {
        bytes += more
        if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
    }

    var text: String { String(decoding: bytes.suffix(limit), as: UTF8.self) }
}
