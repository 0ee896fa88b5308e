/// A text as lines, byte for byte: what is not edited stays as it is, whatever its encoding and its line ends.
struct TextLines: Equatable {
    /// Each with its line end; the last one may have none.
    private var lines: [[UInt8]]

    init(_ bytes: [UInt8] = []) {
        lines = []
        var line: [UInt8] = []
        for byte in bytes {
            line.append(byte)
            if byte == UInt8(ascii: "\n") {
                lines.append(line)
                line = []
            }
        }
        if !line.isEmpty { lines.append(line) }
    }

    var bytes: [UInt8] { Array(lines.joined()) }
    var indices: Range<Int> { lines.indices }

    /// A line without its end, LF or CRLF. Bytes that are not UTF-8 become replacement characters.
    subscript(index: Int) -> String { String(decoding: lines[index].dropLast(lineEnd(of: index).count), as: UTF8.self) }

    /// Puts another text in the place of a line, with the same line end.
    mutating func replace(_ index: Int, with text: String) { lines[index] = Array(text.utf8) + lineEnd(of: index) }

    /// Puts a line before another one, with the line end that the text has.
    mutating func insert(_ text: String, at index: Int) {
        guard index < lines.count else { return append(text) }
        lines.insert(Array(text.utf8) + usualLineEnd, at: index)
    }

    mutating func append(_ text: String) {
        let end = usualLineEnd
        if let last = lines.indices.last, lineEnd(of: last).isEmpty { lines[last] += end }
        lines.append(Array(text.utf8) + end)
    }

    mutating func remove(_ indices: some Collection<Int>) {
        for index in Set(indices).sorted(by: >) { lines.remove(at: index) }
    }

    /// That of the first line; LF where there is none.
    private var usualLineEnd: [UInt8] {
        let end = lines.isEmpty ? [] : lineEnd(of: 0)
        return end.isEmpty ? Array("\n".utf8) : end
    }

    private func lineEnd(of index: Int) -> [UInt8] {
        let line = lines[index]
        guard line.last == UInt8(ascii: "\n") else { return [] }
        return line.dropLast().last == UInt8(ascii: "\r") ? Array("\r\n".utf8) : Array("\n".utf8)
    }
}
