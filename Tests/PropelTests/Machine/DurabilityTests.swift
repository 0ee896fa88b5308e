import DiskCalls
import Libc
import Testing

@testable import Propel

/// What is synced, and when: the order of the calls that the kernel gets.
@Suite struct DurabilityTests {
    private let directory: TemporaryDirectory
    private let files = LocalFileSystem()

    init() throws { directory = try TemporaryDirectory() }

    private func observe(failing failure: String? = nil, _ body: () async throws -> Void) async throws -> [String] {
        try await DiskCalls.observe(below: directory.path.string, failing: failure, body).map {
            $0.replacing(directory.path.string, with: "D")
        }
    }

    @Test func `a file is synced whole before it is renamed, and its directory afterwards`() async throws {
        let calls = try await observe {
            try files.replace(directory.path.appending("f"), with: [1, 2, 3], mode: 0o600, owner: .here)
        }
        #expect(calls == ["sync D/.f.propel 3 bytes", "rename D/.f.propel to D/f", "sync D"])
    }

    @Test func `a file that cannot be synced does not take the place of another`() async throws {
        let file = directory.path.appending("f")
        try files.replace(file, with: [1], mode: 0o600, owner: .here)
        await #expect(throws: FileError("write", file, .ioError)) {
            _ = try await observe(failing: ".f.propel") {
                try files.replace(file, with: [2], mode: 0o600, owner: .here)
            }
        }
        #expect(try files.read(file) == [1])
        #expect(try files.list(directory.path) == ["f"])
    }

    @Test func `a directory that cannot be synced is an error`() async throws {
        let end = directory.path.string
        await #expect(throws: FileError.self) {
            _ = try await observe(failing: end) {
                try files.replace(directory.path.appending("f"), with: [1], mode: 0o600, owner: .here)
            }
        }
        await #expect(throws: FileError.self) {
            _ = try await observe(failing: end) {
                try files.createDirectory(directory.path.appending("d"), mode: 0o700, owner: .here)
            }
        }
        await #expect(throws: FileError.self) {
            _ = try await observe(failing: end) { try files.createLink(directory.path.appending("l"), to: "x") }
        }
        await #expect(throws: FileError.self) {
            _ = try await observe(failing: end) { try files.remove(directory.path.appending("f")) }
        }
    }

    @Test func `names that appear and vanish are synced`() async throws {
        let made = try await observe {
            try files.createDirectory(directory.path.appending("d"), mode: 0o700, owner: .here)
        }
        #expect(made == ["sync D"])
        let linked = try await observe { try files.createLink(directory.path.appending("l"), to: "nowhere") }
        #expect(linked == ["rename D/.l.propel to D/l", "sync D"])
        let removed = try await observe { try files.remove(directory.path.appending("l")) }
        #expect(removed == ["sync D"])
        #expect(try await observe { try files.remove(directory.path.appending("l")) }.isEmpty)
    }

    @Test func `a link has its owner before its name`() throws {
        let link = directory.path.appending("l")
        try files.createLink(link, to: "nowhere", owner: Owner(user: 1, group: 2))
        try files.createLink(link, to: "elsewhere", owner: Owner(user: 3, group: 4))
        #expect(try files.status(of: link)?.owner == Owner(user: 3, group: 4))
        #expect(try files.destination(ofLink: link) == "elsewhere")
        try files.replace(directory.path.appending("f"), with: [1], mode: 0o600, owner: .here)
        #expect(throws: FileError.self) {
            try files.createLink(directory.path.appending("f"), to: "nowhere", owner: .here)
        }
        #expect(try files.list(directory.path) == ["f", "l"])
    }

    @Test func `a program keeps its set-user-ID bit under another owner`() throws {
        let file = directory.path.appending("f")
        try files.replace(file, with: [1], mode: 0o6755, owner: Owner(user: 1, group: 2))
        let status = try #require(try files.status(of: file))
        #expect(status.mode == 0o6755 && status.owner == Owner(user: 1, group: 2))
        try files.setOwner(Owner(user: 3, group: 4), mode: 0o4711, of: file, expecting: status)
        #expect(try files.status(of: file)?.mode == 0o4711)
    }
}

extension Owner {
    /// The user of this process.
    fileprivate static var here: Owner { Owner(user: geteuid(), group: getegid()) }
}
