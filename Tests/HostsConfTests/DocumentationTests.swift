import Foundation
import Propel
import Testing

@testable import HostsConf

/// Compares docs/hosts.conf.md with the code.
@Suite struct DocumentationTests {
    /// The fenced blocks of the page, each with its language.
    static func blocks() throws -> [(language: String, text: String)] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/hosts.conf.md"), encoding: .utf8)
        return page.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 1 }.map { _, block in
            let lines = block.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (lines[0], lines[1].trimmingCharacters(in: .newlines))
        }
    }

    static let roles = [
        role("demo", keys: []), role("pi", keys: ["swap"]), role("production", keys: ["domain", "ports", "labels"]),
    ]

    @Test func `examples and errors are real`() throws {
        let blocks = try Self.blocks()
        try #require(blocks.map(\.language) == ["toml", "toml", "toml", "toml", "text", "toml", "text", "text"])
        let conf = try HostsConf(parsing: blocks[0].text, roles: Self.roles)
        #expect(conf.hosts.count == 3)
        #expect(try HostsConf(parsing: blocks[1].text, roles: Self.roles).hosts[0].entry["labels"] == ["team": "web"])
        let builders = try HostsConf(parsing: blocks[2].text, roles: Self.roles)
        #expect(builders.builders == [.aarch64: .sdk("debian12-aarch64")])
        #expect(builders.hosts[0].architecture == .aarch64)
        for index in [3, 5] {
            let error = #expect(throws: HostsConf.Errors.self) {
                try HostsConf(parsing: blocks[index].text, roles: Self.roles)
            }
            #expect(error?.description == blocks[index + 1].text)
        }
        let unknown = #expect(throws: HostsConf.UnknownHost.self) { try conf.host(named: "pi") }
        #expect(unknown?.description == blocks[7].text)
    }

    @Test func `every key is on the page`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/hosts.conf.md"), encoding: .utf8)
        for key in EntryReader.keys + ["require-clean", "require-signed", "sdks", "build-hosts"] {
            #expect(page.contains("\n| `\(key)` |"), "\(key)")
        }
    }
}
