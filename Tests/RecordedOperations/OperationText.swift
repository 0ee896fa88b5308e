import Propel

/// Operations on a machine in memory, as they are on record: in full if they are few, and by hashes if they are many.
struct OperationText {
    let lines: [String]
    private let operations: [String]

    /// The number of operations up to which all are on record in full.
    private static let fullCount = 16
    /// The number of operations that have one hash together.
    private static let hashedCount = 5

    init(_ operations: [String]) {
        self.operations = Self.joined(operations.map { $0.replacing("\n", with: "⏎") })
        lines =
            self.operations.count <= Self.fullCount
            ? self.operations.map(Self.shortened) : self.operations.chunks(of: Self.hashedCount).map(Self.hash)
    }

    /// The operations with mode and owner of what is written, and nothing about its content.
    static func withoutContents(_ operations: [String]) -> [String] {
        operations.map { operation in
            operation.firstMatch(of: #/^(.* [0-7]{4} [0-9]+:[0-9]+) [0-9a-f]{8}$/#).map { String($0.1) } ?? operation
        }
    }

    /// The operations of a line.
    func place(of line: Int) -> (words: String, operations: [String]) {
        guard operations.count > Self.fullCount else {
            return ("operation \(line + 1)", Array(operations.dropFirst(line).prefix(1)))
        }
        let first = line * Self.hashedCount
        return (
            "operations \(first + 1) to \(first + Self.hashedCount)",
            Array(operations.dropFirst(first).prefix(Self.hashedCount))
        )
    }

    /// The steps of an atomic replacement in one line, and a change of a directory with its sync.
    private static func joined(_ operations: [String]) -> [String] {
        var lines: [String] = [], rest = operations[...]
        while let line = rest.popFirst() {
            lines.append(line)
            let words = line.split(separator: " ", maxSplits: 1)
            if line.hasPrefix("write "), let (path, summary) = staged(line) {
                let folder = folder(of: path), name = path.dropFirst(folder == "/" ? 1 : folder.utf8.count + 1)
                let steps = [
                    "sync \(folder == "/" ? "" : folder)/.\(name).propel", "replace \(path)", "sync \(folder)",
                ]
                guard rest.starts(with: steps) else { continue }
                lines[lines.count - 1] = "replace \(path) \(summary)"
                rest = rest.dropFirst(steps.count)
            } else if ["make", "remove"].contains(words.first),
                let path = line.split(separator: " ").first(where: { $0.hasPrefix("/") }),
                rest.first == "sync \(folder(of: String(path)))"
            {
                rest = rest.dropFirst()
            } else if ["make", "remove"].contains(words.first) {
                lines[lines.count - 1] += ", not synced"
            }
        }
        return lines
    }

    /// The path that a file is staged for, and its summary, of “write /etc/.motd.propel 0644 0:0 3fa2b1c4”.
    private static func staged(_ line: String) -> (path: String, summary: Substring)? {
        guard let mark = line.firstRange(of: ".propel "), let slash = line[..<mark.lowerBound].lastIndex(of: "/"),
            line[slash...].hasPrefix("/.")
        else { return nil }
        let folder = line[..<slash].dropFirst("write ".count)
        return ("\(folder)/\(line[slash..<mark.lowerBound].dropFirst(2))", line[mark.upperBound...])
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// A line of at most 110 characters.
    private static func shortened(_ line: String) -> String {
        line.count > 110 ? "\(line.prefix(100))… \(hash([line]))" : line
    }

    private static func hash(_ lines: [String]) -> String {
        String(SHA256.hash(Array(lines.joined(separator: "\n").utf8)).prefix(8))
    }
}

extension Array {
    fileprivate func chunks(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}
