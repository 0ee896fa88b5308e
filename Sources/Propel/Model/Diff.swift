/// A unified diff with three lines of context.
public struct Diff: Sendable, Equatable {
    /// The lines, each beginning with ` `, `+`, `-` or `@@`.
    public var text: String

    /// The maximum number of lines that a diff shows; the rest is counted.
    public static let lineLimit = 200
    private static let context = 3

    /// Compares two contents line by line.
    ///
    /// Content that is not UTF-8, or too large to compare line by line, is shown by its size.
    public init(from old: [UInt8], to new: [UInt8]) {
        guard let before = String(validating: old, as: UTF8.self), let after = String(validating: new, as: UTF8.self),
            !old.contains(0), !new.contains(0), old.count + new.count < 256 * 1024
        else {
            self.init(sizesOf: old.count, new.count)
            return
        }
        self.init(text: Self.unified(Self.lines(before), Self.lines(after)))
    }

    /// Compares two contents that must not be shown: only their sizes in bytes are.
    public init(private old: [UInt8], _ new: [UInt8]) { self.init(sizesOf: old.count, new.count) }

    /// The diffs of several files, each under a line with the name of the file.
    public init(of files: [(name: String, diff: Diff)]) {
        let lines = files.flatMap { file -> [Substring] in
            ["@@ \(file.name.escaped) @@"[...]] + file.diff.text.lines
        }
        let more = lines.count - Self.lineLimit
        self.init(
            text: (lines.prefix(Self.lineLimit) + (more > 0 ? ["… and \(more) more lines"] : []))
                .joined(separator: "\n"))
    }

    private init(sizesOf old: Int, _ new: Int) { self.init(text: "content not shown: \(old) bytes → \(new) bytes") }

    private init(text: String) { self.text = text }

    private static func lines(_ text: String) -> [Substring] {
        text.endsInNewline || text.isEmpty ? text.lines : text.lines + ["\\ no newline at the end"]
    }

    private static func unified(_ old: [Substring], _ new: [Substring]) -> String {
        let (removed, inserted) = LineComparison(old, new).changes
        var merged: [(mark: Character, line: Substring, old: Int, new: Int)] = []
        var i = 0, j = 0
        while i < old.count || j < new.count {
            if i < old.count, removed.contains(i) {
                merged.append(("-", old[i], i, j))
                i += 1
            } else if j < new.count, inserted.contains(j) {
                merged.append(("+", new[j], i, j))
                j += 1
            } else {
                merged.append((" ", old[i], i, j))
                i += 1
                j += 1
            }
        }
        return hunks(of: merged)
    }

    private static func hunks(of merged: [(mark: Character, line: Substring, old: Int, new: Int)]) -> String {
        let changed = merged.indices.filter { merged[$0].mark != " " }
        var shown = Set<Int>()
        for index in changed { shown.formUnion(max(0, index - context)...min(merged.count - 1, index + context)) }
        var output: [String] = []
        var last = -2
        for index in shown.sorted() {
            if output.count >= lineLimit {
                let more = shown.count { $0 >= index && !merged[$0].line.hasPrefix("\\ no newline") }
                output.append("… and \(more) more lines")
                break
            }
            if index != last + 1 { output.append("@@ -\(merged[index].old + 1) +\(merged[index].new + 1) @@") }
            output.append("\(merged[index].mark)\(merged[index].line)")
            last = index
        }
        return output.joined(separator: "\n")
    }
}
