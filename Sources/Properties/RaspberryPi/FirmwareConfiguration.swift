/// `config.txt` as the firmware reads it. Lines that are not edited stay byte for byte.
///
/// <https://www.raspberrypi.com/documentation/computers/config_txt.html>
struct FirmwareConfiguration {
    /// A line `KEY=VALUE`.
    struct Entry: Equatable {
        var index: Int
        var filters: ConditionalFilters
        var key: String
        var value: String
        /// Whether `dtparam` sets parameters of an overlay here: one was loaded above and not ended by `dtoverlay=`.
        var isInOverlay: Bool
    }

    /// Lines in a row under the same filters.
    private struct Region {
        var filters: ConditionalFilters
        /// Without the lines of the filters themselves.
        var lines: Range<Int>
    }

    private(set) var lines: TextLines
    private(set) var entries: [Entry] = []
    private var regions: [Region] = []

    init(_ lines: TextLines) {
        self.lines = lines
        read()
    }

    private mutating func read() {
        var filters = ConditionalFilters(), isInOverlay = false
        entries = []
        regions = [Region(filters: filters, lines: 0..<0)]
        for index in lines.indices {
            let line = Self.content(lines[index])
            if filters.read(line) {
                regions.append(Region(filters: filters, lines: index + 1..<index + 1))
                continue
            }
            regions[regions.count - 1].lines = regions[regions.count - 1].lines.lowerBound..<index + 1
            // Spaces before the = are part of the key.
            guard !line.begins(with: "#"), let (key, value) = line.parts(around: "=") else { continue }
            let entry = Entry(
                index: index, filters: filters, key: String(key), value: String(value),
                isInOverlay: isInOverlay)
            entries.append(entry)
            guard entry.key == "dtoverlay" else { continue }
            // An overlay for other machines counts, since it may be loaded; an end for other machines does not.
            if !entry.value.isEmpty {
                isInOverlay = true
            } else if filters == ConditionalFilters() {
                isInOverlay = false
            }
        }
    }

    private static func content(_ line: String) -> Substring {
        let blanks: Set<Character> = [" ", "\t"]
        guard let first = line.firstIndex(where: { !blanks.contains($0) }),
            let last = line.lastIndex(where: { !blanks.contains($0) })
        else { return "" }
        return line[first...last]
    }

    mutating func replace(_ entry: Entry, with line: String) {
        lines.replace(entry.index, with: line)
        read()
    }

    mutating func remove(_ gone: [Entry]) {
        lines.remove(gone.map(\.index))
        read()
    }

    /// Adds lines under these filters, after the line `index` if there is one: to the last section with these filters,
    /// or to a new one, which ends with `[all]` so that lines appended later are for all machines.
    mutating func add(_ added: [String], under filters: ConditionalFilters, after index: Int? = nil) {
        if var place = place(under: filters, after: index) {
            for line in added {
                lines.insert(line, at: place)
                place += 1
            }
        } else {
            let end = filters == ConditionalFilters() ? [] : ["[all]"]
            for line in filters.lines + added + end { lines.append(line) }
        }
        read()
    }

    /// The place for a line: the end of the last section with these filters, before trailing blank lines; nil if there
    /// is no such section, or none after the line `index`.
    private func place(under filters: ConditionalFilters, after index: Int?) -> Int? {
        let first = index.map { $0 + 1 } ?? 0
        // If a file begins with a filter, the section above it does not count.
        let present = regions.last {
            $0.filters == filters && $0.lines.upperBound >= first && !($0.lines == 0..<0 && lines.indices.count > 0)
        }
        guard let present else { return nil }
        let last = present.lines.last { !Self.content(lines[$0]).isEmpty }
        return max(last.map { $0 + 1 } ?? present.lines.lowerBound, first)
    }

    /// Whether a line added there would set a parameter of an overlay.
    func wouldAddToOverlay(under filters: ConditionalFilters, after index: Int? = nil) -> Bool {
        let place = place(under: filters, after: index) ?? lines.indices.upperBound
        guard let last = entries.last(where: { $0.index < place }) else { return false }
        if last.key == "dtoverlay" {
            return !last.value.isEmpty || (last.isInOverlay && last.filters != ConditionalFilters())
        }
        return last.isInOverlay
    }

    /// Changes the values of entries under these filters: lines are replaced in place, and surplus ones removed or
    /// missing ones added.
    mutating func change(_ present: [Entry], to values: [String], key: String, under filters: ConditionalFilters) {
        // Replacements come first, since they keep line numbers.
        for (entry, value) in zip(present, values) where entry.value != value {
            replace(entry, with: "\(key)=\(value)")
        }
        remove(Array(present.dropFirst(values.count)))
        let added = values.dropFirst(present.count).map { "\(key)=\($0)" }
        if !added.isEmpty { add(added, under: filters) }
    }

    /// Removes the section that ``add(_:under:after:)`` created for these filters, if it is empty.
    mutating func removeEmptySection(under filters: ConditionalFilters) {
        let wanted = filters.lines + ["[all]"]
        guard filters != ConditionalFilters(),
            let first = lines.indices.last(where: { start in
                start + wanted.count <= lines.indices.upperBound
                    && wanted.indices.allSatisfy { lines[start + $0] == wanted[$0] }
            })
        else { return }
        lines.remove(Array(first..<first + wanted.count))
        read()
    }
}

extension FirmwareConfiguration {
    /// The firmware truncates lines at 98 characters, formerly 78 (“File format” in the documentation of config.txt).
    static let longestLine = 98

    /// - Throws: ``Failure`` if a line is longer than the firmware reads, or has other characters than ASCII.
    static func validate(_ line: String) throws {
        guard line.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }), line.last != " ",
            line.last != "=" || line == "dtoverlay="
        else {
            throw Failure(
                "invalid line of config.txt “\(line.escaped)”",
                advice: "Give a value of ASCII characters, without spaces around it.")
        }
        guard line.utf8.count <= longestLine else {
            throw Failure(
                "“\(line)” is too long for config.txt: it has \(line.utf8.count) characters, and the firmware reads "
                    + "only \(longestLine)",
                advice:
                    "Leave out defaults. The firmware ignores the rest of the line silently.")
        }
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_-:.+".utf8.contains($0) }
    }
}
