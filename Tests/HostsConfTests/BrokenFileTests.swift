import PropelTesting
import Testing

@testable import HostsConf

/// Files that were damaged at random.
@Suite struct BrokenFileTests {
    @Test func `every file gets an answer, and an edit of it changes nothing else`() throws {
        let base = Array(
            """
            [fleet]
            require-clean = ["*"]
            ["a.b"]
            role = 'open'
            x = '''y'''
            l = [1, {a = 2}, 1.5e3]
            t = 07:32:00
            ["a.b".c]
            d.e = "\\u00e9"

            """.unicodeScalars)
        let damage = Array("\"'[]{}=.#\n\\, -:*x1\u{0}éi+_0tn\r".unicodeScalars)
        var generator = SeededGenerator(seed: 7)
        func random(_ count: Int) -> Int { Int(generator.next() % UInt64(count)) }
        for _ in 0..<500 {
            var scalars = base
            for _ in 0...random(3) {
                let place = random(scalars.count)
                switch random(3) {
                case 0: scalars.remove(at: place)
                case 1: scalars.insert(damage[random(damage.count)], at: place)
                default: scalars[place] = damage[random(damage.count)]
                }
            }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            let text = String(view)
            do {
                _ = try parse(text)
            } catch let error as HostsConf.Errors {
                #expect(!error.problems.isEmpty)
                #expect(error.problems.allSatisfy { $0.line >= 1 && !$0.message.isEmpty }, "\(text.debugDescription)")
            }
            guard let changed = try? HostsConf.setting("tag", of: "a.b", to: "v2", in: text) else { continue }
            #expect(
                try HostsConf.setting("tag", of: "a.b", to: "v2", in: changed) == changed, "\(text.debugDescription)")
            #expect(changed.utf8.count >= text.utf8.count)
            let removed = try HostsConf.setting("tag", of: "a.b", to: nil, in: changed)
            if HostsConf.tag(of: "a.b", in: text) == nil {
                #expect(Array(removed.utf8) == Array(text.utf8), "\(text.debugDescription)")
            }
        }
    }
}
