import Foundation
import PlainText

/// The pages of the catalogue, docs/properties, which are made from the doc comments of the properties.
///
/// They are read from the sources of Propel that this program was built from: the folder of a checkout, or that of a
/// dependency.
struct CataloguePages {
    /// A section of a page: a property, or a type that one takes.
    struct Entry: Equatable {
        /// As it is written in Swift: `Nginx.Site`.
        var name: String
        /// The title of its page.
        var subject: String
        /// Whether it is only a part of another entry.
        var isPart: Bool
        /// Its lines in Markdown, without the heading.
        var lines: [String]
    }

    /// In the order of the catalogue.
    let entries: [Entry]

    /// The folder of the pages in the sources of this program.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../docs/properties").standardizedFileURL

    /// - Throws: ``UsageError`` if the sources are no longer where the program was built.
    init(readingFrom folder: URL = folder) throws {
        func text(_ name: String) throws -> String {
            let file = folder.appending(path: name)
            guard let text = try? String(contentsOf: file, encoding: .utf8) else {
                throw UsageError(
                    description: "\(file.path) is missing: the sources of Propel are not where they were built\n"
                        + "Build again in their folder.")
            }
            return text
        }
        // The list of the pages has them in the order of the catalogue: `- [Files](files.md): …`
        let names = try text("README.md").lines.compactMap { line -> String? in
            guard line.hasPrefix("- ["), let link = line.split(separator: "](").dropFirst().first else { return nil }
            return link.split(separator: ")").first.map(String.init)
        }
        entries = try names.flatMap { try Self.entries(in: text($0)) }
    }

    /// The sections of a page.
    static func entries(in page: String) -> [Entry] {
        var entries: [Entry] = [], subject = "", isCode = false
        for line in page.lines {
            if line.hasPrefix("```") { isCode.toggle() }
            let marks = isCode ? 0 : line.prefix { $0 == "#" }.count
            let title = line.dropFirst(marks + 1)
            switch marks {
            case 1: subject = String(title)
            case 2, 3: entries.append(Entry(name: String(title), subject: subject, isPart: marks == 3, lines: []))
            default: if !entries.isEmpty { entries[entries.count - 1].lines.append(String(line)) }
            }
        }
        return entries
    }

    /// The entries that a word means: the one of that name, or all that have it in their names, or else in their texts.
    /// Case does not matter.
    func entries(for word: String) -> [Entry] {
        let word = word.lowercased()
        let exact = entries.filter { $0.name.lowercased() == word }
        if !exact.isEmpty { return exact }
        let named = entries.filter { !$0.isPart && $0.name.lowercased().contains(word) }
        let inText = entries.filter { entry in
            !entry.isPart && !named.contains(entry) && entry.lines.contains { $0.lowercased().contains(word) }
        }
        return named + inText
    }

    /// The names of the parts of an entry.
    func parts(of entry: Entry) -> [String] {
        entries.map(\.name).filter { $0.hasPrefix(entry.name + ".") }
    }
}

extension CataloguePages.Entry {
    /// The first sentence.
    var summary: String {
        let paragraph = lines.drop { $0.trimmed.isEmpty }.prefix { !$0.trimmed.isEmpty }.joined(separator: " ")
        guard let end = paragraph.firstRange(of: ". ") else { return paragraph }
        return String(paragraph[..<end.lowerBound]) + "."
    }

    /// The lines for a terminal: code is indented, and what marks it up is left out.
    var terminalLines: [String] {
        var isCode = false, shown: [String] = []
        for line in lines {
            if line.hasPrefix("```") {
                isCode.toggle()
            } else if isCode {
                shown.append(line.isEmpty ? "" : "    " + line)
            } else {
                shown.append(line.replacing("`", with: ""))
            }
        }
        while shown.first?.isEmpty == true { shown.removeFirst() }
        while shown.last?.isEmpty == true { shown.removeLast() }
        return shown
    }
}
