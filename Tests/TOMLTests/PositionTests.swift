import Testing

@testable import TOML

@Suite struct PositionTests {
    private func place(_ position: Position?) -> String { position.map { "\($0.line):\($0.column)" } ?? "none" }

    @Test func `every key and value has a place`() throws {
        let text =
            "\u{FEFF}  a = '''\n\n'''\n\n[b . \"c é\"] # c\n\"é\".d = [ 1,\n\n  {e = 2} ]\n[[f]]\n[[f]]\n g=07:32:00"
        let document = try Document(parsing: text)
        let root = document.root
        #expect(place(root.entry(named: "a")?.key.position) == "1:3")
        #expect(place(root["a"]?.position) == "1:7")
        guard case .table(let b)? = root["b"]?.content, case .table(let c)? = b["c é"]?.content,
            case .table(let e)? = c["é"]?.content, case .array(let list)? = e["d"]?.content
        else {
            Issue.record("other values")
            return
        }
        #expect(place(b.entry(named: "c é")?.key.position) == "5:6")
        #expect(place(b["c é"]?.position) == "5:1")
        #expect(place(c.entry(named: "é")?.key.position) == "6:1")
        #expect(place(e.entry(named: "d")?.key.position) == "6:5")
        #expect(list.map { place($0.position) } == ["6:11", "8:3"])
        guard case .table(let inline) = list[1].content else {
            Issue.record("not a table")
            return
        }
        #expect(place(inline.entry(named: "e")?.key.position) == "8:4")
        #expect(place(inline["e"]?.position) == "8:8")
        guard case .array(let tables)? = root["f"]?.content, case .table(let last) = tables[1].content else {
            Issue.record("not an array")
            return
        }
        #expect(tables.map { place($0.position) } == ["9:1", "10:1"])
        #expect(place(last["g"]?.position) == "11:4")
    }

    @Test func `the bytes of a value are its text`() throws {
        let values = [
            "1", "0x0f", "'#'", #""\"]""#, "\"\"\"\n[x]\n\"\" \"\"\"", "'''\n'' ] # '''", "[1, 2]",
            "[\n  '],', # c ]\n  [3],\n]",
            "{ k = '}', \"l m\" = [1] }", "true", "1.5e3", "1979-05-27", "1979-05-27 07:32:00", "{}", "[]", "\"\"",
            "'é'",
        ]
        for value in values {
            for end in ["", " ", "\n", "\t# c", "\r\n", " #"] {
                let document = try Document(parsing: "'é' = 1\n[t]\n a.b =  \(value)\(end)")
                let assignment = try #require(document.sections[1].assignments.first)
                #expect(String(decoding: document.bytes[assignment.value.bytes], as: UTF8.self) == value)
                #expect(assignment.names == ["a", "b"])
                #expect(place(assignment.position) == "3:2")
            }
        }
    }

    @Test func `sections keep the order of the text`() throws {
        let document = try Document(parsing: "x = 1\n[ b.'c' ] # c\n[[a]]\ny = 2\n[a.b]\n")
        #expect(document.sections.map { $0.header?.names } == [nil, ["b", "c"], ["a"], ["a", "b"]])
        #expect(document.sections.map { $0.header?.isArrayElement } == [nil, false, true, false])
        #expect(document.sections[1].header?.path.map(\.isBare) == [true, false])
        #expect(document.sections.map(\.assignments.count) == [1, 0, 1, 0])
        let headers = document.sections.compactMap(\.header).map {
            String(decoding: document.bytes[$0.bytes], as: UTF8.self)
        }
        #expect(headers == ["[ b.'c' ]", "[[a]]", "[a.b]"])
        #expect(document.root.entries.map(\.key.name) == ["x", "b", "a"])
    }

    @Test func `equality ignores places and order`() throws {
        let a = try Document(parsing: "a = 1\nb = [nan, 'x']\n").root
        let b = try Document(parsing: "b = [ nan,\n\"x\" ]\n\na = 0x1").root
        #expect(a == b)
        #expect(try a != Document(parsing: "a = 1.0\nb = [nan, 'x']").root)
        #expect(try a != Document(parsing: "a = 1\nb = [nan, 'x']\nc = 1").root)
        #expect(try Document(parsing: "a = \"\u{E9}\"").root != Document(parsing: "a = \"e\u{301}\"").root)
    }
}
