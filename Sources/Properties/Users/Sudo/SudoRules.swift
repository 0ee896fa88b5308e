/// The rules of `/etc/sudoers` and of the files that it includes, in the order in which sudo reads them (sudoers(5)).
///
/// Of all rules that fit a command the last one counts, so a rule with a password takes NOPASSWD from an earlier one.
struct SudoRules {
    /// A rule for everything that root may do, or the shell that Propel is started with.
    struct Rule: Equatable {
        /// Users and groups as they are written: `pi`, `%sudo`, `#1000`, `ALL`, `!ben`.
        var subjects: [String]
        var asksPassword: Bool
        var file: FilePath
    }

    static let main: FilePath = "/etc/sudoers"
    static let directory: FilePath = "/etc/sudoers.d"

    private(set) var rules: [Rule] = []
    /// The subjects that `Defaults` free from passwords altogether; `ALL` for everybody.
    private var freed: [String] = []
    private var aliases: [String: [String]] = [:]

    /// Reads the rules as they would be with another content of one file.
    /// - Parameter candidate: nil for the content without the file.
    init(of machine: Machine, with path: FilePath, as candidate: String?) throws {
        try read(Self.main, machine, path, candidate, depth: 0)
    }

    init(of machine: Machine) throws { try self.init(of: machine, with: "", as: nil) }

    /// The last rule that fits a user; nil if no rule does.
    func last(for user: Accounts.User, in groups: Set<String>) -> Rule? {
        rules.last { matches($0.subjects, user, groups) }
    }

    /// Whether sudo asks a user for a password; nil if the user may not become root.
    func asksPassword(_ user: Accounts.User, in groups: Set<String>) -> Bool? {
        guard let rule = last(for: user, in: groups) else { return nil }
        return rule.asksPassword && !matches(freed, user, groups)
    }

    private func matches(_ subjects: [String], _ user: Accounts.User, _ groups: Set<String>) -> Bool {
        // The last one that fits counts here too.
        for subject in subjects.reversed() {
            let isNegated = subject.hasPrefix("!"), name = isNegated ? String(subject.dropFirst()) : subject
            let fits =
                name == "ALL" || name == user.name || name == "#\(user.id)"
                || name.hasPrefix("%") && groups.contains(String(name.dropFirst()))
                || aliases[name].map { matches($0, user, groups) } == true
            if fits { return !isNegated }
        }
        return false
    }

    // MARK: Reading

    private mutating func read(
        _ path: FilePath, _ machine: Machine, _ replaced: FilePath, _ candidate: String?, depth: Int
    ) throws {
        let text: String?
        if path == replaced {
            text = candidate
        } else {
            text = try machine.files.readIfPresent(path).map { String(decoding: $0, as: UTF8.self) }
        }
        // sudo itself goes no deeper than 128.
        guard let text, depth < 8 else { return }
        for line in Self.lines(of: text) {
            let words = line.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard let first = words.first else { continue }
            let rest = words.count > 1 ? words[1].trimmed : ""
            switch first {
            case "@include", "#include":
                try read(FilePath(Self.unquoted(rest)), machine, replaced, candidate, depth: depth + 1)
            case "@includedir", "#includedir":
                let directory = FilePath(Self.unquoted(rest))
                for name in try Self.names(in: directory, machine, replaced, candidate) {
                    try read(directory.appending(name), machine, replaced, candidate, depth: depth + 1)
                }
            case "User_Alias": addAliases(rest)
            case "Host_Alias", "Runas_Alias", "Cmnd_Alias", "Cmd_Alias": break
            case _ where first.hasPrefix("Defaults"): addDefaults(first, rest)
            case _ where first.begins(with: "#") && !first.utf8.dropFirst().allSatisfy(\.isASCIIDigit): break
            case "#": break
            default: if let rule = Self.rule(line, path) { rules.append(rule) }
            }
        }
    }

    /// The files of a directory that sudo reads, in its order: by the bytes of their names.
    private static func names(
        in directory: FilePath, _ machine: Machine, _ replaced: FilePath, _ candidate: String?
    ) throws -> [String] {
        var names = Set<String>()
        if try machine.files.status(of: directory) != nil { names = Set(try machine.files.list(directory)) }
        if candidate != nil, replaced.removingLastComponent() == directory, let name = replaced.lastComponent {
            names.insert(name.string)
        }
        return names.filter { !$0.contains(".") && !$0.hasSuffix("~") }.sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
    }

    /// The lines, with those joined that end with a backslash.
    private static func lines(of text: String) -> [String] {
        var lines: [String] = [], open = ""
        for line in text.lines {
            if line.hasSuffix("\\") {
                open += line.dropLast() + " "
            } else {
                lines.append((open + line).trimmed)
                open = ""
            }
        }
        return open.isEmpty ? lines : lines + [open.trimmed]
    }

    private static func unquoted(_ path: String) -> String { path.filter { $0 != "\"" } }

    private mutating func addAliases(_ text: String) {
        // ADMINS = anna, ben : OTHERS = carl
        for part in text.split(separator: ":") {
            let sides = part.split(separator: "=", maxSplits: 1)
            if sides.count == 2 { aliases[String(sides[0]).trimmed] = Self.list(sides[1]) }
        }
    }

    private mutating func addDefaults(_ word: String, _ settings: String) {
        guard settings.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\t" }).contains("!authenticate") else {
            return
        }
        if word == "Defaults" { freed.append("ALL") }
        if word.hasPrefix("Defaults:") { freed += Self.list(word.dropFirst("Defaults:".count)) }
    }

    private static func list(_ text: some StringProtocol) -> [String] {
        text.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
    }

    /// The shells that Propel is started with, as sudo finds them.
    private static let shells: Set<String> = ["/bin/sh", "/usr/bin/sh"]

    /// A rule as `pi ALL=(ALL:ALL) NOPASSWD: ALL`; nil if it is for other commands, or not as root.
    private static func rule(_ line: String, _ file: FilePath) -> Rule? {
        guard let (hosts, commands) = line.parts(around: "=") else { return nil }
        // The last word before `=` names the hosts, and lists may have spaces after their commas.
        var left = String(hosts).replacing(", ", with: ",").replacing(" ,", with: ",").trimmed
        guard let space = left.lastIndex(where: { $0 == " " || $0 == "\t" }) else { return nil }
        left = String(left[..<space])
        var asks = true, isRoot = true, found: Bool?
        for part in String(commands).replacing("\\,", with: "\\;").split(separator: ",") {
            var rest = String(part).trimmed
            if rest.hasPrefix("("), let end = rest.firstIndex(of: ")") {
                let users = rest[rest.index(after: rest.startIndex)..<end].prefix { $0 != ":" }
                isRoot = list(users).contains { $0 == "ALL" || $0 == "root" || $0 == "#0" }
                rest = String(rest[rest.index(after: end)...]).trimmed
            }
            while let colon = rest.firstIndex(of: ":"), rest[..<colon].allSatisfy({ $0.isUppercase || $0 == "_" }) {
                switch rest[..<colon] {
                case "NOPASSWD": asks = false
                case "PASSWD": asks = true
                default: break
                }
                rest = String(rest[rest.index(after: colon)...]).trimmed
            }
            let command = rest.prefix { $0 != " " && $0 != "\t" }
            if isRoot, command == "ALL" || shells.contains(String(command)) { found = asks }
        }
        return found.map { Rule(subjects: list(left), asksPassword: $0, file: file) }
    }
}
