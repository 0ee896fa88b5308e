import Foundation
import Testing

@testable import Sandbox

@Suite struct FileLockTests {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("lock-\(UUID().uuidString)")
        .path

    @Test func `one process at a time holds a lock, and nothing is left`() async throws {
        let lock = FileLock(path: "\(directory)/a.lock")
        let counter = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await lock.hold {
                        #expect(await counter.enter() == 1)
                        try await Task.sleep(for: .milliseconds(1))
                        await counter.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(await counter.total == 20)
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    @Test func `a wait for a lock is reported`() async throws {
        let lock = FileLock(path: "\(directory)/b.lock")
        #expect(!lock.isHeld)
        let (told, tell) = AsyncStream.makeStream(of: Void.self)
        let second = try await lock.hold {
            #expect(lock.isHeld)
            let second = Task { try await lock.hold(waiting: { tell.finish() }) {} }
            for await _ in told {}
            return second
        }
        try await second.value
        #expect(!lock.isHeld)
    }

    @Test func `a lock is released after an error`() async throws {
        struct Failure: Error {}
        let lock = FileLock(path: "\(directory)/c.lock")
        await #expect(throws: Failure.self) { try await lock.hold { throw Failure() } }
        #expect(!lock.isHeld)
    }

    private actor Counter {
        private var inside = 0
        private(set) var total = 0
        func enter() -> Int {
            inside += 1
            total += 1
            return inside
        }
        func leave() { inside -= 1 }
    }
}
