/// The settings in the files of sshd for all connections: `Match` blocks are left out (sshd_config(5)).
struct SshdConfiguration {
    static let main: FilePath = "/etc/ssh/sshd_config"

    /// A line, with the file that it is in.
    struct Entry: Equatable {
        /// In lowercase, and under its present name.
        let keyword: String
        let value: String
        let line: String
        let file: FilePath
    }

    /// The settings in the order in which sshd reads them.
    private(set) var entries: [Entry] = []

    /// Keywords whose values count from every file, and decide who comes in.
    static let limiting: Set<String> = [
        "port", "listenaddress", "allowusers", "allowgroups", "denyusers", "denygroups",
    ]
    /// Other keywords that may be given several times.
    static let repeatable: Set<String> = ["acceptenv", "hostkey", "setenv", "subsystem"]
    /// Keywords of which each value counts; of others the first one does.
    static let accumulating = limiting.union(repeatable)
    private static let aliases = [
        "challengeresponseauthentication": "kbdinteractiveauthentication",
        "skeyauthentication": "kbdinteractiveauthentication", "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
        "hostbasedacceptedkeytypes": "hostbasedacceptedalgorithms", "dsaauthentication": "pubkeyauthentication",
    ]

    /// - Parameters:
    ///   - machine: the machine.
    ///   - main: the content of `sshd_config`.
    ///   - path: a drop-in that has another content.
    ///   - text: its content; nil without one.
    init(on machine: Machine, main: TextLines, with path: FilePath, as text: String?) throws {
        for entry in Self.entries(in: main.all, of: Self.main) {
            guard entry.keyword == "include" else {
                entries.append(entry)
                continue
            }
            for pattern in entry.value.split(separator: " ") {
                for file in try Self.files(of: String(pattern), on: machine, and: path) {
                    let bytes = file == path ? text.map { Array($0.utf8) } : try machine.files.readIfPresent(file)
                    entries += Self.entries(in: String(decoding: bytes ?? [], as: UTF8.self).lines, of: file)
                }
            }
        }
    }

    /// The settings in the lines of a file for all connections.
    static func entries(in lines: some Sequence<some StringProtocol>, of file: FilePath) -> [Entry] {
        var entries: [Entry] = []
        for line in lines {
            let line = String(line).trimmed
            guard let (keyword, value) = words(line) else { continue }
            if keyword == "match" { break }
            entries.append(Entry(keyword: keyword, value: value, line: line, file: file))
        }
        return entries
    }

    /// The files that a pattern of `Include` matches, in the order of their names.
    /// - Parameter path: a drop-in that counts as there.
    static func files(of pattern: String, on machine: Machine, and path: FilePath) throws -> [FilePath] {
        let full = FilePath(pattern.hasPrefix("/") ? pattern : "/etc/ssh/\(pattern)")
        guard let name = full.lastComponent?.string, name.contains("*") || name.contains("?") else { return [full] }
        let directory = full.removingLastComponent()
        var names = Set<String>()
        if try machine.files.status(of: directory) != nil { names.formUnion(try machine.files.list(directory)) }
        if path.removingLastComponent() == directory, let own = path.lastComponent { names.insert(own.string) }
        return names.filter { !$0.hasPrefix(".") && Wildcard.matches($0, name) }.sorted().map {
            directory.appending($0)
        }
    }

    /// The keyword of a line and its value; nil if it is empty or a comment.
    static func words(_ line: String) -> (keyword: String, value: String)? {
        let line = line.trimmed
        guard !line.begins(with: "#") else { return nil }
        let words = line.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" || $0 == "=" })
        guard words.count == 2 else { return nil }
        let keyword = words[0].lowercased()
        return (aliases[keyword] ?? keyword, String(words[1].filter { $0 != "\"" }).trimmed)
    }

    /// The values that count, by keyword.
    var values: [String: [String]] {
        var values: [String: [String]] = [:]
        for entry in entries {
            if Self.limiting.contains(entry.keyword) {
                values[entry.keyword, default: []] += entry.value.split(separator: " ").map(String.init)
            } else if Self.accumulating.contains(entry.keyword) {
                values[entry.keyword, default: []].append(entry.value)
            } else if values[entry.keyword] == nil {
                values[entry.keyword] = [entry.value]
            }
        }
        return values
    }

    /// Refuses a drop-in whose settings do not count as they stand, since another file says otherwise.
    func refuseOutranked(_ path: FilePath) throws {
        guard entries.contains(where: { $0.file == path }) else { return }
        for own in entries where own.file == path {
            let others = entries.filter { $0.keyword == own.keyword && $0.file != path && !$0.file.isOfPropel }
            if Self.limiting.contains(own.keyword) {
                guard let other = others.first(where: { $0.value != own.value }) else { continue }
                throw Failure(
                    "sshd uses “\(other.line.escaped)” in \(other.file) beside “\(own.line.escaped)”",
                    advice: "Every \(own.keyword) counts: remove that line, or declare its value here too.")
            }
            guard !Self.accumulating.contains(own.keyword),
                let first = entries.first(where: { $0.keyword == own.keyword }), first.value != own.value
            else { continue }
            throw Failure(
                "\(first.file), which sshd reads before \(path), has “\(first.line.escaped)”",
                advice: "The first value counts: remove that line, or change it to “\(own.line.escaped)”.")
        }
    }
}

extension FilePath {
    /// Whether it is a drop-in of ``Sshd``.
    fileprivate var isOfPropel: Bool { lastComponent?.string.hasPrefix(SshdDropIn.prefix) == true }
}

/// Patterns with `*` and `?` (ssh_config(5), `PATTERNS`).
enum Wildcard {
    static func matches(_ text: some StringProtocol, _ pattern: some StringProtocol) -> Bool {
        matches(Array(text.utf8)[...], Array(pattern.utf8)[...])
    }

    private static func matches(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == UInt8(ascii: "*") {
            return matches(text, pattern.dropFirst()) || !text.isEmpty && matches(text.dropFirst(), pattern)
        }
        guard let byte = text.first, first == UInt8(ascii: "?") || byte == first else { return false }
        return matches(text.dropFirst(), pattern.dropFirst())
    }
}
