/// A key of a service in the compose file, as a part of a container gives it.
struct ComposeKey: Sendable, Hashable {
    /// The name in the compose file: `cap_add`.
    let name: String
    /// The value, in which `$` has no meaning.
    let value: YAML
    /// The part as it is written in Swift, for messages: `Capabilities`.
    let part: String

    init(_ name: String, _ value: YAML, of part: String) {
        self.name = name
        self.value = value
        self.part = part
    }
}

extension Container {
    /// Adds a key. Lists and maps that several parts give are joined; anything else is given once.
    mutating func add(_ name: String, _ value: YAML, of part: String) {
        guard let index = keys.firstIndex(where: { $0.name == name }) else {
            return keys.append(ComposeKey(name, value, of: part))
        }
        let present = keys[index]
        guard !Self.indivisible.contains(name), let joined = present.value.joined(with: value) else {
            return partProblems.append(
                present.part == part
                    ? "\(part) is there twice: keep one"
                    : "\(present.part) and \(part) both decide “\(name)”: keep one")
        }
        keys[index] = ComposeKey(name, joined.value, of: part)
        for key in joined.duplicates { partProblems.append("\(part) has “\(key.escaped)” twice: keep one") }
    }

    /// Adds a map of strings, unless it is empty.
    mutating func add(_ name: String, strings: KeyValuePairs<String, String>, of part: String) {
        addProblems(ofDuplicates: strings.map(\.key), of: part)
        let entries = strings.map { YAML.Entry(key: $0.key, value: .text($0.value)) }
        if !entries.isEmpty { add(name, .map(entries), of: part) }
    }

    /// Notes the names that one part has more than once.
    mutating func addProblems(ofDuplicates names: [String], of part: String) {
        for name in names.duplicates { addProblem("“\(name.escaped)” is there twice: keep one", of: part) }
    }

    /// Keys whose lists and maps are one thing: half a command and another half are no command.
    private static let indivisible: Set<String> = ["deploy", "entrypoint", "logging"]

    /// The value of a key that a part has given.
    func value(of name: String) -> YAML? { keys.first { $0.name == name }?.value }
}

extension YAML {
    /// A list or a map with the elements of another one; nil if one of them is neither.
    fileprivate func joined(with other: YAML) -> (value: YAML, duplicates: [String])? {
        switch (self, other) {
        case (.list(let values), .list(let others)):
            return (.list(values + others), others.filter(values.contains).compactMap(\.string))
        case (.map(let entries), .map(let others)):
            let names = Set(entries.map(\.key))
            return (.map(entries + others), others.map(\.key).filter(names.contains))
        default: return nil
        }
    }

    /// The string; nil if this is something else.
    var string: String? { if case .text(let text) = self { text } else { nil } }

    /// The entries of a map; none if this is something else.
    var entries: [Entry] { if case .map(let entries) = self { entries } else { [] } }

    /// The value with another string in place of each, but for the keys of maps.
    func mapStrings(_ change: (String) -> String) -> YAML {
        switch self {
        case .text(let text): .text(change(text))
        case .integer, .number, .bool: self
        case .list(let values): .list(values.map { $0.mapStrings(change) })
        case .map(let entries): .map(entries.map { Entry(key: $0.key, value: $0.value.mapStrings(change)) })
        }
    }
}
