import Testing

@testable import PropelCLI

@Suite struct ReconnectionTests {
    private let start = ContinuousClock.now

    /// The pauses until the machine is given up, where each attempt takes a time.
    private func pauses(_ limit: Duration, attempt: Duration = .zero) -> [Int] {
        var reconnection = Reconnection(limit: limit, now: start), now = start, pauses: [Int] = []
        while let pause = reconnection.nextPause(now: now) {
            pauses.append(pause)
            now += .seconds(pause) + attempt
        }
        return pauses
    }

    @Test func `the pauses grow to a quarter of a minute, and end with the limit`() {
        #expect(pauses(.seconds(60)) == [1, 2, 4, 8, 15, 15, 15])
        #expect(pauses(.seconds(5)) == [1, 2, 2])
        #expect(pauses(.zero) == [])
    }

    @Test func `attempts count`() { #expect(pauses(.seconds(60), attempt: .seconds(20)) == [1, 2, 4]) }

    @Test func `an hour in which the computer slept counts as one attempt`() {
        var reconnection = Reconnection(limit: .minutes(10), now: start)
        #expect(reconnection.nextPause(now: start) == 1)
        #expect(reconnection.nextPause(now: start + .seconds(3600)) == 2)
    }

    @Test func `after a sleep the machine is tried once more, however short the limit is`() {
        var reconnection = Reconnection(limit: .seconds(60), now: start)
        #expect(reconnection.nextPause(now: start) == 1)
        #expect(reconnection.nextPause(now: start + .seconds(3600)) == 2)
        #expect(reconnection.nextPause(now: start + .seconds(3662)) == nil)
    }

    @Test func `what has arrived begins the time and the pauses again`() {
        var reconnection = Reconnection(limit: .seconds(10), now: start)
        #expect(reconnection.nextPause(now: start) == 1)
        #expect(reconnection.nextPause(now: start + .seconds(9)) == 1, "the rest of the limit")
        reconnection.reset(now: start + .seconds(9))
        #expect(reconnection.nextPause(now: start + .seconds(10)) == 1)
        #expect(reconnection.nextPause(now: start + .seconds(12)) == 2)
    }
}
