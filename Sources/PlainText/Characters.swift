extension UInt8 {
    /// Whether it is one of `0`–`9`.
    public var isASCIIDigit: Bool { (0x30...0x39).contains(self) }

    /// Whether it is one of `a`–`z`.
    public var isASCIILowercase: Bool { (0x61...0x7A).contains(self) }

    /// Whether it is one of `A`–`Z`.
    public var isASCIIUppercase: Bool { (0x41...0x5A).contains(self) }

    /// Whether it is one of `a`–`z` or `A`–`Z`.
    public var isASCIILetter: Bool { isASCIILowercase || isASCIIUppercase }

    /// Whether it is a space or one of the control characters from tab to carriage return.
    public var isASCIIWhitespace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }

    /// Whether it is an ASCII letter or digit.
    public var isASCIILetterOrDigit: Bool { isASCIILetter || isASCIIDigit }

    /// Whether it is a hexadecimal digit as checksums are written: `0`–`9` or `a`–`f`.
    public var isLowercaseHexadecimalDigit: Bool { isASCIIDigit || (0x61...0x66).contains(self) }
}

extension Substring {
    /// The string without whitespace at its ends.
    public var trimmed: String {
        // By bytes where the ends are ASCII: finding characters takes ten times as long.
        guard let first = utf8.firstIndex(where: { !$0.isASCIIWhitespace }),
            let last = utf8.lastIndex(where: { !$0.isASCIIWhitespace })
        else { return "" }
        if utf8[first] < 0x80, utf8[last] < 0x80 { return String(self[first..<utf8.index(after: last)]) }
        return String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

extension String {
    /// The string without whitespace at its ends.
    public var trimmed: String { self[...].trimmed }
}

extension String {
    /// A number that is not negative, with zeros before it if it has fewer digits than these.
    public init(_ number: some BinaryInteger, radix: Int, digits: Int, uppercase: Bool = false) {
        let significant = String(number, radix: radix, uppercase: uppercase)
        self.init(repeating: "0", count: Swift.max(0, digits - significant.utf8.count))
        self += significant
    }
}

/// The permission bits of a file as `chmod` takes them: `0644`, with four digits at least.
public func octal(_ mode: UInt32) -> String { String(mode, radix: 8, digits: 4) }
