/// The file systems and swap areas that are set up at boot (fstab(5)), keyed by their source.
///
/// All other lines stay byte for byte.
enum Fstab {
    static let path: FilePath = "/etc/fstab"

    struct Entry: Equatable {
        /// The device: a path, `UUID=…`.
        var source: String
        /// The mount point; `none` for swap.
        var target: String
        var type: String
        var options: [String]
        /// The fifth field, for dump(8).
        var dump = "0"
        /// The sixth field, for fsck(8).
        var pass = "0"

        init(source: String, target: String, type: String, options: [String]) {
            self.source = source
            self.target = target
            self.type = type
            self.options = options
        }

        /// Parses a line; nil if it is empty, a comment or incomplete.
        init?(line: String) {
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard fields.count >= 3, !fields[0].begins(with: "#") else { return nil }
            source = fields[0].octalUnescaped
            target = fields[1].octalUnescaped
            type = fields[2]
            options = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : ["defaults"]
            if fields.count > 4 { dump = fields[4] }
            if fields.count > 5 { pass = fields[5] }
        }

        var line: String {
            [
                Escaping.fstab.escape(source), Escaping.fstab.escape(target), type, options.joined(separator: ","),
                dump, pass,
            ].joined(
                separator: " ")
        }
    }

    /// All entries with this source, in order.
    static func entries(of source: String, in lines: TextLines) -> [Entry] {
        lines.indices.compactMap { Entry(line: lines[$0]) }.filter { $0.source == source }
    }

    /// Makes `entry` the only one with its source: in the place of the first one, or at the end.
    static func set(_ entry: Entry, in lines: inout TextLines) {
        let present = lines.indices.filter { Entry(line: lines[$0])?.source == entry.source }
        if let first = present.first {
            lines.replace(first, with: entry.line)
            lines.remove(present.dropFirst())
        } else {
            lines.append(entry.line)
        }
    }

    /// Removes all entries with this source.
    static func remove(_ source: String, in lines: inout TextLines) {
        lines.remove(lines.indices.filter { Entry(line: lines[$0])?.source == source })
    }
}
