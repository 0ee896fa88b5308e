extension Character {
    /// The number of columns that it takes on a terminal: 0, 1 or 2.
    var columns: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        if unicodeScalars.contains("\u{FE0F}") { return 2 }
        return Self.wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// The blocks that are wide or full-width (Unicode Standard Annex 11), and emoji.
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x23E9...0x23EC, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF,
        0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x1FA70...0x1FAFF,
        0x20000...0x3FFFD,
    ]
}

extension StringProtocol {
    /// The number of columns that the text takes on a terminal.
    var columns: Int { reduce(0) { $0 + $1.columns } }
}

extension String {
    /// The text with spaces after it up to `width` columns.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - columns)) }

    /// The text with spaces before it up to `width` columns.
    func leftPadded(to width: Int) -> String { String(repeating: " ", count: Swift.max(0, width - columns)) + self }

    /// The text cut to `width` columns, after a word where that keeps at least half of them. An ellipsis marks the cut.
    func clipped(to width: Int) -> String {
        guard columns > width else { return self }
        var kept = "", used = 0
        for character in self {
            guard used + character.columns <= width - 1 else { break }
            kept.append(character)
            used += character.columns
        }
        let isBetweenWords = self[index(startIndex, offsetBy: kept.count)] == " "
        if !isBetweenWords, let space = kept.lastIndex(of: " "), kept[..<space].columns >= width / 2 {
            kept = String(kept[..<space])
        }
        while kept.last == " " { kept.removeLast() }
        return width > 0 ? kept + "…" : ""
    }
}
