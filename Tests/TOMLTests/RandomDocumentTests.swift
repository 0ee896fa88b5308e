import PropelTesting
import Testing

@testable import TOML

/// Random documents: the parser reads or refuses each of them.
@Suite struct RandomDocumentTests {
    static let base = """
        # top
        title = "TOML \\u00e9" # c
        [a.'b'."c.d"]
        n = [1, -2_0, 0x1F, 0o7, 0b1, 1.5e3, inf]
        d = 1979-05-27T07:32:00.5-07:00
        t = 07:32:00
        s = '''
        x'''
        m = \"\"\"
        y \\
          z\"\"\"
        [[l]]
        i = { a.b = 1, c = [ {}, [] ] }
        [[l]]
        l.m = true

        """

    @Test func `damaged documents are read or refused`() throws {
        let scalars = Array(Self.base.unicodeScalars)
        let damage = Array("\"'[]{}=.#\n\\, -:*x1\u{0}éi+_0tnT\re\u{7F}\u{FEFF}".unicodeScalars)
        var generator = SeededGenerator(seed: 11)
        var accepted = 0
        for _ in 0..<3000 {
            var text = scalars
            for _ in 0...Int.random(in: 0..<2, using: &generator) {
                let place = Int.random(in: 0..<text.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: text.remove(at: place)
                case 1: text.insert(damage.randomElement(using: &generator)!, at: place)
                case 2: text[place] = damage.randomElement(using: &generator)!
                default: text.removeSubrange(place..<min(text.count, place + 20))
                }
            }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: text)
            accepted += try isAccepted(Array(String(view).utf8)) ? 1 : 0
        }
        #expect((200...2800).contains(accepted), "\(accepted) of 3000: the damage is too small or too large")
    }

    @Test func `random bytes are read or refused`() throws {
        var generator = SeededGenerator(seed: 12)
        let base = Array(Self.base.utf8)
        for round in 0..<3000 {
            var bytes = round % 2 == 0 ? base : (0..<40).map { _ in UInt8.random(in: 0...255, using: &generator) }
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            _ = try isAccepted(bytes)
        }
    }

    @Test func `every beginning of a document is read or refused`() throws {
        let bytes = Array(Self.base.utf8)
        for length in 0...bytes.count { _ = try isAccepted(Array(bytes.prefix(length))) }
    }

    /// Parses, and compares the place of an error or of all values with the text.
    private func isAccepted(_ bytes: [UInt8]) throws -> Bool {
        let document: Document
        do {
            document = try Document(parsing: bytes)
        } catch {
            let place = error.position
            let before = bytes[..<place.offset]
            #expect(place.offset <= bytes.count && !error.message.isEmpty)
            #expect(place.line == 1 + before.count { $0 == UInt8(ascii: "\n") })
            #expect(!error.message.unicodeScalars.contains { $0.properties.generalCategory == .control })
            return false
        }
        for section in document.sections {
            for assignment in section.assignments {
                let text = String(decoding: bytes[assignment.value.bytes], as: UTF8.self)
                let again = try Document(parsing: "v = \(text)")
                #expect(again.root["v"] == assignment.value, "\(text.debugDescription)")
                let before = String(decoding: bytes[..<assignment.value.position.offset], as: UTF8.self)
                let line = before.unicodeScalars.reversed().prefix { $0 != "\n" && $0 != "\u{FEFF}" }
                #expect(assignment.value.position.column == line.count + 1)
            }
        }
        return true
    }
}
