import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct ChecksumsTests {
    private let fake = FakeMachine()
    private let served = Served()

    private final class Served: Sendable {
        let list = Mutex("")
        let isSigned = Mutex(true)
    }

    private static let content = Array("#!/bin/sh\n".utf8)
    private static let hash = SHA256.hash(content)
    private static let url = "https://example.com/1.4/tool"

    private static let key = """
        -----BEGIN PGP PUBLIC KEY BLOCK-----

        mDMEawxeThYJKwYBBAHaRw8BAQdAr103m+B53uET71Nsar7NlmSo5jYHhX8yG1yC
        qlcnf760DXRAZXhhbXBsZS5jb22IkAQTFggAOBYhBD8muWyn8GUXIlvsXCOh5tAn
        lmwdBQJrDF5OAhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJECOh5tAnlmwd
        g6gBANCXJPY4sfd1h4DM3YTh+GGmTcHetFLQa/Kv0wGgmKeSAP4rPnHKJ5Nqp7Rs
        eGQIt5barrEbUigqLoGBTCVvFeobCg==
        =M13t
        -----END PGP PUBLIC KEY BLOCK-----
        """

    init() {
        fake.files.put(directory: "/usr/local/bin")
        fake.files.put("/usr/bin/gpgv", "", mode: 0o755)
        served.list.withLock { $0 = "\(Self.hash)  tool\n" + String(repeating: "0", count: 64) + "  tool.sig\n" }
        fake.commands.program("/usr/lib/apt/apt-helper") { [fake, served] command in
            let words = command.arguments
            let bytes = words[3] == Self.url ? Self.content : Array(served.list.withLock { $0 }.utf8)
            guard try fake.files.status(of: FilePath(words[4])) == nil else { return .failing(1, "not modified\n") }
            try fake.files.write(FilePath(words[4]), bytes: bytes)
            return .printing()
        }
        fake.commands.program("gpgv") { [fake, served] command in
            guard fake.files["/var/lib/propel/downloads/keyring.gpg"]?.bytes.first == 0x98 else {
                return .failing(2, "gpgv: no key\n")
            }
            guard served.isSigned.withLock({ $0 }) else { return .failing(1, "gpgv: BAD signature from “x”\n") }
            return .printing(command.arguments.contains("--output") ? served.list.withLock { $0 } : "")
        }
    }

    private func tool(signature: String? = "https://example.com/1.4/SUMS.sig", entry: String? = nil) -> Download {
        Download(
            Self.url, to: "/usr/local/bin/tool", mode: 0o755,
            checksums: .init("https://example.com/1.4/SUMS", signature: signature, key: Self.key, entry: entry))
    }

    @Test func `a file is downloaded by its entry in a signed list, and repaired`() async throws {
        for signature in ["https://example.com/1.4/SUMS.sig", nil] {
            try await fake.obeysLaw(tool(signature: signature))
            #expect(fake.files["/usr/local/bin/tool"]?.bytes == Self.content)
            fake.files.put("/usr/local/bin/tool", "broken", mode: 0o755)
            try await fake.obeysLaw(tool(signature: signature))
            try await fake.obeysLaw(tool(signature: signature).reverted())
        }
        #expect(try fake.files.list("/var/lib/propel/downloads") == [])
    }

    @Test func `a list that was changed is not believed`() async throws {
        served.isSigned.withLock { $0 = false }
        let failure = await #expect(throws: Failure.self) { try await tool().apply(on: fake.machine) }
        #expect(failure?.message == "https://example.com/1.4/SUMS has no good signature of the declared key")
        #expect(fake.files["/usr/local/bin/tool"] == nil)
        #expect(try fake.files.list("/var/lib/propel/downloads") == [])
    }

    @Test func `a version that changed afterwards is not installed`() async throws {
        try await fake.obeysLaw(tool())
        served.list.withLock { $0 = String(repeating: "1", count: 64) + "  tool\n" }
        #expect(try await fake.check(tool()) == .satisfied)
        fake.files.put("/usr/local/bin/tool", "broken", mode: 0o755)
        let failure = await #expect(throws: Failure.self) { try await tool().apply(on: fake.machine) }
        #expect(failure?.message.contains("another SHA-256") == true)
    }

    @Test func `a file that the list does not have is a failure`() async throws {
        for list in ["", "\(Self.hash)  tool2\n", "\(Self.hash)  x/tool\n", "\(Self.hash.dropLast())  tool\n"] {
            served.list.withLock { $0 = list }
            let failure = await #expect(throws: Failure.self) { try await tool().apply(on: fake.machine) }
            #expect(failure?.message == "https://example.com/1.4/SUMS has no SHA-256 of tool")
        }
        served.list.withLock { $0 = "\(Self.hash)  tool\n\(String(repeating: "1", count: 64))  tool\n" }
        await #expect(throws: Failure.self) { try await tool().apply(on: fake.machine) }
        served.list.withLock { $0 = "\(Self.hash)  x\n" }
        try await fake.obeysLaw(tool(entry: "x"))
    }

    @Test(arguments: ["HASH  tool", "HASH *tool", "HASH  ./tool", "SHA256 (tool) = HASH", "  HASH  tool "])
    func `entries are read as the programs write them`(_ line: String) {
        let entries = Download.Checksums.entries(of: line.replacing("HASH", with: Self.hash.uppercased()))
        #expect(entries.map(\.name) == ["tool"] && entries.map(\.hash) == [Self.hash])
    }

    @Test(arguments: [
        "", "key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nmDME\n-----END PGP PRIVATE KEY BLOCK-----",
    ]) func `what is no public key is a problem`(_ key: String) {
        let download = Download(Self.url, to: "/x", checksums: .init("https://example.com/SUMS", key: key))
        #expect(download.problems.count == 1)
    }

    @Test func `headers of a key are not part of it`() {
        let plain = Download.Checksums.keyring(Self.key)
        let commented = Self.key.replacing("BLOCK-----\n\n", with: "BLOCK-----\nComment: x\n\n")
        #expect(plain != nil && Download.Checksums.keyring(commented) == plain)
        #expect(Download.Checksums.keyring(Self.key + "\n" + Self.key) == (plain ?? []) + (plain ?? []))
    }
}
