/// Rows of cells, each column as wide as its widest cell.
struct Table {
    private let rows: [[String]]

    /// - Parameter rows: all with as many cells as the first.
    init(_ rows: [[String]]) { self.rows = rows.map { $0.map(\.oneLine) } }

    /// The rows as lines. What does not fit a terminal continues below with an indent.
    var lines: [StyledLine] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].columns }.max() ?? 0 }
        return rows.map { row in
            var line = zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return StyledLine(line, indentation: 6)
        }
    }
}
