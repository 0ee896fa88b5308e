import Synchronization
import Testing

@testable import Propel

@Suite struct WaveDeliveryTests {
    private final class Time: Sendable {
        private let present = Mutex(ContinuousClock.now)
        private let count = Mutex(0)
        /// How often it was looked at.
        var looks: Int { count.withLock(\.self) }

        var now: ContinuousClock.Instant {
            count.withLock { $0 += 1 }
            return present.withLock(\.self)
        }

        func pass(_ duration: Duration) { present.withLock { $0 += duration } }
    }

    private let time = Time()

    private func delivery() -> WaveDelivery {
        WaveDelivery(interval: .milliseconds(1)) { [time] in time.now }
    }

    @Test func `the first decision counts`() async {
        let good = delivery(), bad = delivery()
        for decision in [WaveDecision.open, .stay, .putBack(because: "web2 failed")] { good.take(decision) }
        #expect(await good.wait() == nil)
        for decision in [WaveDecision.putBack(because: "web2 failed"), .stay] { bad.take(decision) }
        #expect(await bad.wait() == "web2 failed")
    }

    @Test func `a slow host costs the others nothing, as long as they are told`() async {
        let delivery = delivery()
        async let reason = delivery.wait()
        for _ in 1...9 {
            time.pass(.minutes(10))
            delivery.take(.open)
            await Task.yield()
        }
        delivery.take(.stay)
        #expect(await reason == nil)
    }

    @Test func `without a word the changes go back`() async {
        let delivery = delivery()
        async let reason = delivery.wait()
        // It may not have begun to wait yet.
        let clock = Task { [time] in
            while !Task.isCancelled {
                time.pass(.minutes(20))
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        #expect(await reason == "nothing was heard about the other hosts of its wave for 15 minutes")
        clock.cancel()
    }

    /// A computer that slept, with the machine as a sandbox on it.
    @Test func `time in which the machine did not run is no silence`() async {
        let delivery = delivery()
        async let reason = delivery.wait()
        while !delivery.isAwaited { await Task.yield() }
        time.pass(.minutes(60))
        let former = time.looks
        while delivery.isAwaited, time.looks < former + 3 { await Task.yield() }
        delivery.take(.stay)
        #expect(await reason == nil)
    }

    @Test func `an interruption ends the wait`() async {
        let delivery = delivery()
        let reason = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await delivery.wait()
        }.value
        #expect(reason == "the run was interrupted")
    }

    /// Otherwise one host would keep its changes, and the next one put them back.
    @Test func `an interruption after the decision changes nothing`() async {
        let delivery = delivery()
        delivery.take(.stay)
        let reason = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await delivery.wait()
        }.value
        #expect(reason == nil)
    }

    @Test func `where nobody can bring a decision, the changes go back at once`() async {
        let early = delivery(), late = delivery(), decided = delivery()
        early.close()
        #expect(await early.wait() == "the connection was lost before it was decided about its wave")
        async let reason = late.wait()
        while !late.isAwaited { await Task.yield() }
        late.close()
        #expect(await reason == "the connection was lost before it was decided about its wave")
        #expect(!late.isAwaited)
        decided.take(.stay)
        decided.close()
        #expect(await decided.wait() == nil)
    }

    /// Longer than `propel` connects again by default, so that a lost link alone puts nothing back.
    @Test func `the machine waits longer than propel by default`() {
        #expect(WaveDelivery.limit > .minutes(10) && WaveDelivery.pulse * 10 < WaveDelivery.limit)
    }
}
