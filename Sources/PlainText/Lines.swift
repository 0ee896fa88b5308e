// Lines end at LF. To Swift, CR LF is one Character, and "a\r\nb".split(separator: "\n") is one line: so text that
// comes from files and programs is always split as bytes.

extension Substring {
    /// The lines, without their LF. Blank lines and a CR before the LF are kept; what follows the last LF is a line
    /// unless it is empty.
    public var lines: [Substring] { utf8.lines.map { Substring($0) } }

    /// The lines that are not empty, without their LF.
    public var nonEmptyLines: [Substring] { lines.filter { !$0.utf8.isEmpty } }

    /// Whether the last line ends in LF.
    public var endsInNewline: Bool { utf8.last == UInt8(ascii: "\n") }

    /// The line without a CR at its end, for formats that allow CR LF.
    public var withoutCarriageReturn: Substring {
        utf8.last == UInt8(ascii: "\r") ? Substring(utf8.dropLast()) : self
    }
}

extension String {
    /// The lines, without their LF; see ``Substring/lines``.
    public var lines: [Substring] { self[...].lines }

    /// The lines that are not empty, without their LF.
    public var nonEmptyLines: [Substring] { self[...].nonEmptyLines }

    /// Whether the last line ends in LF.
    public var endsInNewline: Bool { self[...].endsInNewline }

    /// The line without a CR at its end, for formats that allow CR LF.
    public var withoutCarriageReturn: Substring { self[...].withoutCarriageReturn }
}

extension BidirectionalCollection where Element == UInt8 {
    /// The lines, without their LF. Blank lines and a CR before the LF are kept; what follows the last LF is a line
    /// unless it is empty.
    public var lines: [SubSequence] {
        var lines = split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
