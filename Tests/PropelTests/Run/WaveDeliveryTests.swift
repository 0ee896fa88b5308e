import PropelTesting
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

    private let promises = Recorder()

    private func delivery() -> WaveDelivery {
        WaveDelivery(
            interval: .milliseconds(1), now: { [time] in time.now },
            promise: { [promises] round in promises.add("\(round)") })
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

    @Test func `a run that waits promises to go on waiting, from then on`() async {
        let delivery = delivery()
        async let reason = delivery.wait()
        while !delivery.isAwaited { await Task.yield() }
        delivery.take(.promise(round: 1))
        delivery.take(.promise(round: 2))
        #expect(promises.words == ["1", "2"] && delivery.isAwaited)
        delivery.take(.stay)
        #expect(await reason == nil)
        delivery.take(.promise(round: 3))
        #expect(promises.words == ["1", "2"], "it no longer waits")
    }

    /// It has told that it is ready, and has not begun to wait yet.
    @Test func `a promise that is asked for early is given when the run waits`() async {
        let delivery = delivery()
        delivery.take(.promise(round: 1))
        #expect(promises.words == [])
        async let reason = delivery.wait()
        while promises.words.isEmpty { await Task.yield() }
        #expect(promises.words == ["1"] && delivery.isAwaited)
        delivery.take(.putBack(because: "web2 failed"))
        #expect(await reason == "web2 failed")
    }

    @Test func `a run that has given up promises nothing`() async {
        let silent = delivery(), interrupted = delivery(), closed = delivery()
        async let reason = silent.wait()
        let clock = Task { [time] in
            while !Task.isCancelled {
                time.pass(.minutes(20))
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        #expect(await reason?.hasPrefix("nothing was heard") == true)
        clock.cancel()
        _ = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await interrupted.wait()
        }.value
        closed.close()
        for delivery in [silent, interrupted, closed] {
            delivery.take(.promise(round: 1))
            #expect(await delivery.wait() != nil)
        }
        #expect(promises.words == [])
    }

    /// The other hosts may have been told by then that their changes stay.
    @Test func `an interruption after a promise waits for the decision, and not for long`() async {
        func waiting(_ decision: WaveDecision?) async -> String? {
            let delivery = delivery()
            let run = Task { await delivery.wait() }
            while !delivery.isAwaited { await Task.yield() }
            delivery.take(.promise(round: 1))
            run.cancel()
            delivery.take(.promise(round: 2))
            if let decision {
                delivery.take(decision)
                return await run.value
            }
            let clock = Task { [time] in
                while !Task.isCancelled {
                    time.pass(.seconds(5))
                    delivery.take(.open)
                    try? await Task.sleep(for: .milliseconds(1))
                }
            }
            defer { clock.cancel() }
            return await run.value
        }
        #expect(await waiting(.stay) == nil)
        #expect(await waiting(.putBack(because: "web2 failed")) == "web2 failed")
        #expect(await waiting(nil) == "the run was interrupted")
        #expect(promises.words == ["1", "1", "1"], "it does not promise again")
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
        #expect(WaveDelivery.limit - WaveDelivery.promiseLimit > .minutes(10))
    }
}
