import PropelTesting
import Testing

@testable import HostsConf

/// The scanner of positions against TOMLKit: both must see the same keys, and each value that the scanner cuts out must
/// parse to the value that TOMLKit gave.
@Suite struct Outline {
    static let tricky: [String] = [
        "", "\n\n", "# only a comment", "a = 1", "a = 1 # [b]\n[c] # [d]\n", "a=\"#\"\nb='#'#\n",
        "[a]\n[a.b]\n[a.b.c]\nx=1",
        "[ a . \"b.c\" . 'd' ]\nx.\"y z\".w = 1", "\"\" . a = 2",
        "a = \"\"\"\n[not]\nb = 1\n\"\"\"\nc = 2", "a = '''\n[not]\nb = 1 '''\nc = 2", "a = \"\"\"\"\"\"\nb = ''''''",
        "a = \"\"\"x\"\"\"\"\"\nb = 1", "a = '''x'''''\nb = 1", "a = \"\"\"\\\"\"\"\\\"\"\"\"\nb = 1",
        "a = \"\\\\\"\nb = \"\\\"\"",
        "a = [\n 1, # ]\n [2, '], b = 3'],\n]\nb = { c = '}', d = [1, { e = 2 }] }\nf = 1",
        "a = [[1, 2], [3]]\nb = [\"x]\", 'y\"']", "[[a]]\nx = 1\n[[a]]\nx = 2\n[a.b]\ny = 1",
        "\"a\\u0041\\\"\" = 1\n'a\\u0041' = 2",
        "a = 1979-05-27T07:32:00Z # c\nb = 1979-05-27 07:32:00\nc = +inf", "\u{FEFF}a = 1\nb = 2",
        "a = 1\r\n[b]\r\nc = '''x\r\ny'''\r\nd = 1",
        "1234 = 1\n1.2 = 3", "[x.y]\na = 1\n[x]\nb = 2", "a = \"\"\"\\\n   x \\\n\n  y\"\"\"\nb = 1",
        "a.b.c = 1\na.b.d = 2\n[e]\na.b = 3",
        "a = {}\nb = []\nc = ''", "\"ʎǝʞ\" = 1",
    ]

    @Test(arguments: tricky) func agreesWithTOMLKit(_ text: String) throws {
        try expectAgreement(on: text)
    }

    @Test func agreesWithTOMLKitOnGeneratedDocuments() throws {
        var generator = SeededGenerator(seed: 42)
        for _ in 0..<400 { try expectAgreement(on: document(using: &generator)) }
    }

    @Test func linesAreThoseOfTheKeys() {
        let outline = TOMLOutline(of: Array("a = '''\n\n'''\n\n[b] # c\nc = [\n 1,\n\n 2 ]\n  d = 1".utf8))
        #expect(outline.line(of: ["a"]) == 1)
        #expect(outline.line(of: ["b"]) == 5)
        #expect(outline.line(of: ["b", "c"]) == 6)
        #expect(outline.assignment(to: ["b", "c"])?.elementLines == [7, 9])
        #expect(outline.line(of: ["b", "d"]) == 10)
        #expect(outline.line(of: ["b", "x"]) == nil)
    }

    /// What is no TOML must end the scan too.
    @Test(arguments: [
        "[", "[[", "]", "=", "a", "a =", "= 1", "a = \"", "a = '''", "a = [", "a = {", "a = \"\\", "\"", "[\"", "[a.",
        "a..b = 1", "é = \\", "[]]]===",
    ])
    func endsOnBrokenText(_ text: String) {
        #expect(TOMLOutline(of: Array(text.utf8)).sections.count >= 1)
    }

