import ArgumentParser
import Foundation
import Propel
import SecretStore
import Testing

@testable import PropelCLI

/// The command lines of `propel secret` and `propel key`.
@Suite struct SecretCommandLineTests {
    @Test func `the commands of the guide are accepted`() throws {
        let set = try #require(
            try PropelCommand.parseAsRoot(["secret", "set", "db", "--for", "web1", "--file", "f"]) as? SecretSet
        )
        #expect(set.secret.name.description == "db" && set.secret.context == "web1" && set.file == "f")
        #expect(try PropelCommand.parseAsRoot(["secret", "get", "db", "--passphrase-fd", "3"]) is SecretGet)
        #expect(try PropelCommand.parseAsRoot(["secret", "edit", "db"]) is SecretEdit)
        #expect(try PropelCommand.parseAsRoot(["secret", "list"]) is SecretList)
        #expect(try PropelCommand.parseAsRoot(["secret", "remove", "db"]) is SecretRemove)
        #expect(try PropelCommand.parseAsRoot(["secret", "unused"]) is SecretUnused)
        let generate = try #require(
            try PropelCommand.parseAsRoot(["secret", "generate", "db"]) as? SecretGenerate)
        #expect(generate.length == 32 && !generate.replace)
        #expect(try PropelCommand.parseAsRoot(["key", "add", "anna@example.com"]) is KeyAdd)
        #expect(try PropelCommand.parseAsRoot(["key", "remove", "a", "b", "--lock-me-out"]) is KeyRemove)
        #expect(try PropelCommand.parseAsRoot(["key", "list"]) is KeyList)
        #expect(try PropelCommand.parseAsRoot(["key", "check", "--reencrypt"]) is KeyCheck)
    }

    private let names = ContextNames(hosts: ["web1.example.com", "demo"], roles: ["web", "demo"])

    @Test func `--for takes a host or a role`() throws {
        #expect(try names.context(nil) == .all)
        #expect(try names.context("web1.example.com") == .host("web1.example.com"))
        #expect(try names.context("web") == .role("web"))
        #expect(try names.context("host:demo") == .host("demo"))
        #expect(try names.context("role:demo") == .role("demo"))
    }

    @Test(arguments: [
        ("demo", "--for host:demo or --for role:demo"), ("web1.exmaple.com", "did you mean \"web1.example.com\""),
        ("wbe", "did you mean \"web\""),
        ("host:web", "\"web\" is not a host"), ("role:web1.example.com", "is not a role"),
        ("", "\"\" is not a host or a role"),
        ("zzz", "Hosts: demo, web1.example.com. Roles: demo, web."),
    ])
    func `an unknown name is refused, with the nearest ones`(_ name: String, _ words: String) {
        let error = #expect(throws: UsageError.self) { try names.context(name) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test func `random secrets differ`() throws {
        let made = try (0..<50).map { _ in
            try SecretBytes(randomCharacters: 32).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
        #expect(Set(made).count == 50)
        #expect(made.allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9_-]{32}/) != nil })
        #expect(Set(made.joined()).count == 64, "every character is there")
    }

    @Test(arguments: [
        ("text\twith\nlines", true), ("Grüße", true), ("", true), ("\u{1B}[2J", false), ("\u{202E}", false),
        ("\0", false),
    ])
    func `a terminal shows text without control characters`(_ text: String, _ isShown: Bool) throws {
        #expect(try SecretBytes(copying: Array(text.utf8)).isPlainText == isShown)
    }

    @Test func `bytes that are not UTF-8 are not shown`() throws {
        #expect(try !SecretBytes(copying: [0xFF, 0xFE]).isPlainText)
    }

    @Test func `the newline that an editor adds is removed`() throws {
        func result(_ before: String, _ after: String) throws -> String {
            let bytes = try SecretBytes(copying: Array(after.utf8)).withoutAddedNewline(
                SecretBytes(copying: Array(before.utf8)))
            return bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
        #expect(try result("a", "b\n") == "b")
        #expect(try result("a", "b\n\n") == "b\n")
        #expect(try result("a\n", "b\n") == "b\n")
        #expect(try result("a", "b") == "b")
        #expect(try result("", "b\n") == "b")
    }

    @Test(arguments: [[], [0], [255, 254], [1, 2, 3], Array("open sesame".utf8)] as [[UInt8]])
    func `the JSON of a secret has its bytes in base64`(_ bytes: [UInt8]) throws {
        let line = try SecretBytes(copying: bytes).jsonLine(["name": "db"]).withUnsafeBytes {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(line.hasSuffix("\n"))
        let json = try JSON(parsing: String(line.dropLast()))
        #expect(json["kind"] == "secret-value" && json["version"] == 1 && json["name"] == "db")
        #expect(json["value"]?.string.flatMap { Data(base64Encoded: $0) } == Data(bytes))
    }

    @Test func `an editor needs a terminal`() throws {
        #expect(throws: UsageError.self) { try SecretEdit.requireTerminal(false) }
        try SecretEdit.requireTerminal(true)
    }
}
