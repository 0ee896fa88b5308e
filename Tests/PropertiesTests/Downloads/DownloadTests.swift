import PropelTesting
import Properties
import RecordedOperations
import Synchronization
import Testing

@Suite(.recorded) struct DownloadTests {
    private let fake = FakeMachine()
    private static let content = Array("#!/bin/sh\n".utf8)
    private static let hash = SHA256.hash(content)

    init() {
        fake.files.put(directory: "/usr/local/bin")
        serve(Self.content)
    }

    /// What apt's helper downloads.
    private func serve(_ bytes: [UInt8]?) {
        fake.commands.program("/usr/lib/apt/apt-helper") { [fake] command in
            guard let bytes else {
                return .failing(100, "E: Failed to fetch https://example.com/tool  404  Not Found\n")
            }
            let words = command.arguments
            guard let start = words.firstIndex(of: "download-file") else { return .failing(1) }
            try fake.files.write(FilePath(words[start + 2]), bytes: bytes)
            return .printing()
        }
    }

    private func tool(_ hash: String = Self.hash) -> Download {
        Download("https://example.com/tool", sha256: hash, to: "/usr/local/bin/tool", mode: 0o755)
    }

    @Test func `a file is downloaded, repaired and reverted`() async throws {
        let before = fake.files.snapshot
        let change = try await fake.obeysLaw(tool())
        #expect(change.reason == "download https://example.com/tool with mode 0755, owner root:root")
        #expect(fake.files["/usr/local/bin/tool"]?.bytes == Self.content)
        #expect(
            fake.commands.log.contains {
                $0.hasSuffix("SHA256:\(Self.hash)") && $0.contains("https://example.com/tool")
            })
        fake.files.put("/usr/local/bin/tool", "broken", mode: 0o755)
        #expect(try await fake.obeysLaw(tool()).reason == "other content: download https://example.com/tool")
        try await fake.obeysLaw(tool().reverted())
        #expect(fake.files.snapshot == before)
        #expect(try fake.files.list("/var/lib/propel/downloads") == [])
    }

    @Test func `a file with another hash is not installed`() async throws {
        serve(Array("other".utf8))
        let failure = await #expect(throws: Failure.self) { try await tool().apply(on: fake.machine) }
        #expect(failure?.message.hasSuffix("instead of \(Self.hash)") == true)
        #expect(fake.files["/usr/local/bin/tool"] == nil)
        #expect(try fake.files.list("/var/lib/propel/downloads") == [])
    }

    @Test func `a failed download names the URL`() async throws {
        serve(nil)
        let failure = await #expect(throws: Failure.self) { try await tool().apply(on: fake.machine) }
        #expect(failure?.message == "https://example.com/tool could not be downloaded")
        #expect(failure?.output.last?.contains("404") == true)
    }

    @Test func `only the mode is changed where the content is right`() async throws {
        fake.files.put("/usr/local/bin/tool", bytes: Self.content, mode: 0o644)
        #expect(try await fake.obeysLaw(tool()).reason == "mode 0644 → 0755")
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `each architecture has its file`() async throws {
        let other = Download(to: "/usr/local/bin/tool", [:])
        #expect(other.problems.count == 1)
        let all = Download(
            to: "/usr/local/bin/tool",
            [
                .x86_64: .init("https://example.com/a", sha256: Self.hash),
                .aarch64: .init("http://x/b", sha256: Self.hash),
            ])
        #expect(all.problems.isEmpty)
    }

    @Test(arguments: [
        ("ftp://example.com/x", String(repeating: "a", count: 64)),
        ("https://example.com/a b", String(repeating: "a", count: 64)),
        ("https://example.com/x", "abc"), ("https://example.com/x", String(repeating: "g", count: 64)),
    ]) func `an invalid URL or hash is a problem`(_ url: String, _ hash: String) {
        #expect(Download(url, sha256: hash, to: "/x").problems.count == 1)
    }
}

@Suite(.recorded) struct UnpackedTests {
    private let fake = FakeMachine()
    private static let hash = SHA256.hash(Array("archive".utf8))

