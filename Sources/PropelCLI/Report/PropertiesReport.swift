import Propel

/// The answer of `propel properties`: a list of properties by subject, or the page of one.
struct PropertiesReport: Report {
    typealias Entry = CataloguePages.Entry

    var entries: [Entry]
    /// Whether the whole text is shown.
    var isWhole: Bool
    /// The names of the parts of the only entry.
    var parts: [String] = []

    var text: TextOutput {
        isWhole ? TextOutput(lines: entries.flatMap(page)) : TextOutput(lines: list)
    }

    private func page(_ entry: Entry) -> [StyledLine] {
        var lines = [StyledLine(entry.name, .bold), StyledLine("")]
        lines += entry.terminalLines.map { line in
            StyledLine(line, indentation: line.prefix { $0 == " " || $0 == "-" }.count)
        }
        if !parts.isEmpty {
            lines += [
                StyledLine(""),
                StyledLine("more: ", .faint, indentation: 6) + StyledLine(parts.joined(separator: ", ")),
            ]
        }
        return lines
    }

    private var list: [StyledLine] {
        let width = entries.map(\.name.columns).max() ?? 0
        var lines: [StyledLine] = [], subject = ""
        for entry in entries {
            if entry.subject != subject {
                if !lines.isEmpty { lines.append(StyledLine("")) }
                lines.append(StyledLine(entry.subject, .bold))
                subject = entry.subject
            }
            lines.append(
                StyledLine("  \(entry.name.padded(to: width))  ", indentation: width + 4)
                    + StyledLine(entry.summary.replacing("`", with: ""), .faint))
        }
        return lines
    }

    var json: [JSON] {
        entries.map { entry in
            .line(
                "property",
                [
                    "name": .string(entry.name), "subject": .string(entry.subject), "summary": .string(entry.summary),
                    "text": isWhole ? .string(entry.lines.joined(separator: "\n").trimmed) : nil,
                ])
        }
    }
}
