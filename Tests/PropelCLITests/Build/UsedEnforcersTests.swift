import Foundation
import SSHTransport
import Testing

@testable import PropelCLI

/// The copies of enforcers that the next ones are compared with.
@Suite struct UsedEnforcersTests {
    private let scratch: PackageFolder
    private let used: UsedEnforcers

    init() throws {
        scratch = try PackageFolder()
        used = UsedEnforcers(root: scratch.root)
    }

    /// A built enforcer, always at the same place.
    private func built(_ content: String) throws -> Enforcer {
        try scratch.write(content, "propel-enforce")
        let path = scratch.root.appending(path: "propel-enforce").path
        return Enforcer(file: path, sha256: try EnforcerFile(path: path).sha256())
    }

    private func content(_ enforcer: Enforcer) throws -> String? {
        try used.file(of: enforcer.sha256).map { try String(contentsOfFile: $0, encoding: .utf8) }
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: scratch.root.appending(path: ".build/enforcers/used").path)
    }

    @Test func `an enforcer is found by its hash after the next one was built in its place`() throws {
        let first = try built("first")
        #expect(used.file(of: first.sha256) == nil)
        used.keep(first)
        let second = try built("second")
        used.keep(second)
        #expect(try content(first) == "first")
        #expect(try content(second) == "second")
        #expect(try Set(names()) == [first.sha256, second.sha256])
    }

    @Test func `a file that was replaced since its hash was computed is not kept`() throws {
        let first = try built("first")
        _ = try built("second")
        used.keep(first)
        #expect(used.file(of: first.sha256) == nil)
        #expect(try names().isEmpty)
    }

    @Test func `those that were used last are kept`() throws {
        var hashes: [String] = []
        for number in 0...UsedEnforcers.limit {
            let enforcer = try built("\(number)")
            used.keep(enforcer)
            hashes.append(enforcer.sha256)
            // As if a minute lay between them.
            let file = try #require(used.file(of: enforcer.sha256))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: Double(number - 100) * 60)], ofItemAtPath: file)
            // The first is still used.
            used.keep(try built("0"))
        }
        #expect(try Set(names()) == Set([hashes[0]] + hashes[2...]))
    }
}
