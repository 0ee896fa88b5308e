/// A YAML document that contains secrets, and leaves no copy of itself in memory.
struct SecretYAML {
    var bytes: [UInt8] = []

    mutating func append(plain text: String) { append(Array(text.utf8)) }

    /// Appends a string in double quotes, in which compose replaces no `$NAME`.
    /// - Parameter value: UTF-8.
    mutating func append(quoted value: [UInt8]) {
        var quoted: [UInt8] = []
        quoted.reserveCapacity(value.count * 4 + 2)
        defer { quoted.wipe() }
        quoted.append(UInt8(ascii: "\""))
        var index = value.startIndex
        while index < value.endIndex {
            let byte = value[index]
            if let (scalar, length) = Self.unprintable(value[index...]) {
                quoted += Self.escape(scalar)
                index += length
                continue
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "$"): quoted += [byte, byte]
            default: quoted.append(byte)
            }
            index += 1
        }
        quoted.append(UInt8(ascii: "\""))
        append(quoted)
    }

    /// A character that YAML does not accept or takes for a line break, with its number of bytes; nil for all others.
    private static func unprintable(_ bytes: ArraySlice<UInt8>) -> (scalar: UInt16, length: Int)? {
        var next = bytes.startIndex
        func byte() -> UInt8 {
            defer { next += 1 }
            return next < bytes.endIndex ? bytes[next] : 0
        }
        switch (byte(), byte(), byte()) {
        case (let control, _, _) where control < 0x20 || control == 0x7F: return (UInt16(control), 1)
        // U+0080 to U+00A0.
        case (0xC2, let last, _) where last <= 0xA0: return (UInt16(last), 2)
        // U+2028 and U+2029.
        case (0xE2, 0x80, let last) where last == 0xA8 || last == 0xA9: return (0x2000 | UInt16(last & 0x3F), 3)
        case (0xEF, 0xBB, 0xBF): return (0xFEFF, 3)
        case (0xEF, 0xBF, let last) where last >= 0xBE: return (0xFFC0 | UInt16(last & 0x3F), 3)
        default: return nil
        }
    }

    private static func escape(_ scalar: UInt16) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8), isShort = scalar < 0x100
        let shifts = isShort ? [4, 0] : [12, 8, 4, 0]
        return [UInt8(ascii: "\\"), UInt8(ascii: isShort ? "x" : "u")] + shifts.map { digits[Int(scalar >> $0 & 15)] }
    }

    /// Copies to new memory and wipes the old: an array that grows by itself leaves a copy behind.
    private mutating func append(_ more: [UInt8]) {
        var all: [UInt8] = []
        all.reserveCapacity(bytes.count + more.count)
        all += bytes
        all += more
        bytes.wipe()
        bytes = all
    }
}
