import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct PeriodicTests {
    let fake = FakeMachine()
    private let daily = Note("refresh").periodically(every: .days(1))

    @Test func `an action that was never performed is due`() async throws {
        #expect(try await fake.obeysLaw(daily).reason == "never done")
    }

    @Test func `an action is due again when the interval has passed`() async throws {
        try await fake.obeysLaw(daily)
        fake.pass(.hours(23))
        #expect(try await fake.check(daily) == .satisfied)
        fake.pass(.hours(2))
        #expect(try await fake.check(daily) == .unmet("last done 1 day 1 hour ago"))
        try await fake.obeysLaw(daily)
    }

    @Test func `a stamp from the future does not delay the action`() async throws {
        try await fake.obeysLaw(daily)
        fake.pass(.days(-400))
        #expect(try await fake.check(daily) != .satisfied)
    }

    @Test func `an action that fails stays due`() async throws {
        let failing = Note("refresh") { _ in throw Failure("no") }.periodically(every: .days(1))
        #expect(await fake.enforce { failing }.all.map(\.status) == [.failed])
        #expect(try await fake.check(daily) == .unmet("never done"))
    }

    @Test(arguments: [
        (Duration.zero, "0 seconds"), (.seconds(1), "1 second"), (.minutes(90), "1 hour 30 minutes"),
        (.days(3), "3 days"),
        (.seconds(86_401), "1 day 1 second"), (.seconds(3_599), "59 minutes 59 seconds"),
        (.milliseconds(1_600), "2 seconds"),
    ])
    func `durations read as people say them`(span: Duration, words: String) {
        #expect(span.inWords == words)
    }
}
