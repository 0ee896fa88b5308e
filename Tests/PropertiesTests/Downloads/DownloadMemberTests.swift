import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct DownloadMemberTests {
    private let fake = FakeMachine()
    private static let hash = SHA256.hash(Array("archive".utf8))

    init() {
        fake.files.put(directory: "/usr/local/bin")
        fake.commands.program("/usr/lib/apt/apt-helper") { [fake] command in
            try fake.files.write(FilePath(command.arguments[4]), bytes: Array("archive".utf8))
            return .printing()
        }
        for program in ["tar", "unzip"] {
            fake.commands.program(program) { [fake] command in
                let directory = FilePath("/var/lib/propel/downloads/unpacked/tool-1.4")
                try fake.files.createDirectory(directory, mode: 0o755, owner: .root)
                try fake.files.write(directory.appending("tool"), bytes: Array("new".utf8))
                return .printing()
            }
        }
    }

    private func tool(
        _ hash: String = Self.hash, of type: String = "tar.gz", _ member: String = "tool-1.4/tool"
    )
        -> Download
    {
        Download(
            "https://example.com/tool.\(type)", sha256: hash, to: "/usr/local/bin/tool", member: member, mode: 0o755)
    }

    @Test(arguments: ["tar.gz", "zip"])
    func `one file of an archive is put in place, repaired and reverted`(_ type: String) async throws {
        let before = fake.files.snapshot
        let what = "tool-1.4/tool of https://example.com/tool.\(type)"
        #expect(try await fake.obeysLaw(tool(of: type)).reason == "download \(what) with mode 0755, owner root:root")
        #expect(fake.files.text(at: "/usr/local/bin/tool") == "new")
        #expect(fake.files["/usr/local/bin/tool"]?.status.mode == 0o755)
        #expect(fake.commands.log.count == 2)
        // A check downloads nothing.
        #expect(try await fake.check(tool(of: type)) == .satisfied && fake.commands.log.count == 2)
        fake.files.put("/usr/local/bin/tool", "broken", mode: 0o755)
        #expect(try await fake.obeysLaw(tool(of: type)).reason == "other content: download \(what)")
        #expect(fake.files.text(at: "/usr/local/bin/tool") == "new")
        try await fake.obeysLaw(tool(of: type).reverted())
        #expect(fake.files.snapshot == before)
        #expect(try fake.files.list("/var/lib/propel/downloads") == [])
    }

    @Test func `another archive, or another file of it, is downloaded again`() async throws {
        try await fake.obeysLaw(tool())
        #expect(try await fake.check(tool(String(repeating: "a", count: 64))) != .satisfied)
        #expect(try await fake.check(tool(Self.hash, of: "tar.gz", "tool-1.4/other")) != .satisfied)
    }

    @Test func `a file that is not in the archive is a failure, and nothing is left`() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await tool(Self.hash, of: "tar.gz", "tool-1.4").apply(on: fake.machine)
        }
        #expect(failure?.message == "tool-1.4 of https://example.com/tool.tar.gz is no file")
        #expect(fake.files["/usr/local/bin/tool"] == nil)
        #expect(try fake.files.list("/var/lib/propel/downloads") == [])
    }

    @Test(arguments: ["", "-x", "/etc/passwd", "../x", "a//b", "a*", "a\nb", "[a]"])
    func `an invalid name is a problem`(_ member: String) {
        #expect(tool(Self.hash, of: "tar.gz", member).problems.count == 1)
    }
}
