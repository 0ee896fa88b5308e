/// The lines of a file that are about one setting.
struct SettingLines {
    let key: String
    let syntax: Setting.Syntax

    /// Sets the value in the line that counts, and removes the others.
    func set(_ value: String, in lines: inout TextLines) {
        let found = indices(in: lines)
        guard let kept = isFirstDecisive ? found.first : found.last else { return add(value, to: &lines) }
        if self.value(of: lines[kept]) != value {
            lines.replace(kept, with: render(value, like: lines[kept]))
        }
        lines.remove(found.filter { $0 != kept })
    }

    /// The lines with the setting.
    func lines(in lines: TextLines) -> [String] { indices(in: lines).map { lines[$0] } }

    func remove(from lines: inout TextLines) { lines.remove(indices(in: lines)) }

    /// Puts back the lines that another version of the file has for the setting.
    func restore(from original: TextLines, in lines: inout TextLines) {
        let former = indices(in: original).map { original[$0] }, found = indices(in: lines)
        guard found.map({ lines[$0] }) != former else { return }
        let start = found.first ?? place(in: lines)
        lines.remove(found)
        for (offset, line) in former.enumerated() {
            lines.insert(line, at: min(start, lines.indices.endIndex) + offset)
        }
    }

    // MARK: - Finding

    private var isFirstDecisive: Bool { syntax == .words }

    /// The lines with the setting that are not comments.
    private func indices(in lines: TextLines) -> [Int] {
        section(of: lines).filter { index in
            let name = name(of: lines[index])
            return syntax == .words ? name?.lowercased() == key.lowercased() : name == key
        }
    }

    /// The lines in which the setting is looked for.
    private func section(of lines: TextLines) -> Range<Int> {
        switch syntax {
        case .shell, .colon: return lines.indices
        case .words:
            let end = lines.indices.first { ["match", "host"].contains(words(of: lines[$0]).first?.lowercased()) }
            return 0..<(end ?? lines.indices.endIndex)
        case .ini(let section):
            let headers = lines.indices.filter { header(lines[$0]) != nil }
            guard let section else { return 0..<(headers.first ?? lines.indices.endIndex) }
            guard let start = headers.first(where: { header(lines[$0]) == section }) else {
                return lines.indices.endIndex..<lines.indices.endIndex
            }
            return start + 1..<(headers.first { $0 > start } ?? lines.indices.endIndex)
        }
    }

    private func header(_ line: String) -> String? {
        let text = line.trimmed
        return text.begins(with: "[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()).trimmed : nil
    }

    private func words(of line: String) -> [Substring] {
        line.unicodeScalars.split(maxSplits: 1) { $0 == " " || $0 == "\t" || $0 == "=" }.map(Substring.init)
    }

    /// The name and the text after it; nil for a comment, a header, or an empty line.
    private func parts(of line: String) -> (name: String, rest: String)? {
        let text = line.trimmed
        guard let first = text.unicodeScalars.first, !"#;[".unicodeScalars.contains(first) else { return nil }
        if syntax == .words {
            let words = words(of: text)
            return words.first.map { (String($0), words.count > 1 ? String(words[1]).trimmed : "") }
        }
        guard let (left, right) = text.parts(around: syntax == .colon ? ":" : "=") else { return nil }
        var name = left.trimmed
        if syntax == .shell, name.hasPrefix("export ") { name = String(name.dropFirst(7)).trimmed }
        return (name, right.trimmed)
    }

    private func name(of line: String) -> String? { parts(of: line)?.name }

    private func value(of line: String) -> String? {
        guard let rest = parts(of: line)?.rest else { return nil }
        guard syntax == .shell, let quote = rest.first, quote == "'" || quote == "\"", rest.count >= 2,
            rest.last == quote, !rest.dropFirst().dropLast().contains(where: { #"'"\$`"#.contains($0) })
        else { return rest }
        return String(rest.dropFirst().dropLast())
    }

    // MARK: - Writing

    private func render(_ value: String, like line: String? = nil) -> String {
        let indentation = line.map { String($0.prefix { $0 == " " || $0 == "\t" }) } ?? ""
        switch syntax {
        case .words: return "\(indentation)\(key) \(value)"
        case .colon: return "\(indentation)\(key): \(value)"
        case .shell:
            let isExported = line?.trimmed.hasPrefix("export ") == true
            return
                "\(indentation)\(isExported ? "export " : "")\(key)=\(value.isEmpty ? "" : ShellQuoting.quote(value))"
        case .ini:
            let hasSpaces = line.map { $0.contains(" = ") || $0.contains(" =") } ?? true
            return "\(indentation)\(key)\(hasSpaces ? " = " : "=")\(value)"
        }
    }

    private func add(_ value: String, to lines: inout TextLines) {
        if case .ini(let section?) = syntax, !lines.indices.contains(where: { header(lines[$0]) == section }) {
            if let last = lines.indices.last, !lines[last].trimmed.isEmpty { lines.append("") }
            lines.append("[\(section)]")
            return lines.append(render(value))
        }
        // As the other lines of the section are written.
        let neighbour = section(of: lines).first { parts(of: lines[$0]) != nil }.map { lines[$0] }
        lines.insert(render(value, like: neighbour?.trimmed), at: place(in: lines))
    }

    /// The index at which a new line is inserted: below a comment with the same setting, else at the end of the
    /// section.
    private func place(in lines: TextLines) -> Int {
        let section = section(of: lines)
        if let comment = section.last(where: { isCommentedOut(lines[$0]) }) { return comment + 1 }
        return section.last { !lines[$0].trimmed.isEmpty }.map { $0 + 1 } ?? section.lowerBound
    }

    private func isCommentedOut(_ line: String) -> Bool {
        let text = line.trimmed
        guard text.begins(with: "#") || text.begins(with: ";") else { return false }
        guard let name = name(of: String(text.unicodeScalars.drop { "#; \t".unicodeScalars.contains($0) })) else {
            return false
        }
        return syntax == .words ? name.lowercased() == key.lowercased() : name == key
    }
}
