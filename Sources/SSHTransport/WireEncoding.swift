/// The numbers and strings of ssh in bytes: `uint32` and `string` of RFC 4251, section 5.
enum WireEncoding {
    /// A number of four bytes, the most significant one first.
    static func number(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(value).bigEndian) { Array($0) } }

    /// A string after its length.
    static func string(_ bytes: [UInt8]) -> [UInt8] { number(bytes.count) + bytes }

    /// Takes a number from the beginning; nil if there are too few bytes.
    static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        defer { bytes.removeFirst(4) }
        return bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    /// Takes a string from the beginning; nil if it is not there as a whole.
    static func takeString(_ bytes: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard let count = takeNumber(&bytes), bytes.count >= count else { return nil }
        defer { bytes.removeFirst(count) }
        return Array(bytes.prefix(count))
    }
}
