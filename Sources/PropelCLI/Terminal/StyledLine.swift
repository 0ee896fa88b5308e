/// A line of text in parts that have a style, before it is wrapped to a terminal's width.
struct StyledLine: Sendable, Equatable {
    struct Part: Sendable, Equatable {
        var text: String
        var style: Style?
    }

    /// Shown at the beginning of the line and of each line that it is wrapped to.
    var prefix: [Part] = []
    var parts: [Part]
    /// The number of spaces before the second and further lines that it is wrapped to.
    var indentation: Int

    init(_ text: String = "", _ style: Style? = nil, indentation: Int = 0) {
        parts = text.isEmpty ? [] : [Part(text: text, style: style)]
        self.indentation = indentation
    }

    static func + (line: StyledLine, other: StyledLine) -> StyledLine {
        var result = line
        result.parts += other.parts
        return result
    }

    static func += (line: inout StyledLine, other: StyledLine) { line.parts += other.parts }

    var columns: Int { (prefix + parts).columns }

    /// The text, with escape sequences for the styles if `isColored`.
    func text(isColored: Bool) -> String {
        (prefix + parts).map { part in
            guard isColored, let style = part.style else { return part.text }
            return "\u{1B}[\(style.rawValue)m\(part.text)\u{1B}[0m"
        }.joined()
    }

    /// The lines of at most `width` columns that it becomes, broken between words. A word that is wider than a line
    /// stays whole, so that it can be copied.
    /// - Parameter width: nil leaves the line as it is.
    func wrapped(to width: Int?) -> [StyledLine] {
        guard let terminalWidth = width, columns > terminalWidth else { return [self] }
        let width = max(1, terminalWidth - prefix.columns)
        // An indentation that leaves no room for words would only break more of them.
        let indentation = min(indentation, width / 2)
        var lines: [StyledLine] = []
        var line = StyledLine(), lineColumns = 0, hasWord = false
        for run in runs {
            let columns = run.columns
            if !run.isSpace, hasWord, lineColumns + columns > width {
                lines.append(line.droppingTrailingSpace)
                line = StyledLine(String(repeating: " ", count: indentation))
                (lineColumns, hasWord) = (indentation, false)
            }
            // A space at which a line was broken is not shown again.
            if run.isSpace, !hasWord, !lines.isEmpty { continue }
            line.parts += run.parts
            lineColumns += columns
            if !run.isSpace { hasWord = true }
        }
        lines.append(line.droppingTrailingSpace)
        for index in lines.indices { lines[index].prefix = prefix }
        return lines
    }

    /// Words and the spaces between them, in order. A word may have several styles.
    private struct Run {
        var isSpace: Bool
        var parts: [Part]
        var columns: Int { parts.columns }
    }

    private var runs: [Run] {
        var runs: [Run] = []
        for part in parts {
            var rest = part.text[...]
            while let first = rest.first {
                let isSpace = first == " "
                let piece = rest.prefix { ($0 == " ") == isSpace }
                let fragment = Part(text: String(piece), style: part.style)
                if let last = runs.indices.last, runs[last].isSpace == isSpace {
                    runs[last].parts.append(fragment)
                } else {
                    runs.append(Run(isSpace: isSpace, parts: [fragment]))
                }
                rest = rest.dropFirst(piece.count)
            }
        }
        return runs
    }

    private var droppingTrailingSpace: StyledLine {
        var line = self
        while let last = line.parts.last {
            let text = String(last.text.reversed().drop { $0 == " " }.reversed())
            if !text.isEmpty {
                line.parts[line.parts.count - 1].text = text
                break
            }
            line.parts.removeLast()
        }
        return line
    }
}

extension [StyledLine.Part] {
    fileprivate var columns: Int { reduce(0) { $0 + $1.text.columns } }
}
