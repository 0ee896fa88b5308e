/// The file systems and swap areas that are set up when the machine starts (fstab(5)), keyed by their source.
///
/// Everything but the lines of one source stays byte for byte.
enum Fstab {
    static let path: FilePath = "/etc/fstab"

    struct Entry: Equatable {
        /// What is mounted: a device, a file, `UUID=…`.
        var source: String
        /// Where; `none` for swap.
        var target: String
        var type: String
        var options: [String]
        /// Whether dump(8) saves it.
        var dump = "0"
        /// When fsck(8) looks at it.
        var pass = "0"

        init(source: String, target: String, type: String, options: [String]) {
            self.source = source
            self.target = target
            self.type = type
            self.options = options
        }

        /// The entry in a line; nil where the line is empty, a comment or not complete.
        init?(line: String) {
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard fields.count >= 3, fields[0].first != "#" else { return nil }
            source = fields[0].octalUnescaped
            target = fields[1].octalUnescaped
            type = fields[2]
            options = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : ["defaults"]
            if fields.count > 4 { dump = fields[4] }
            if fields.count > 5 { pass = fields[5] }
        }

        var line: String {
            [source.octalEscaped, target.octalEscaped, type, options.joined(separator: ","), dump, pass].joined(
                separator: " ")
        }
    }

    /// All entries with this source, in order.
    static func entries(of source: String, in lines: TextLines) -> [Entry] {
        lines.indices.compactMap { Entry(line: lines[$0]) }.filter { $0.source == source }
    }

    /// Makes `entry` the only one with its source: in the place of the first one, else at the end.
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

extension String {
    /// White space and backslashes as `\ooo`, the way of fstab(5) and of the files in /proc.
    var octalEscaped: String {
        var escaped: [UInt8] = []
        for byte in utf8 {
            if " \t\n\\".utf8.contains(byte) {
                let digits = String(byte, radix: 8)
                escaped += Array(("\\" + String(repeating: "0", count: 3 - digits.count) + digits).utf8)
            } else {
                escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    /// With `\ooo` as the bytes that they stand for.
    var octalUnescaped: String {
        let bytes = Array(utf8)
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\"), index + 3 < bytes.count,
                let byte = UInt8(String(decoding: bytes[(index + 1)...(index + 3)], as: UTF8.self), radix: 8)
            {
                plain.append(byte)
                index += 4
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
