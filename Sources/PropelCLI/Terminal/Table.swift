import Foundation

/// Rows of cells, each column as wide as its widest cell.
struct Table {
    private let rows: [[String]]

    /// - Parameter rows: all with as many cells as the first.
    init(_ rows: [[String]]) { self.rows = rows.map { $0.map(\.printable) } }

    func print(to terminal: Terminal = .output) {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let line = zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            terminal.print(line.trimmingCharacters(in: .whitespaces))
        }
    }
}
