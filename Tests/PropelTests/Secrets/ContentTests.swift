import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct ContentTests {
    private func machine(_ plaintexts: [String: String]) -> Machine {
        FakeMachine().run(with: .holding(plaintexts)).machine
    }

    private func bytes(_ content: Content, _ plaintexts: [String: String] = [:]) async throws -> String {
        try await content.withBytes(on: machine(plaintexts)) { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `plaintexts are inserted in their places`() async throws {
        let content: Content = "user=\("app") port=\(5432)\npassword=\(Secret("a"))\(Secret("b"))\nagain=\(Secret("a"))"
        #expect(content.secrets == [Secret("a"), Secret("b"), Secret("a")])
        #expect(try await bytes(content, ["a": "one", "b": ""]) == "user=app port=5432\npassword=one\nagain=one")
        #expect(try await bytes("[\("x=\(Secret("a"))" as Content)]" + Content("!"), ["a": "1"]) == "[x=1]!")
        #expect(try await bytes(Content(Secret("a")), ["a": "1"]) == "1")
    }

    @Test func `content without secrets is its bytes`() async throws {
        #expect(("a\(1)b" as Content).bytes == Array("a1b".utf8))
        #expect(("" as Content).bytes == [])
        #expect(Content([0, 255]).bytes == [0, 255])
        #expect(("a\(Secret("b"))" as Content).bytes == nil)
    }

    @Test func `content prints no secret, and equal content has one form`() {
        #expect(
            Set([("a\("b")c" as Content).form, ("abc" as Content).form, Content(Array("abc".utf8)).form]).count == 1)
        let others: [Content] = [
            "abc", "ab\(Secret("c"))", "ab\(Secret("d"))", "\(Secret("c"))ab", "abc\(Secret("c"))", "", Content([0xFF]),
            Content([0xFE]),
        ]
        #expect(Set(others.map(\.form)).count == others.count)
        #expect("\(others[1])".contains("<redacted>"))
    }

    @Test func `a secret that does not arrive is a failure`() async {
        await #expect(throws: Failure.self) { try await bytes("\(Secret("a"))", [:]) }
    }
}

extension Secrets {
    /// Secrets with these plaintexts, each of version `1` unless another is given.
    static func holding(_ plaintexts: [String: String], versions: [String: String] = [:]) -> Secrets {
        Secrets(versions: plaintexts.mapValues { _ in "1" }.merging(versions) { $1 }) { names in
            try Dictionary(
                uniqueKeysWithValues: names.compactMap { name in
                    try plaintexts[name].map { (name, try SecretBytes(copying: Array($0.utf8))) }
                })
        }
    }
}
