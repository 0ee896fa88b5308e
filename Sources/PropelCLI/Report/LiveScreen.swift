import PlainText

/// The escape sequences that keep live lines at the bottom of a terminal, below what scrolls by.
///
/// Lines are erased one by one (EL). Erasing the rest of the screen (ED) would do it at once, but tmux keeps a screen
/// that is erased from its first line in the history.
struct LiveScreen {
    /// The widths of the lines that are on the screen now.
    private(set) var drawn: [Int] = []

    private static let hideCursor = "\u{1B}[?25l", showCursor = "\u{1B}[?25h"
    private static let eraseLine = "\u{1B}[2K"
    // A character that is wider than it was taken for must not wrap: the line would be two.
    private static let stopWrapping = "\u{1B}[?7l", wrapAgain = "\u{1B}[?7h"

    /// Replaces the live lines. The text above them, of whole lines, scrolls by.
    /// - Parameter width: of the terminal now. Lines that were drawn on a wider one take several rows.
    mutating func draw(_ lines: [String], below text: String = "", width: Int) -> String {
        guard !lines.isEmpty || !drawn.isEmpty || !text.isEmpty else { return "" }
        let erased = erase(width: width)
        drawn = lines.map(\.columns)
        let live = lines.map { "\(Self.eraseLine)\($0)\n" }.joined()
        let above = text.lines
            .map { "\(Self.eraseLine)\($0)\n" }.joined()
        return erased + above + (lines.isEmpty ? "" : Self.hideCursor + Self.stopWrapping + live + Self.wrapAgain)
    }

    /// Erases the live lines and shows the cursor, for a question or at the end.
    mutating func clear(width: Int) -> String { erase(width: width) + Self.showCursor }

    /// Erases the live lines, and the “^C” that a terminal echoes below them. The cursor is then where the first one
    /// was.
    private mutating func erase(width: Int) -> String {
        let rows = drawn.reduce(0) { $0 + max(1, ($1 + width - 1) / max(1, width)) }
        drawn = []
        guard rows > 0 else { return "" }
        let up = "\u{1B}[\(rows)A"
        return "\r\(up)\(String(repeating: "\(Self.eraseLine)\n", count: rows))\(Self.eraseLine)\(up)"
    }
}
