/// The lines of a text file. Lines that are not edited stay byte for byte, whatever their encoding and their newlines.
public struct TextLines: Equatable {
    /// Each with its newline; the last one may have none.
    private var lines: [[UInt8]]

    public init(_ bytes: [UInt8] = []) {
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

    public var bytes: [UInt8] { Array(lines.joined()) }
    /// The indices of the lines.
    public var indices: Range<Int> { lines.indices }

    /// A line without its newline, LF or CR LF. Bytes that are not UTF-8 become replacement characters.
    public subscript(index: Int) -> String {
        String(decoding: lines[index].dropLast(newline(of: index).count), as: UTF8.self)
    }

    /// Replaces a line, keeping its newline.
    public mutating func replace(_ index: Int, with text: String) {
        lines[index] = Array(text.utf8) + newline(of: index)
    }

    /// Inserts a line before another one, with the newline of the first line.
    public mutating func insert(_ text: String, at index: Int) {
        guard index < lines.count else { return append(text) }
        lines.insert(Array(text.utf8) + usualNewline, at: index)
    }

    /// Appends a line, with the newline of the first line.
    public mutating func append(_ text: String) {
        let end = usualNewline
        if let last = lines.indices.last, newline(of: last).isEmpty { lines[last] += end }
        lines.append(Array(text.utf8) + end)
    }

    /// Removes lines.
    public mutating func remove(_ indices: some Collection<Int>) {
        for index in Set(indices).sorted(by: >) { lines.remove(at: index) }
    }

    /// The newline of the first line; LF if it has none.
    private var usualNewline: [UInt8] {
        let end = lines.isEmpty ? [] : newline(of: 0)
        return end.isEmpty ? Array("\n".utf8) : end
    }

    private func newline(of index: Int) -> [UInt8] {
        let line = lines[index]
        guard line.last == UInt8(ascii: "\n") else { return [] }
        return line.dropLast().last == UInt8(ascii: "\r") ? Array("\r\n".utf8) : Array("\n".utf8)
    }
}
