/// A file of apt's sources, one line for each repository or one paragraph (sources.list(5)).
struct SourcesFile: Equatable {
    static let directory: FilePath = "/etc/apt/sources.list.d"

    let path: FilePath
    private var lines: TextLines

    init(_ path: FilePath, _ bytes: [UInt8]) {
        self.path = path
        lines = TextLines(bytes)
    }

    var bytes: [UInt8] { lines.bytes }

    /// Whether nothing but comments is left.
    var isEmpty: Bool { lines.indices.allSatisfy { Self.isComment(lines[$0]) || lines[$0].trimmed.isEmpty } }

    /// Whether it is removed, since nothing is left of it.
    var isRemoved: Bool { isEmpty && path != "/etc/apt/sources.list" }

    /// Whether apt reads sources from a file of this name.
    static func isOne(_ path: FilePath) -> Bool {
        path == "/etc/apt/sources.list"
            || path.removingLastComponent() == directory && ["list", "sources"].contains(path.extension)
    }

    /// The files that apt reads.
    static func paths(on machine: Machine) throws -> [FilePath] {
        var paths: [FilePath] = ["/etc/apt/sources.list"]
        if try machine.files.status(of: directory) != nil {
            paths += try machine.files.list(directory).map { directory.appending($0) }
        }
        return try paths.filter { try isOne($0) && machine.files.status(of: $0)?.kind == .file }
    }

    /// Writes it, or removes it if nothing is left of it. What was there is kept.
    func apply(on machine: Machine) throws {
        guard isRemoved else { return try machine.shared(path).edit { $0 = lines } }
        try machine.originals.keep(path)
        try machine.files.remove(path)
    }

    /// The same without these suites of a repository.
    /// - Parameters:
    ///   - uri: the address of the repository.
    ///   - suites: the suites; all of them by default.
    /// - Throws: ``Failure`` if a paragraph has other addresses too.
    func without(_ uri: String, _ suites: [String]? = nil) throws -> SourcesFile {
        var edited = self
        if path.extension == "sources" {
            try edited.removeParagraphs(uri, suites)
        } else {
            edited.lines.remove(lines.indices.filter { Self.isEntry(lines[$0], uri, suites) })
        }
        return edited
    }

    private static func isComment(_ line: String) -> Bool { line.trimmed.begins(with: "#") }

    /// An address without the slash at its end, which makes no difference.
    static func plain(_ uri: some StringProtocol) -> String {
        uri.hasSuffix("/") ? String(uri.dropLast()) : String(uri)
    }

    private static func isSame(_ uri: some StringProtocol, _ other: some StringProtocol) -> Bool {
        plain(uri) == plain(other)
    }

    /// Whether a line is `deb [options] URI SUITE …` of the repository.
    private static func isEntry(_ line: String, _ uri: String, _ suites: [String]?) -> Bool {
        var rest = line.trimmed[...]
        let type = rest.prefix { $0 != " " && $0 != "\t" && $0 != "[" }
        guard type == "deb" || type == "deb-src" else { return false }
        rest = String(rest.dropFirst(type.count)).trimmed[...]
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") { rest = rest[rest.index(after: end)...] }
        let words = rest.split(whereSeparator: { $0 == " " || $0 == "\t" })
        return words.count > 1 && isSame(words[0], uri) && suites?.contains(String(words[1])) ?? true
    }

    // MARK: deb822

    private mutating func removeParagraphs(_ uri: String, _ suites: [String]?) throws {
        let present = lines
        var removed: [Int] = []
        for paragraph in present.indices.split(whereSeparator: { present[$0].trimmed.isEmpty }) {
            let found = try edit(Array(paragraph), uri, suites)
            removed += found
            // The empty line after a paragraph goes with it.
            if found.count == paragraph.count, paragraph.upperBound < present.indices.upperBound {
                removed.append(paragraph.upperBound)
            }
        }
        lines.remove(removed)
    }

    /// Takes the suites out of a paragraph.
    /// - Returns: the indices of the lines to remove.
    private mutating func edit(_ paragraph: [Int], _ uri: String, _ suites: [String]?) throws -> [Int] {
        guard let addresses = field("URIs", paragraph), let named = field("Suites", paragraph),
            addresses.words.contains(where: { Self.isSame($0, uri) })
        else { return [] }
        let left = suites.map { unwanted in named.words.filter { !unwanted.contains($0) } } ?? []
        guard left != named.words else { return [] }
        guard addresses.words.count == 1 else {
            throw Failure(
                "\(path) names \(uri) among other addresses", advice: "Take it out there, then run again.")
        }
        guard !left.isEmpty, let first = named.lines.first else { return paragraph }
        lines.replace(first, with: "Suites: \(left.joined(separator: " "))")
        return Array(named.lines.dropFirst())
    }

    /// The words of a field, with the lines that it has: it continues on those that begin with a space.
    private func field(_ name: String, _ paragraph: [Int]) -> (lines: [Int], words: [String])? {
        guard let first = paragraph.first(where: { lines[$0].lowercased().hasPrefix(name.lowercased() + ":") }) else {
            return nil
        }
        let rest = paragraph.drop { $0 <= first }.prefix { lines[$0].hasPrefix(" ") || lines[$0].hasPrefix("\t") }
        let text = ([String(lines[first].dropFirst(name.count + 1))] + rest.map { lines[$0] }).joined(separator: " ")
        return ([first] + rest, text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init))
    }
}
