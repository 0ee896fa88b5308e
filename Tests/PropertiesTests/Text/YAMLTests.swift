import Testing
import Yams

@testable import Properties

@Suite struct YAMLTests {
    /// The document as Yams reads it.
    private func read(_ yaml: YAML) throws -> Node? { try compose(yaml: yaml.document) }

    @Test(arguments: [
        "", " ", "plain", "two words", "true", "No", "null", "~", "1", "1.5", "0x10", "1:30", "12e03", "-", "- a",
        "a: b", "a:", "#", "a #b", "'", "\"", "\\",
        "\\n", "tab\tand\nline\r\n", "\u{0}\u{7}\u{1B}\u{7F}", "\u{85}\u{A0}\u{2028}\u{FEFF}\u{FFFE}\u{FFFF}", "ü€😀",
        "$HOME", "{a}", "[a]", "*a", "&a", "!a", "%a", "@a", "`a`", "---", "...", "shop/app:v1.2", "/etc/app.conf",
        "2025-01-01", ".inf", "=", "<<", "|", ">", "? a",
    ])
    func `every text is read as itself`(_ text: String) throws {
        let document: YAML = ["key": .text(text), "list": .list([.text(text)])]
        let node = try #require(try read(document))
        #expect(node["key"]?.scalar?.string == text)
        #expect(node["list"]?.sequence?.first?.scalar?.string == text)
        // And as a string: not as the number or date that it looks like.
        #expect(try load(yaml: document.document).map { ($0 as? [String: Any])?["key"] as? String } == text)
        #expect(try read([text: .integer(1)])?.mapping?.keys.first?.string == text)
    }

    @Test func `is laid out as people write it`() {
        let document: YAML = [
            "services": [
                "app": [
                    "image": "shop/app:v1", "command": ["run", "--fast mode"], "ports": ["80:80"],
                    "mem_limit": .integer(1), "cpus": .number(0.5), "init": .bool(true),
                ]
            ],
            "list": [["type": "bind", "source": "/a"], ["type": "volume", "more": ["x", "z"]]],
            "empty": [:], "none": [],
        ]
        #expect(
            document.document == """
                services:
                  app:
                    image: shop/app:v1
                    command:
                      - run
                      - "--fast mode"
                    ports:
                      - "80:80"
                    mem_limit: 1
                    cpus: 0.5
                    init: true
                list:
                  - type: bind
                    source: /a
                  - type: volume
                    more:
                      - x
                      - z
                empty: {}
                none: []

                """)
    }
}
