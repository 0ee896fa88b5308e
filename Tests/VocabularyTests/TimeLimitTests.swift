import Testing

@testable import Vocabulary

@Suite struct TimeLimitTests {
    private let start = ContinuousClock.now

    /// The number of looks until the limit has passed; `steps` are the seconds before each.
    private func looks(_ limit: Duration, pause: Duration = .zero, after steps: [Int]) -> Int? {
        var limit = TimeLimit(limit, pause: pause, now: start), now = start
        for (index, step) in steps.enumerated() {
            now += .seconds(step)
            if limit.hasPassed(at: now) { return index + 1 }
        }
        return nil
    }

    @Test func `looks in time count as the time between them`() {
        #expect(looks(.seconds(60), after: Array(repeating: 1, count: 100)) == 60)
        #expect(looks(.seconds(3), pause: .seconds(1), after: Array(repeating: 1, count: 100)) == 3)
        #expect(looks(.zero, after: [0]) == 1)
        var limit = TimeLimit(.seconds(60), now: start)
        #expect(limit.left(at: start) == .seconds(60))
        #expect(limit.left(at: start + .seconds(2)) == .seconds(58))
        #expect(limit.spent == .seconds(2))
    }

    @Test func `time in which the process did not run counts as one step`() {
        #expect(looks(.seconds(60), after: [3600] + Array(repeating: 1, count: 100)) == 1 + 54)
        #expect(looks(.seconds(60), pause: .seconds(10), after: [3600] + Array(repeating: 1, count: 100)) == 1 + 40)
    }

    @Test func `a late look is not the last one`() {
        #expect(looks(.seconds(10), after: Array(repeating: 1, count: 9) + [3600, 1]) == 11)
        // A pause longer than the limit.
        #expect(looks(.seconds(1), pause: .seconds(45), after: [3600, 1]) == 2)
    }

    @Test func `a limit passes even if every look is late`() {
        #expect(looks(.seconds(10), after: Array(repeating: 60, count: 100)) == 11)
        #expect(looks(.zero, after: [60]) == 1)
    }

    @Test func `a sleep ends, and can be cancelled`() async throws {
        try await TimeLimit.sleep(for: .zero)
        try await TimeLimit.sleep(for: .milliseconds(10))
        let sleep = Task { try await TimeLimit.sleep(for: .seconds(3600)) }
        sleep.cancel()
        await #expect(throws: CancellationError.self) { try await sleep.value }
    }
}
