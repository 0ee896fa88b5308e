import PropelTesting
import RecordedOperations
import Testing

@testable import Propel

@Suite(.recorded) struct RepositoryContentsTests {
    private let asked = AskedRanges()
    private static let path = RepositoryFile("files/large")

    /// A machine whose laptop has this file.
    /// - Parameter sent: the bytes that the laptop sends; those of the file by default.
    private func machine(_ bytes: [UInt8], sent: [UInt8]? = nil, on fake: FakeMachine = FakeMachine()) -> Machine {
        let content = RepositoryContent(size: bytes.count, hash: SHA256.hash(bytes))
        let contents = RepositoryContents(RepositoryManifest(files: [Self.path.path: content])) {
            [asked] wanted, receive in
            for range in wanted {
                asked.add(range)
                let part = Array((sent ?? bytes)[range.offset..<range.offset + range.size])
                for start in stride(from: 0, to: part.count, by: 100) {
                    let piece = Array(part[start..<min(start + 100, part.count)])
                    try receive(Piece(file: range.hash, offset: range.offset + start, size: piece.count), piece)
                }
            }
        }
        return Machine(files: fake.files, commands: fake.commands, repository: contents)
    }

    private func stage(_ machine: Machine) async throws -> FilePath {
        try await machine.stage(Self.path, for: "/etc/large", mode: 0o640, owner: .root)
    }

    private let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    private var fetched: FilePath { Machine.state.appending("contents").appending(SHA256.hash(bytes)) }

    @Test func `a content is fetched to the disk, and put in place from there`() async throws {
        let fake = FakeMachine(), machine = machine(bytes, on: fake)
        try await machine.fetch([try machine.repository.manifest.content(of: Self.path)])
        #expect(fake.files[fetched]?.bytes == bytes)
        #expect(fake.files[fetched]?.status.mode == 0o600)
        #expect(fake.files[fetched.removingLastComponent()]?.status.mode == 0o700)
        let staged = try await stage(machine)
        #expect(fake.files[staged]?.bytes == bytes)
        #expect(fake.files[staged]?.status.mode == 0o640)
        #expect(asked.ranges.count == 1, "it was there already")
        try machine.forgetFetchedContents()
        #expect(fake.files[fetched] == nil)
    }

    @Test func `what has arrived before is not fetched again`() async throws {
        let fake = FakeMachine(), machine = machine(bytes, on: fake)
        fake.files.put(fetched, bytes: Array(bytes.prefix(300)), mode: 0o600)
        try machine.forgetFetchedContents()
        #expect(fake.files[fetched] != nil, "it is not complete, and still wanted")
        let staged = try await stage(machine)
        #expect(fake.files[staged]?.bytes == bytes)
        #expect(asked.ranges == [ContentRange(hash: SHA256.hash(bytes), offset: 300, size: 700)])
    }

    @Test func `what a power cut has damaged is fetched again`() async throws {
        let fake = FakeMachine(), machine = machine(bytes, on: fake)
        fake.files.put(fetched, bytes: [UInt8](repeating: 0, count: 1000), mode: 0o600)
        let staged = try await stage(machine)
        #expect(fake.files[staged]?.bytes == bytes)
    }

    @Test func `a content that is another one than promised replaces nothing`() async throws {
        let fake = FakeMachine(), machine = machine(bytes, sent: bytes.reversed(), on: fake)
        fake.files.put("/etc/large", "before")
        await #expect(throws: RepositoryContents.changed("files/large")) { try await stage(machine) }
        #expect(fake.files.text(at: "/etc/large") == "before")
        #expect(fake.files[FilePath("/etc/large").stagingPath] == nil)
        await #expect(throws: RepositoryContents.changed("files/large")) { try await machine.bytes(of: Self.path) }
    }

    @Test func `what no file of the repository has is removed`() async throws {
        let fake = FakeMachine(), machine = machine(bytes, on: fake)
        let old = fetched.removingLastComponent().appending(SHA256.hash([1]))
        fake.files.put(old, "x", mode: 0o600)
        try await machine.fetch([try machine.repository.manifest.content(of: Self.path)])
        #expect(fake.files[old] == nil)
    }

    @Test func `an empty file and a small one in memory need no disk`() async throws {
        let fake = FakeMachine()
        let empty = machine([], on: fake)
        #expect(fake.files[try await stage(empty)]?.bytes == [])
        #expect(try await empty.bytes(of: Self.path) == [])
        #expect(asked.ranges.isEmpty)
        let small = machine(bytes, on: fake)
        #expect(try await small.bytes(of: Self.path) == bytes)
        #expect(fake.files[try await stage(small)]?.bytes == bytes)
        #expect(asked.ranges.count == 1)
        #expect(fake.files[fetched] == nil)
    }

    @Test func `without a laptop the failure says what to do`() async throws {
        let content = RepositoryContent(size: 1, hash: SHA256.hash([1]))
        let machine = Machine(
            files: FakeMachine().files, commands: FakeMachine().commands,
            repository: RepositoryContents(RepositoryManifest(files: [Self.path.path: content])))
        let failure = await #expect(throws: Failure.self) { try await stage(machine) }
        #expect(failure?.advice?.hasPrefix("Run `propel`") == true)
        await #expect(throws: Failure.self) { try await machine.bytes(of: RepositoryFile("files/other")) }
    }

    @Test func `a real file is written in pieces`() throws {
        let directory = try TemporaryDirectory(), file = directory.path.appending("a")
        let files = LocalFileSystem()
        try files.write([1, 2, 3], to: file, at: 0)
        try files.write([4, 5], to: file, at: 3)
        #expect(try files.read(file) == [1, 2, 3, 4, 5])
        #expect(try files.status(of: file)?.mode == 0o600)
        try files.createLink(directory.path.appending("b"), to: "a")
        #expect(throws: FileError.self) { try files.write([1], to: directory.path.appending("b"), at: 0) }
    }
}
