extension UInt8 {
    /// Whether it is one of `0`–`9`.
    public var isASCIIDigit: Bool { (0x30...0x39).contains(self) }

    /// Whether it is one of `a`–`z`.
    public var isASCIILowercase: Bool { (0x61...0x7A).contains(self) }

    /// Whether it is one of `A`–`Z`.
    public var isASCIIUppercase: Bool { (0x41...0x5A).contains(self) }

    /// Whether it is one of `a`–`z` or `A`–`Z`.
    public var isASCIILetter: Bool { isASCIILowercase || isASCIIUppercase }

    /// Whether it is an ASCII letter or digit.
    public var isASCIILetterOrDigit: Bool { isASCIILetter || isASCIIDigit }

    /// Whether it is a hexadecimal digit as checksums are written: `0`–`9` or `a`–`f`.
    public var isLowercaseHexadecimalDigit: Bool { isASCIIDigit || (0x61...0x66).contains(self) }
}

extension StringProtocol {
    /// The string without whitespace at its ends.
    public var trimmed: String {
        let start = Substring(self).drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}

/// The permission bits of a file as `chmod` takes them: `0644`, with four digits at least.
public func octal(_ mode: UInt32) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
