import Libc
import PropelTesting
import Synchronization
import Testing

@testable import Propel

/// The way into a run for those who join it, over a real socket.
@Suite struct RunSocketTests {
    private let folder: TemporaryDirectory
    private let asked = Recorder(), answers = Answers()
    private let requests: RunRequests
    private let socket: RunSocket
    private static let versions = ["a": "v1"]

    /// The answers that viewers get, as they arrive.
    private final class Answers: Sendable {
        let all = Mutex<[RunAnswer]>([])

        func wait(for count: Int) async throws -> [RunAnswer] {
            while true {
                let now = all.withLock(\.self)
                if now.count >= count { return now }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    init() throws {
        folder = try TemporaryDirectory()
        socket = try RunSocket(at: folder.path.appending("socket"))
        let ask: @Sendable (Event) -> Void = { [asked, socket] event in
            asked.add(event.json["kind"]?.string ?? "")
            socket.send(OpenRequest(event, host: "web1", secrets: Self.versions))
        }
        requests = RunRequests(
            secrets: SecretDelivery { ask(.needs(secrets: $0)) }, contents: ContentDelivery { ask(.fetch($0)) },
            confirmation: ConfirmationDelivery(interval: .milliseconds(1)) { ask(.confirm(token: $0)) },
            wave: WaveDelivery(
                interval: .milliseconds(1), announce: { ask(.ready) },
                promise: { [asked] in asked.add("promise \($0)") }))
    }

    private func serve(interrupt: @escaping @Sendable () -> Void = {}) {
        socket.serve { [requests] in
            requests.open.map { OpenRequest($0, host: "web1", secrets: Self.versions) }
        } follow: { [requests] in
            requests.follow(&$0, interrupt: interrupt)
        }
    }

    private func join() throws -> RunSocketConnection {
        let connection = try #require(RunSocketConnection(to: folder.path.appending("socket")))
        connection.readRequests { [answers] answer in answers.all.withLock { $0.append(answer) } }
        return connection
    }

    /// Sends instructions as the laptop does.
    private func send(_ bytes: [UInt8], over connection: RunSocketConnection) throws {
        let pipe = try FileDescriptor.pipe()
        BlockingThread.start {
            _ = try? pipe.writeEnd.writeAll(bytes)
            try? pipe.writeEnd.close()
        }
        var lines = LineReader(descriptor: pipe.readEnd)
        defer { try? pipe.readEnd.close() }
        try connection.forward(&lines)
    }

    private func message(_ instruction: Instruction, _ bytes: [UInt8] = []) -> [UInt8] {
        instruction.json.line + bytes
    }

    @Test func `who joins later is told what is open, and its secret arrives`() async throws {
        serve()
        async let brought = requests.secrets.request(["a"])
        try await asked.wait()
        let viewer = try join()
        let open = RunAnswer.open(OpenRequest(.needs(secrets: ["a"]), host: "web1", secrets: Self.versions))
        #expect(try await answers.wait(for: 1) == [open])
        // Bytes that look like lines.
        let plaintext = Array("x\n{\"kind\":\"interrupt\"}\n".utf8)
        try send(message(.secret(name: "a", size: plaintext.count), plaintext), over: viewer)
        let secrets = try await brought
        #expect(secrets["a"]?.withUnsafeBytes { Array($0) } == plaintext)
        #expect(requests.open == [])
        viewer.close()
        socket.close()
    }

    @Test func `nothing is open where nothing is waited for, and what comes later is told`() async throws {
        serve()
        let viewer = try join()
        let hash = SHA256.hash([1]), range = ContentRange(hash: hash, offset: 0, size: 3)
        let arrived = Mutex<[UInt8]>([])
        async let fetched: Void = requests.contents.fetch([range]) { _, bytes in arrived.withLock { $0 += bytes } }
        let told = try await answers.wait(for: 1)
        #expect(told.allSatisfy { $0 == .open(OpenRequest(.fetch(range), host: "web1", secrets: Self.versions)) })
        try send(message(.piece(Piece(file: hash, offset: 0, size: 3)), [1, 2, 3]), over: viewer)
        try await fetched
        #expect(arrived.withLock(\.self) == [1, 2, 3] && requests.open == [])
        viewer.close()
        socket.close()
    }

    @Test func `a viewer interrupts the run, and one that leaves does not`() async throws {
        let (interruptions, continuation) = AsyncStream<Void>.makeStream()
        serve { continuation.yield() }
        try join().close()
        let second = try join()
        try send(message(.interrupt), over: second)
        for await _ in interruptions { break }
        second.close()
        socket.close()
    }

    @Test func `a refused confirmation of a viewer ends the wait`() async throws {
        serve()
        let viewer = try join()
        async let reason = requests.confirmation.request("1f") { false }
        try await asked.wait()
        _ = try await answers.wait(for: 1)
        try send(message(.unconfirmed(Unconfirmed(.login, "no"))), over: viewer)
        #expect(await reason == Unconfirmed(.login, "no"))
        viewer.close()
        socket.close()
    }

    @Test func `the laptop decides over another connection than the first one`() async throws {
        serve()
        async let reason = requests.wave.wait()
        try await asked.wait()
        let viewer = try join()
        let open = RunAnswer.open(OpenRequest(.ready, host: "web1", secrets: Self.versions))
        let told = try await answers.wait(for: 1)
        #expect(told.allSatisfy { $0 == open }, "it still waits")
        try send(message(.decide(.promise(round: 3))), over: viewer)
        while !asked.words.contains("promise 3") { try await Task.sleep(for: .milliseconds(1)) }
        try send(message(.decide(.putBack(because: "web2 failed"))), over: viewer)
        #expect(await reason == "web2 failed")
        #expect(requests.open == [], "it waits no longer")
        viewer.close()
        socket.close()
    }

    /// Otherwise a laptop behind a frozen link would stop the machine.
    @Test func `a viewer that does not read does not hold the run up`() async throws {
        serve()
        async let brought = requests.secrets.request(["a"])
        try await asked.wait()
        let deaf = try #require(RunSocketConnection(to: folder.path.appending("socket")))
        // One after the other: both are known once the second is told.
        let viewer = try join()
        _ = try await answers.wait(for: 1)
        let names = (0..<1000).map { "secret-number-\($0)" }
        for _ in 0..<200 { socket.send(OpenRequest(.needs(secrets: names), host: "web1", secrets: [:])) }
        requests.secrets.deliver(try SecretBytes(copying: [1]), as: "a")
        _ = try await brought
        deaf.close()
        viewer.close()
        socket.close()
    }

    /// What follows half a line would be read as the rest of it.
    @Test func `a viewer that has got half a line is cut off`() async throws {
        serve()
        async let brought = requests.secrets.request(["a"])
        try await asked.wait()
        let slow = try #require(RunSocketConnection(to: folder.path.appending("socket")))
        // As above: both are known.
        let viewer = try join()
        _ = try await answers.wait(for: 1)
        // More than a socket takes at once.
        let name = String(repeating: "x", count: 1 << 20)
        socket.send(OpenRequest(.needs(secrets: [name]), host: "web1", secrets: [:]))
        let descriptor = slow.descriptor.rawValue
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var buffer = [UInt8](repeating: 0, count: 1 << 16), total = 0, count = 0
        repeat {
            count = read(descriptor, &buffer, buffer.count)
            total += max(0, count)
        } while count > 0
        #expect(total > 0 && total < name.utf8.count, "it has got a part")
        #expect(count == 0, "nothing comes after it")
        requests.secrets.deliver(try SecretBytes(copying: [1]), as: "a")
        _ = try await brought
        slow.close()
        viewer.close()
        socket.close()
    }

    @Test func `a run that has ended takes nothing, and leaves no socket`() throws {
        serve()
        socket.close()
        #expect(RunSocketConnection(to: folder.path.appending("socket")) == nil)
        #expect(try LocalFileSystem().status(of: folder.path.appending("socket")) == nil)
        #expect(throws: Errno.self) { try RunSocket(at: FilePath("/" + String(repeating: "x", count: 200))) }
    }
}
