/// The list of the locales that `locale-gen` makes (locale.gen(5)).
enum LocaleGen {
    static let path: FilePath = "/etc/locale.gen"
    private static let everything = "/usr/share/i18n/SUPPORTED"

    /// The active lines, `NAME CHARSET` each; nil if there is no list.
    static func entries(on machine: Machine) throws -> Set<String>? {
        guard let status = try machine.files.status(of: path) else { return nil }
        // The way in which Debian lists all locales.
        if status.kind == .link, try machine.files.destination(ofLink: path) == everything {
            return Set(try supported(on: machine).map { "\($0.key.canonical) \($0.value)" })
        }
        let lines = TextLines(try machine.files.read(path))
        return Set(lines.indices.compactMap { entry(lines[$0]) })
    }

    /// The character set of each locale that can be generated, from the lists of Debian and of the administrator.
    static func supported(on machine: Machine) throws -> [LocaleName: String] {
        var supported: [LocaleName: String] = [:]
        for path: FilePath in [FilePath(everything), "/usr/local/share/i18n/SUPPORTED"] {
            guard let bytes = try machine.files.readIfPresent(path) else { continue }
            for line in String(decoding: bytes, as: UTF8.self).lines.map(\.withoutCarriageReturn) {
                let words = line.split(separator: " ")
                guard words.count == 2, !line.begins(with: "#"), let name = try? LocaleName(String(words[0])) else {
                    continue
                }
                supported[name] = String(words[1])
            }
        }
        return supported
    }

    /// Activates entries: uncomments them, or appends them.
    static func add(_ entries: [String], to lines: inout TextLines) {
        for entry in entries where !lines.indices.contains(where: { self.entry(lines[$0]) == entry }) {
            if let index = lines.indices.first(where: { self.entry(uncommented(lines[$0])) == entry }) {
                lines.replace(index, with: entry)
            } else {
                lines.append(entry)
            }
        }
    }

    /// Makes the entries of locales comments, whatever their character sets.
    static func remove(_ names: Set<LocaleName>, from lines: inout TextLines) {
        for index in lines.indices {
            guard let name = entry(lines[index])?.split(separator: " ").first,
                let found = try? LocaleName(String(name)), names.contains(found)
            else { continue }
            lines.replace(index, with: "# " + lines[index].trimmed)
        }
    }

    private static func entry(_ line: some StringProtocol) -> String? {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard words.count == 2, !words[0].begins(with: "#") else { return nil }
        return "\((try? LocaleName(String(words[0])))?.canonical ?? String(words[0])) \(words[1])"
    }

    private static func uncommented(_ line: String) -> Substring { line.drop { "# \t".contains($0) } }
}
