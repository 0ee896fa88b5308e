import PropelTesting
import Synchronization
import Testing

@testable import Propel

@Suite struct ContentDeliveryTests {
    private let asked = AskedRanges()

    private func delivery() -> ContentDelivery { ContentDelivery { [asked] in asked.add($0) } }

    private let hash = SHA256.hash([1]), other = SHA256.hash([2])

    private func range(_ hash: String, _ size: Int, from offset: Int = 0) -> ContentRange {
        ContentRange(hash: hash, offset: offset, size: size)
    }

    private func send(_ range: ContentRange, to delivery: ContentDelivery, in size: Int = Piece.limit) {
        for start in stride(from: 0, to: range.size, by: size) {
            let count = min(size, range.size - start)
            delivery.deliver(
                Piece(file: range.hash, offset: range.offset + start, size: count),
                [UInt8](repeating: 7, count: count))
        }
    }

    @Test func `a large content is asked for in parts, a limited number at a time`() async throws {
        let delivery = delivery(), size = 5 * ContentRange.limit + 10
        let arrived = Mutex<[ContentRange]>([])
        async let fetched: Void = delivery.fetch([range(hash, size)]) { piece, bytes in
            arrived.withLock {
                $0.append(ContentRange(hash: piece.file, offset: piece.offset, size: bytes.count))
            }
        }
        var sent = 0
        for next in 0..<6 {
            try await asked.wait(for: next + 1)
            let ranges = asked.ranges
            #expect(ranges.reduce(0) { $0 + $1.size } - sent <= 2 * ContentRange.limit)
            send(ranges[next], to: delivery)
            sent += ranges[next].size
        }
        try await fetched
        let pieces = arrived.withLock(\.self)
        #expect(pieces.reduce(0) { $0 + $1.size } == size)
        #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.offset + $0.size == $1.offset })
        #expect(asked.ranges == range(hash, size).parts)
    }

    @Test func `small contents are asked for at once, and strays are dropped`() async throws {
        let delivery = delivery(), count = Mutex(0)
        async let fetched: Void = delivery.fetch([range(hash, 10), range(other, 5, from: 3)]) { _, bytes in
            count.withLock { $0 += bytes.count }
        }
        try await asked.wait(for: 2)
        send(range(other, 5), to: delivery)
        send(range(hash, 10), to: delivery, in: 4)
        send(range(hash, 10), to: delivery, in: 4)
        send(range(other, 5, from: 3), to: delivery)
        try await fetched
        #expect(count.withLock(\.self) == 15)
    }

    /// An attempt that has failed may have asked for others, also of the same content.
    @Test func `only the piece that comes next counts`() async throws {
        let delivery = delivery(), arrived = Mutex<[Piece]>([]), wrong = Mutex(0)
        async let fetched: Void = delivery.fetch([range(hash, 10, from: 20), range(other, 4)]) { piece, bytes in
            arrived.withLock { $0.append(piece) }
            wrong.withLock { $0 += bytes.count { $0 != 1 } }
        }
        try await asked.wait(for: 2)
        let next = [
            Piece(file: hash, offset: 20, size: 5), Piece(file: hash, offset: 25, size: 5),
            Piece(file: other, offset: 0, size: 4),
        ]
        for piece in next {
            let strays = [
                Piece(file: piece.file, offset: piece.offset + 1, size: 4),
                Piece(file: piece.file, offset: piece.offset + 5, size: 4),
                Piece(file: piece.file, offset: max(0, piece.offset - 5), size: piece.offset == 0 ? 5 : 4),
                Piece(file: piece.file == hash ? other : hash, offset: piece.offset, size: 4),
                Piece(file: SHA256.hash([3]), offset: piece.offset, size: 4),
                Piece(file: piece.file, offset: piece.offset, size: 0),
                Piece(file: piece.file, offset: piece.offset, size: 11),
            ]
            for stray in strays { delivery.deliver(stray, [UInt8](repeating: 2, count: stray.size)) }
            delivery.deliver(piece, [UInt8](repeating: 1, count: piece.size))
        }
        // What has not arrived by now never does.
        delivery.close()
        try await fetched
        #expect(arrived.withLock(\.self) == next)
        #expect(wrong.withLock(\.self) == 0)
    }

    @Test func `a content that cannot be had does not keep the others away`() async throws {
        let delivery = delivery(), arrived = Mutex<Set<String>>([])
        let fetching = Task {
            try await delivery.fetch([range(hash, 3 * ContentRange.limit), range(other, 5)]) { piece, _ in
                arrived.withLock { _ = $0.insert(piece.file) }
            }
        }
        try await asked.wait(for: 2)
        delivery.refuse(hash, because: "files/a has changed")
        try await asked.wait(for: 3)
        delivery.refuse(hash, because: "files/a has changed")
        send(range(other, 5), to: delivery)
        let failure = await #expect(throws: Failure.self) { try await fetching.value }
        #expect(failure?.message == "files/a has changed")
        #expect(arrived.withLock(\.self) == [other])
    }

    @Test func `an error of the receiver ends it, and the next one begins cleanly`() async throws {
        let delivery = delivery()
        let failing = Task { try await delivery.fetch([range(hash, 10)]) { _, _ in throw Errno.noSpace } }
        try await asked.wait(for: 1)
        send(range(hash, 10), to: delivery, in: 5)
        await #expect(throws: Errno.noSpace) { try await failing.value }
        send(range(hash, 10), to: delivery, in: 5)
        async let fetched: Void = delivery.fetch([range(other, 10)]) { _, _ in }
        try await asked.wait(for: 2)
        send(range(other, 10), to: delivery)
        try await fetched
        try await delivery.fetch([]) { _, _ in }
    }

    @Test func `the end of the connection and an interruption end the wait`() async throws {
        let delivery = delivery()
        let interrupted = Task { try await delivery.fetch([range(hash, 10)]) { _, _ in } }
        try await asked.wait(for: 1)
        interrupted.cancel()
        await #expect(throws: CancellationError.self) { try await interrupted.value }
        let waiting = Task { try await delivery.fetch([range(hash, 10)]) { _, _ in } }
        try await asked.wait(for: 2)
        delivery.close()
        await #expect(throws: Failure.self) { try await waiting.value }
        await #expect(throws: Failure.self) { try await delivery.fetch([range(hash, 10)]) { _, _ in } }
    }
}
