import Yams

/// A value of a compose file: anchors and merges are resolved, and keys keep their order.
indirect enum ComposeValue: Equatable, Sendable {
    case text(ComposeText)
    case null
    case list([ComposeValue])
    case map([Entry])
    /// A value that does not follow the usual rules where it is put over another one.
    case tagged(MergeTag, ComposeValue)

    /// Tags of YAML that compose 2 knows (<https://docs.docker.com/reference/compose-file/merge/>).
    enum MergeTag: String, Sendable {
        /// The key is left out.
        case reset = "!reset"
        /// The value replaces the other one.
        case override = "!override"
    }

    struct Entry: Equatable, Sendable {
        var key: String
        var value: ComposeValue
    }
}

/// A scalar, with the variables of it that are no literals.
struct ComposeText: Equatable, Sendable {
    enum Part: Equatable, Sendable {
        case literal(String)
        /// The value of a secret variable.
        case secret(variable: String, value: String?)
        /// A variable that the host's entry in hosts.conf must have.
        case key(String)
    }

    var parts: [Part]
    /// Whether it stood in quotes: then it is a string, whatever it looks like.
    var isQuoted = false

    init(parts: [Part]) { self.parts = parts }

    init(_ text: String, isQuoted: Bool = false) {
        parts = [.literal(text)]
        self.isQuoted = isQuoted
    }

    /// The whole text; nil if a part of it is not a literal.
    var literal: String? {
        var text = ""
        for part in parts {
            guard case .literal(let more) = part else { return nil }
            text += more
        }
        return text
    }

    /// The text with names in place of what is no literal, for messages.
    var words: String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .secret(let variable, _), .key(let variable): "${\(variable)}"
            }
        }.joined()
    }

    /// The texts between separators that stand in literals.
    func split(at separator: Character) -> [ComposeText] {
        var pieces = [ComposeText(parts: [])]
        for part in parts {
            guard case .literal(let text) = part else {
                pieces[pieces.count - 1].parts.append(part)
                continue
            }
            for (number, piece) in text.split(separator: separator, omittingEmptySubsequences: false).enumerated() {
                if number > 0 { pieces.append(ComposeText(parts: [])) }
                if !piece.isEmpty { pieces[pieces.count - 1].parts.append(.literal(String(piece))) }
            }
        }
        return pieces
    }

    var hasSecret: Bool {
        parts.contains { if case .secret = $0 { true } else { false } }
    }
}

extension ComposeValue {
    static var empty: ComposeValue { .map([]) }

    subscript(key: String) -> ComposeValue? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    var entries: [Entry] { if case .map(let entries) = self { entries } else { [] } }
    var list: [ComposeValue]? { if case .list(let values) = self { values } else { nil } }
    var text: ComposeText? { if case .text(let text) = self { text } else { nil } }
    /// The text of a scalar without variables.
    var string: String? { text?.literal }
    var isMap: Bool { if case .map = self { true } else { false } }

    /// The scalar, or the scalars of a list: many keys take either.
    var texts: [ComposeText] {
        switch self {
        case .text(let text): [text]
        case .list(let values): values.compactMap(\.text)
        case .null, .map, .tagged: []
        }
    }

    var strings: [String] { texts.map(\.words) }

    var bool: Bool? {
        switch string?.lowercased() {
        case "true", "yes", "on", "y", "1": true
        case "false", "no", "off", "n", "0": false
        default: nil
        }
    }

    /// The name in docker that a network or a volume has by its description; nil if compose makes one of the project
    /// and the key. One that is external has its key, or a name in `external` as files of former times have it.
    func dockerName(of key: String) -> ComposeText? {
        let external = self["external"], isExternal = external?.bool == true || external?.isMap == true
        return self["name"]?.text ?? external?["name"]?.text ?? (isExternal ? ComposeText(key) : nil)
    }

    /// The map without some keys.
    func without(_ keys: String...) -> ComposeValue {
        .map(entries.filter { !keys.contains($0.key) })
    }