    init() {
        fake.files.put(directory: "/opt")
        fake.commands.program("/usr/lib/apt/apt-helper") { [fake] command in
            try fake.files.write(FilePath(command.arguments[4]), bytes: Array("archive".utf8))
            return .printing()
        }
        fake.commands.program("tar") { [fake] command in
            let directory = command.arguments.first { $0.hasPrefix("--directory=") }?.dropFirst(12) ?? ""
            try fake.files.write(FilePath("\(directory)/tool"), bytes: Array("new".utf8))
            return .printing()
        }
        fake.commands.program("sync")
        fake.commands.program("mv") { [fake] command in
            try fake.files.rename(FilePath(command.arguments[2]), to: FilePath(command.arguments[3]))
            return .printing()
        }
        fake.commands.program("rm") { [fake] command in
            for path in command.arguments.dropFirst(3) { try fake.files.deleteTree(FilePath(path)) }
            return .printing()
        }
    }

    private func app(_ strip: Int = 1) -> Unpacked {
        Unpacked("https://example.com/app.tar.gz", sha256: Self.hash, to: "/opt/app", strip: strip)
    }

    @Test func `an archive is unpacked, exchanged as a whole and reverted`() async throws {
        #expect(try await fake.obeysLaw(app()).reason == "unpack https://example.com/app.tar.gz")
        fake.files.put("/opt/app/left", "of the older version")
        try await fake.obeysLaw(app(0))
        #expect(try fake.files.list("/opt/app") == ["tool"] && fake.files.list("/opt") == ["app"])
        try await fake.obeysLaw(app(0).reverted())
        #expect(try fake.files.list("/opt") == [])
    }

    /// Whenever the run or the power is cut: what is in place is whole, or counts as replaced.
    @Test func `what is unpacked is on the disk and announced before it is moved`() async throws {
        try await fake.obeysLaw(app())
        fake.operations.clear()
        try await app(0).apply(on: fake.machine)
        let record = "replace /var/lib/propel/unpacked/"
        try fake.operations.require(order: ["tar ", "sync --file-system", record, "mv "])
        #expect(try fake.operations.last("mv ") < fake.operations.last(record))
        #expect(try fake.operations.last(record) < fake.operations.last("rm "))
    }

    @Test func `a directory that is not its own is refused`() async throws {
        fake.files.put("/opt/app/data", "mine")
        let failure = await #expect(throws: Failure.self) { try await fake.check(app()) }
        #expect(failure?.message == "/opt/app is there already, and Propel did not unpack it")
    }

    @Test func `a failure leaves the former directory`() async throws {
        try await fake.obeysLaw(app())
        fake.commands.program("tar", status: 2, errors: "tar: not an archive\n")
        await #expect(throws: CommandFailure.self) { try await app(0).apply(on: fake.machine) }
        #expect(fake.files.text(at: "/opt/app/tool") == "new")
        let left = try fake.files.list("/opt")
        #expect(left == ["app"])
        #expect(try await fake.check(app()) == .satisfied)
    }

    @Test func `a zip archive is unpacked, without its only directory`() async throws {
        fake.commands.program("unzip") { [fake] command in
            try fake.files.createDirectory(FilePath("\(command.arguments.last ?? "")/app"), mode: 0o755, owner: .root)
            // Named like its directory.
            try fake.files.write(FilePath("\(command.arguments.last ?? "")/app/app"), bytes: Array("new".utf8))
            return .printing()
        }
        let zip = { (strip: Int) in
            Unpacked(
                to: "/opt/app", strip: strip, members: ["app/*"],
                [
                    .x86_64: .init("https://example.com/app.zip", sha256: Self.hash),
                    .aarch64: .init("https://example.com/app.zip", sha256: Self.hash),
                ])
        }
        try await fake.obeysLaw(zip(1))
        #expect(fake.files.text(at: "/opt/app/app") == "new")
        #expect(fake.commands.log.contains("unzip -q -o /var/lib/propel/downloads/part 'app/*' -d /opt/.app.propel"))
        let failure = await #expect(throws: Failure.self) { try await zip(2).apply(on: fake.machine) }
        #expect(failure?.message == "1 leading directories of /opt/app can be left out, and 2 are declared")
        #expect(try fake.files.list("/opt") == ["app"])
        #expect(Unpacked(to: "/opt/app", [:]).problems.count == 1)
    }
}
