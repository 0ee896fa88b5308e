import DiskCalls
import Foundation
import Synchronization
import Testing

@testable import Propel

/// Files that go from one directory to another over a pipe, as they do between two hosts.
@Suite struct TransferTests {
    private let source: FilePath
    private let destination: FilePath
    private let machine = Machine(files: LocalFileSystem(), commands: LocalCommands())
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
        source = folder.path.appending("source")
        destination = folder.path.appending("destination")
        try FileManager.default.createDirectory(atPath: source.string, withIntermediateDirectories: true)
    }

    private func put(_ name: String, _ bytes: [UInt8], in directory: FilePath) throws {
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: directory.appending(name).string))
    }

    private func content(_ directory: FilePath) throws -> [String: [UInt8]] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.string)
        return try Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, [UInt8](try Data(contentsOf: URL(filePath: directory.appending($0).string))))
            })
    }

    private func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255) } }

    /// The bytes that are sent to a receiver that has the first part of each file of `source`.
    private func sent(_ arrived: [String: Int] = [:]) async throws -> (bytes: [UInt8], events: [Event]) {
        let stream = Mutex<[UInt8]>([]), events = Mutex<[Event]>([])
        try await FileSender(transfer: FileTransfer(source) {}, arrived: arrived) { event, bytes in
            events.withLock { $0.append(event) }
            guard case .piece(let piece) = event else { return }
            stream.withLock { $0 += Instruction.piece(piece).json.line + bytes }
        }.run(on: machine)
        return (stream.withLock(\.self), events.withLock(\.self))
    }

    /// Lets a receiver read these bytes, and then the end of the stream.
    /// - Returns: its events.
    @discardableResult
    private func receive(
        _ bytes: [UInt8], completion: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> [Event] {
        let pipe = try FileDescriptor.pipe(), events = Mutex<[Event]>([])
        defer {
            // To the end, even after an error: a writer without a reader is ended by SIGPIPE.
            var rest = [UInt8](repeating: 0, count: 1 << 16)
            while let count = try? rest.withUnsafeMutableBytes({ try pipe.readEnd.read(into: $0) }), count > 0 {}
            try? pipe.readEnd.close()
        }
        BlockingThread.start {
            _ = try? pipe.writeEnd.writeAll(bytes)
            try? pipe.writeEnd.close()
        }
        try await FileReceiver(transfer: FileTransfer(destination, completion: completion)) { event in
            events.withLock { $0.append(event) }
        }
        .run(LineReader(descriptor: pipe.readEnd), on: machine)
        return events.withLock(\.self)
    }

    private let whole = Array("{\"kind\":\"whole\"}\n".utf8)

    @Test func `the received files are the sent files`() async throws {
        let files = [
            "backup.json": random(100), "data.dump": random(3 * Piece.limit + 17), "empty": [],
            "exact": random(Piece.limit),
        ]
        for (name, bytes) in files { try put(name, bytes, in: source) }
        let (bytes, events) = try await sent()
        #expect(
            events.first == .answer(["bytes": .integer(files.values.map(\.count).reduce(0, +))])
                && events.last == .answer(["sent": true]))
        let isComplete = Mutex(false)
        let answers = try await receive(bytes + whole) { isComplete.withLock { $0 = true } }
        #expect(answers == [.answer(["arrived": [:]])])
        #expect(try content(destination) == files)
        #expect(isComplete.withLock { $0 })
        let modes = try FileManager.default.contentsOfDirectory(atPath: destination.string).map {
            try machine.files.status(of: destination.appending($0))?.mode
        }
        #expect(try machine.files.status(of: destination)?.mode == 0o700 && modes.allSatisfy { $0 == 0o600 })
    }

    @Test(arguments: [0, 10, Piece.limit, Piece.limit + 300, 2 * Piece.limit + 250])
    func `an interrupted transfer continues`(_ cut: Int) async throws {
        let files = ["a": random(2 * Piece.limit), "b": random(500)]
        for (name, bytes) in files { try put(name, bytes, in: source) }
        let first = try await sent().bytes
        await #expect(throws: (any Error).self) { try await receive(Array(first.prefix(cut))) }
        let answers = try await receive(whole)
        guard case .answer(let answer)? = answers.first,
            let arrived = answer["arrived"]?.object?.compactMapValues(\.integer)
        else {
            Issue.record("\(answers)")
            return
        }
        let rest = try await sent(arrived).bytes
        // A piece counts only when all of it has arrived.
        #expect((rest.count < first.count) == (cut > Piece.limit + 200))
        try await receive(rest + whole)
        #expect(try content(destination) == files)
    }

    @Test func `a transfer is complete only when all files have arrived`() async throws {
        try put("a", random(5), in: source)
        let bytes = try await sent().bytes
        let failure = await #expect(throws: Failure.self) {
            try await receive(bytes) { Issue.record("it was not told that these were all") }
        }
        #expect(failure?.advice?.contains("Run again") == true)
    }

    @Test(arguments: ["../escape", "/etc/passwd", ".hidden", "a/b", "", "a b", "a\\u0000b"])
    func `a name that leads out of the directory is refused`(_ name: String) async throws {
        let piece = Array(#"{"kind":"piece","file":"\#(name)","offset":0,"size":1}"#.utf8) + [0x0A, 0x41]
        await #expect(throws: MalformedMessage.self) { try await receive(piece + whole) }
        #expect(try content(destination).isEmpty)
    }

    @Test(arguments: [
        #"{"kind":"piece","file":"a","offset":1,"size":1}"#, #"{"kind":"piece","file":"a","offset":-1,"size":1}"#,
        #"{"kind":"piece","file":"a","offset":0,"size":99999999}"#,
    ])
    func `a piece that does not fit is refused`(_ piece: String) async throws {
        await #expect(throws: (any Error).self) {
            try await receive(Array("\(piece)\nA".utf8) + whole) { Issue.record("it is not whole") }
        }
        #expect(try content(destination)["a"]?.isEmpty != false)
    }

    @Test func `a piece that arrives twice changes nothing`() async throws {
        let bytes = random(Piece.limit + 500)
        try put("a", bytes, in: source)
        let stream = try await sent().bytes
        try await receive(stream + stream + whole)
        #expect(try content(destination) == ["a": bytes])
    }

    @Test func `a finished transfer requests nothing`() async throws {
        let pipe = try FileDescriptor.pipe(), events = Mutex<[Event]>([])
        try pipe.writeEnd.close()
        defer { try? pipe.readEnd.close() }
        try await FileReceiver(transfer: .done) { event in events.withLock { $0.append(event) } }.run(
            LineReader(descriptor: pipe.readEnd), on: machine)
        #expect(events.withLock(\.self) == [.answer(["complete": true])])
        #expect(!FileManager.default.fileExists(atPath: destination.string))
    }

    @Test func `a link is not followed`() async throws {
        try put("target", [1], in: source)
        try FileManager.default.createDirectory(atPath: destination.string, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: destination.appending("a").string, withDestinationPath: source.appending("target").string)
        await #expect(throws: Failure.self) {
            try await receive(Array("{\"kind\":\"piece\",\"file\":\"a\",\"offset\":0,\"size\":1}\nA".utf8) + whole)
        }
        #expect(try content(source) == ["target": [1]])
    }

    @Test func `only files are sent`() async throws {
        try FileManager.default.createDirectory(
            atPath: source.appending("folder").string, withIntermediateDirectories: true)
        await #expect(throws: Failure.self) { try await sent() }
    }

    @Test func `each file is synced before the transfer completes`() async throws {
        try put("a", [1, 2, 3], in: source)
        try put("b", [4], in: source)
        let bytes = try await sent().bytes + whole
        let completed = Mutex(false)
        let calls = try await DiskCalls.observe(below: destination.string + "/") {
            try await receive(bytes) { completed.withLock { $0 = true } }
        }
        #expect(calls == ["sync \(destination)/a 3 bytes", "sync \(destination)/b 1 bytes"])
        #expect(completed.withLock { $0 })
    }

    @Test func `a file that cannot be synced stops the transfer`() async throws {
        try put("a", [1, 2, 3], in: source)
        try put("b", [4], in: source)
        let bytes = try await sent().bytes + whole
        let completed = Mutex(false)
        for name in ["/a", "/b"] {
            await #expect(throws: Failure.self) {
                _ = try await DiskCalls.observe(below: destination.string, failing: name) {
                    try await receive(bytes) { completed.withLock { $0 = true } }
                }
            }
        }
        #expect(!completed.withLock { $0 })
    }
}