    private func expectAgreement(on text: String) throws {
        let root: [String: TOMLTree]
        do { root = try TOMLTree.parse(text) } catch {
            Issue.record("not TOML: \(text.debugDescription): \(error)"); return
        }
        let bytes = Array(text.utf8)
        let outline = TOMLOutline(of: bytes)
        var rebuilt = Rebuilt()
        for section in outline.sections {
            let prefix = section.header?.path ?? []
            if section.header != nil { rebuilt.open(prefix, asElement: section.isArrayElement) }
            for assignment in section.assignments {
                let raw = String(decoding: bytes[assignment.value], as: UTF8.self)
                let value: TOMLTree? = try? TOMLTree.parse("v = " + raw)["v"]
                #expect(value != nil, "cut out \(raw.debugDescription) of \(text.debugDescription)")
                rebuilt.set(prefix + assignment.key.path, to: value ?? .date)
                let line = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[
                    assignment.line - 1]
                #expect(line.contains(UInt8(ascii: "=")))
                if case .array(let elements) = value { #expect(assignment.elementLines.count == elements.count) }
            }
        }
        #expect(same(.table(rebuilt.root), .table(root)), "\(text.debugDescription)")
    }

    /// Equality in which not-a-number equals itself.
    private func same(_ a: TOMLTree, _ b: TOMLTree) -> Bool { "\(sorted(a))" == "\(sorted(b))" }

    private func sorted(_ tree: TOMLTree) -> String {
        switch tree {
        case .table(let table):
            "{"
                + table.sorted { $0.key < $1.key }.map { "\($0.key.debugDescription): \(sorted($0.value))" }.joined(
                    separator: ", ") + "}"
        case .array(let array): "[" + array.map(sorted).joined(separator: ", ") + "]"
        default: "\(tree)"
        }
    }

    private func document(using generator: inout SeededGenerator) -> String {
        let keys = ["a", "b-1", "\"c.d\"", "'e f'", "\"g\\\"h\"", "\"#\"", "'='", "\"[i]\"", "\"\\u00e9\""]
        let values = [
            "1", "0x0f", "'#'", "\"\\\"]\"", "\"\"\"\n[x]\ny = 1\\\n \"\" \"\"\"", "'''\n'' ] # '''", "[1, 2]",
            "[\n  '],', # c ]\n  [3],\n]",
            "{ k = '}', \"l m\" = [1] }", "true", "1.5e3", "1979-05-27", "{}", "[]", "\"\"", "''",
        ]
        let gaps = ["", " ", "\t", "  "]
        let ends = ["\n", " # c = 'd\n", "\n\n", "\r\n", "\n# [z]\n"]
        func pick<T>(_ list: [T]) -> T { list[Int(generator.next() % UInt64(list.count))] }
        var text = ""
        for number in 0..<(1 + Int(generator.next() % 5)) {
            if number > 0 {
                let header = "\(pick(gaps))s\(number)\(pick(gaps)).\(pick(gaps))\(pick(keys))"
                text += pick(gaps) + (generator.next() % 4 == 0 ? "[[\(header)]]" : "[\(header)]") + pick(ends)
            }
            var unused = keys
            for _ in 0..<(generator.next() % 5) {
                let key = unused.remove(at: Int(generator.next() % UInt64(unused.count)))
                text += pick(gaps) + key + (generator.next() % 3 == 0 ? ".\(pick(gaps))\(pick(keys))" : "")
                text += pick(gaps) + "=" + pick(gaps) + pick(values) + pick(ends)
            }
        }
        return text
    }
}

/// A tree built from headers and assignments.
struct Rebuilt {
    var root: [String: TOMLTree] = [:]

    mutating func open(_ path: [String], asElement: Bool) {
        root = Self.change(root, path[...]) { old in
            if asElement {
                if case .array(let elements)? = old { return .array(elements + [.table([:])]) }
                return .array([.table([:])])
            }
            return old ?? .table([:])
        }
    }

    mutating func set(_ path: [String], to value: TOMLTree) {
        root = Self.change(root, path[...]) { _ in value }
    }

    private static func change(
        _ table: [String: TOMLTree], _ path: ArraySlice<String>, _ body: (TOMLTree?) -> TOMLTree
    ) -> [String: TOMLTree] {
        var table = table
        guard let key = path.first else { return table }
        let rest = path.dropFirst()
        if rest.isEmpty {
            table[key] = body(table[key])
        } else if case .array(var elements)? = table[key], case .table(let last)? = elements.popLast() {
            table[key] = .array(elements + [.table(change(last, rest, body))])
        } else if case .table(let inner)? = table[key] {
            table[key] = .table(change(inner, rest, body))
        } else {
            table[key] = .table(change([:], rest, body))
        }
        return table
    }
}