    /// The map with a value for a key; nil removes it.
    func setting(_ key: String, to value: ComposeValue?) -> ComposeValue {
        var entries = entries
        let index = entries.firstIndex { $0.key == key }
        switch (index, value) {
        case (let index?, let value?): entries[index].value = value
        case (let index?, nil): entries.remove(at: index)
        case (nil, let value?): entries.append(Entry(key: key, value: value))
        case (nil, nil): break
        }
        return .map(entries)
    }

    /// The value with every scalar replaced.
    func mapTexts(_ body: (ComposeText) throws -> ComposeText) rethrows -> ComposeValue {
        switch self {
        case .text(let text): .text(try body(text))
        case .null: .null
        case .list(let values): .list(try values.map { try $0.mapTexts(body) })
        case .map(let entries): .map(try entries.map { Entry(key: $0.key, value: try $0.value.mapTexts(body)) })
        case .tagged(let tag, let value): .tagged(tag, try value.mapTexts(body))
        }
    }

    /// The value without its tag; null for one that is left out.
    var untagged: ComposeValue {
        switch self {
        case .tagged(.reset, _): .null
        case .tagged(.override, let value): value
        default: self
        }
    }

    /// The value as it is where nothing is below it: without tags, and without the keys that are left out.
    var settled: ComposeValue {
        switch self {
        case .text, .null: self
        case .list(let values): .list(values.map(\.settled))
        case .map(let entries):
            .map(
                entries.compactMap { entry in
                    if case .tagged(.reset, _) = entry.value { return nil }
                    return Entry(key: entry.key, value: entry.value.settled)
                })
        case .tagged: untagged.settled
        }
    }
}

// MARK: - YAML

extension ComposeValue {
    /// - Throws: ``UsageError`` if it is not YAML, or has the same key twice.
    init(yaml text: String, in file: String) throws {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                self = .empty
                return
            }
            var budget = 200_000
            self = try ComposeValue(node, &budget)
        } catch let error as YamlError {
            throw UsageError(description: "\(file) is not YAML: \(error)")
        } catch is TooLarge {
            throw UsageError(description: "\(file) has too many values")
        }
    }

    private struct TooLarge: Error {}

    /// - Parameter budget: the number of values that are left: aliases of aliases grow without a limit.
    private init(_ node: Node, _ budget: inout Int) throws {
        budget -= 1
        guard budget > 0 else { throw TooLarge() }
        let value = try ComposeValue(untagged: node, &budget)
        self = MergeTag(rawValue: node.tag.rawValue).map { .tagged($0, value) } ?? value
    }

    private init(untagged node: Node, _ budget: inout Int) throws {
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            let isNumber = isPlain && node.tag == Tag(.int)
            let text = (isNumber ? Self.decimal(scalar.string) : nil) ?? scalar.string
            self = isPlain && node.tag == Tag(.null) ? .null : .text(ComposeText(text, isQuoted: !isPlain))
        case .sequence(let sequence): self = .list(try sequence.map { try ComposeValue($0, &budget) })
        case .mapping(let mapping):
            var own: [Entry] = [], merged: [ComposeValue] = []
            for (key, value) in mapping {
                let value = try ComposeValue(value, &budget), name = key.scalar?.string ?? ""
                if name == "<<" { merged += value.list ?? [value] } else { own.append(Entry(key: name, value: value)) }
            }
            for entry in merged.flatMap(\.entries) where !own.contains(where: { $0.key == entry.key }) {
                own.append(entry)
            }
            self = .map(own)
        case .alias: self = .null
        }
    }

    /// An integer of YAML as compose hands it on: `UMASK: 002` is 2, and `0x1F` is 31. Nil for one such as 22:22, which
    /// compose 2 takes for a string.
    private static func decimal(_ text: String) -> String? {
        let plain = text.filter { $0 != "_" }, isNegative = plain.hasPrefix("-")
        let digits = plain.drop { "+-".contains($0) }
        let number =
            switch digits.prefix(2).lowercased() {
            case "0x": Int(digits.dropFirst(2), radix: 16)
            case "0b": Int(digits.dropFirst(2), radix: 2)
            case "0o": Int(digits.dropFirst(2), radix: 8)
            case _ where digits.hasPrefix("0") && digits.count > 1: Int(digits, radix: 8)
            default: Int(digits)
            }
        return number.map { "\(isNegative ? -$0 : $0)" }
    }
}
