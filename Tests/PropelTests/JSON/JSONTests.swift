import Propel
import PropelTesting
import Testing

@Suite struct JSONTests {
    // The cases are those of RFC 8259 and of the collection in "Parsing JSON is a Minefield" (Seriot, 2016).
    @Test(
        arguments: [
            ("null", JSON.null), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("-12", -12), ("1.5", 1.5),
            ("1e2", 100.0),
            ("1E+2", 100.0), ("1.25e-2", 0.0125), ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1e-400", 0.0),
            ("123456789012345678901234567890", 1.2345678901234568e29),
            ("\"\"", ""), ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a\"\\/\u{8}\u{C}\n\r\t"),
            ("\"\\u0041\\u00e9\"", "A\u{E9}"),
            ("\"\\uD83D\\uDE00\"", "\u{1F600}"), ("\"\\ud83d\\ude00\"", "\u{1F600}"), ("\"\\u0000\"", "\0"),
            ("\"\u{1F600}é\"", "\u{1F600}é"),
            ("\"\u{7F}\"", "\u{7F}"), ("[]", []), ("[ ]", []), ("[1,[2],{}]", [1, [2], [:]]), ("{}", [:]),
            ("{ \"a\" : 1 , \"\" : null }", ["a": 1, "": nil]),
            ("{\"a\":1,\"a\":2}", ["a": 2]), ("\t\r\n [\t1\r,\n2 ]\n", [1, 2]),
        ] as [(String, JSON)])
    func `JSON is parsed`(text: String, value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "TRUE", "undefined", "NaN", "Infinity", "-Infinity", "+1", "01", "-01", "00",
        "1.", ".5", "-", "1e", "1e+",
        "1.e1", "0x10", "1_000", "1,000", "1e400", "-1e400", "--1", "- 1", "\"", "\"a", "'a'", "\"\\\"", "\"\\x41\"",
        "\"\\u12\"", "\"\\u12G4\"", "\"\\u+123\"",
        "\"\\u 123\"", "\"\\uD83D\"", "\"\\uDE00\"", "\"\\uD83D\\u0041\"", "\"\\uD83Dx\"", "\"\\uD83D\\n\"",
        "\"\\U0041\"", "\"a\nb\"", "\"a\tb\"", "\"\0\"",
        "\"\u{1F}\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[1]]", "{", "}", "{\"a\"}", "{\"a\":}",
        "{\"a\":1,}", "{a:1}", "{1:1}",
        "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{,}", "{\"a\":1}}", "1 2", "null null", "/* c */ 1", "1 // c", "\u{FEFF}1",
        "\u{A0}1", "\u{C}1", "[1}", "{\"a\":1]",
    ])
    func `anything else is refused`(text: String) {
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: text) }
    }

    @Test(
        arguments: [
            [0xFF], [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xE2, 0x82, 0x22], [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22],
            [0x6E, 0x00, 0x75, 0x00], [0x22, 0xC3],
        ] as [[UInt8]])
    func `what is not UTF-8 is refused`(bytes: [UInt8]) {
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: bytes) }
    }

    @Test func `an error has its position`() {
        let error = #expect(throws: JSON.ParseError.self) { try JSON(parsing: "[1, 2") }
        #expect(error?.description == "',' or ']' is expected at byte 5")
    }

    @Test func `nesting is limited`() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            #expect(throws: Never.self) { try JSON(parsing: nested(JSON.depthLimit, open, close)) }
            #expect(throws: JSON.ParseError.self) { try JSON(parsing: nested(JSON.depthLimit + 1, open, close)) }
            #expect(throws: JSON.ParseError.self) { try JSON(parsing: nested(1_000_000, open, close)) }
        }
        #expect(
            try JSON(parsing: "[" + Array(repeating: "[[]]", count: 500).joined(separator: ",") + "]").array?.count
                == 500)
    }

    @Test func `random values survive writing and parsing`() throws {
        var generator = SeededGenerator(seed: 42)
        for _ in 0..<2000 {
            let value = JSON.random(depth: 4, using: &generator)
            #expect(try JSON(parsing: value.description) == value)
            #expect(try JSON(parsing: value.pretty) == value)
            #expect(!value.description.contains { $0.isNewline })
        }
    }

    @Test func `a damaged text is an error or a value, never a crash`() {
        var generator = SeededGenerator(seed: 43)
        for _ in 0..<2000 {
            var bytes = Array(JSON.random(depth: 3, using: &generator).description.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                }
            }
            guard let value = try? JSON(parsing: bytes) else { continue }
            #expect(throws: Never.self) { try JSON(parsing: value.description) }
        }
    }

    @Test func `characters that a terminal acts on are escaped`() {
        #expect(JSON.string("\u{1B}[2J\u{9B}\u{2028}\u{7F}\0").description == #""\u001b[2J\u009b\u2028\u007f\u0000""#)
    }

    @Test func `keys are sorted`() {
        #expect((["b": 1, "a": ["d": 2, "c": 3]] as JSON).description == #"{"a":{"c":3,"d":2},"b":1}"#)
        #expect((["b": [], "a": [1, [:]]] as JSON).pretty == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}\n")
    }

    @Test func `infinity and NaN become null`() {
        #expect(JSON.number(.nan).description == "null")
        #expect(JSON.number(-.infinity).description == "null")
    }
}

extension JSON {
    fileprivate static func random(depth: Int, using generator: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
        case 0: .null
        case 1: .bool(Bool.random(using: &generator))
        case 2: .integer(Int(truncatingIfNeeded: generator.next()) >> Int.random(in: 0..<64, using: &generator))
        case 3: .number(number(using: &generator))
        case 4, 5: .string(text(using: &generator))
        case 6:
            .array(
                (0..<Int.random(in: 0..<5, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            .object(
                Dictionary(
                    (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
                        (text(using: &generator), random(depth: depth - 1, using: &generator))
                    }
                ) { $1 })
        }
    }

    private static func number(using generator: inout SeededGenerator) -> Double {
        let number = Double(bitPattern: generator.next())
        return number.isFinite ? number : 0.1
    }

    private static func text(using generator: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0..<8, using: &generator) {
            let limit = [0x20, 0x7F, 0xFF, 0x2FFF, 0x10FFFF].randomElement(using: &generator) ?? 0x7F
            if let scalar = Unicode.Scalar(UInt32.random(in: 0...UInt32(limit), using: &generator)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
