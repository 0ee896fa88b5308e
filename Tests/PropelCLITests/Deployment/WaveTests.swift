import PropelTesting
import Synchronization
import Testing

@testable import Propel
@testable import PropelCLI

/// Hosts that are deployed together: the changes of all stay, or go back.
@Suite struct WaveTests {
    private let told = Recorder()

    /// A pulse that the tests do not live to see.
    private func wave(_ hosts: String...) -> Wave { Wave(hosts, pulse: .seconds(3600)) }

    private func seat(_ host: String, in wave: Wave) -> Wave.Seat {
        wave.seat(of: host) { [told] decision in
            switch decision {
            case .open: told.add("\(host): open")
            case .promise(let round): told.add("\(host): promise \(round)")
            case .stay: told.add("\(host): stay")
            case .putBack(let reason): told.add("\(host): back, since \(reason)")
            }
        }
    }

    private func finish(_ host: String, _ result: Outcome.Result, in wave: Wave) {
        wave.finish(Outcome(host: host, result: result, counts: RunSummary(counts: [:]), seconds: 0))
    }

    @Test func `the changes stay once all hosts wait, or have converged without waiting`() {
        let wave = wave("a", "b", "c"), a = seat("a", in: wave), b = seat("b", in: wave)
        a.beReady()
        a.beReady()
        finish("c", .converged, in: wave)
        #expect(told.words == ["a: open"] && wave.decision == .open)
        b.beReady()
        #expect(Set(told.words) == ["a: open", "a: promise 1", "b: promise 1"] && wave.decision == .open)
        for _ in 1...2 { a.promise(1) }
        #expect(told.words.count == 3 && wave.decision == .open)
        b.promise(1)
        #expect(Set(told.words.dropFirst(3)) == ["a: stay", "b: stay"] && wave.decision == .stay)
    }

    @Test func `a host that ends in place of a promise takes the others with it`() {
        let wave = wave("a", "b"), a = seat("a", in: wave), b = seat("b", in: wave)
        for seat in [a, b] { seat.beReady() }
        b.promise(1)
        // It has heard nothing for too long.
        finish("a", .rolledBack, in: wave)
        #expect(wave.decision == .putBack(because: "a put its changes back"))
        #expect(told.words.last == "b: back, since a put its changes back")
        a.promise(1)
        #expect(wave.decision != .stay)
    }

    /// This process was stopped, or the computer slept: what waited then may not wait now.
    @Test func `promises that arrive late are asked for again`() {
        let time = Mutex(ContinuousClock.now)
        let wave = Wave(["a", "b"], pulse: .seconds(3600)) { time.withLock(\.self) }
        let a = seat("a", in: wave), b = seat("b", in: wave)
        for seat in [a, b] { seat.beReady() }
        a.promise(1)
        time.withLock { $0 += .minutes(20) }
        b.promise(1)
        #expect(wave.decision == .open && Set(told.words.suffix(2)) == ["a: promise 2", "b: promise 2"])
        for seat in [a, b] { seat.promise(1) }
        #expect(wave.decision == .open, "those were promises of before")
        time.withLock { $0 += .seconds(2) }
        for seat in [a, b] { seat.promise(2) }
        #expect(wave.decision == .stay)
    }

    @Test(arguments: [Outcome.Result.failed, .rolledBack, .unreachable, .locked, .interrupted, .notTried])
    func `one host that does not converge puts the others back`(_ result: Outcome.Result) {
        let wave = wave("a", "b", "c"), a = seat("a", in: wave), b = seat("b", in: wave)
        a.beReady()
        finish("c", result, in: wave)
        guard case .putBack(let reason) = wave.decision else {
            Issue.record("\(wave.decision)")
            return
        }
        #expect(reason.hasPrefix("c "))
        // One that is slower is told at once.
        b.beReady()
        #expect(told.words == ["a: open", "a: back, since \(reason)", "b: back, since \(reason)"])
        finish("a", .rolledBack, in: wave)
        #expect(wave.decision == .putBack(because: reason), "the first reason is the one that is told")
    }

    /// Its machine would put the changes back, and those of the others would stay.
    @Test func `nothing is decided while the link to a host is lost`() {
        let wave = wave("a", "b"), a = seat("a", in: wave), b = seat("b", in: wave)
        a.beReady()
        a.leave()
        b.beReady()
        #expect(wave.decision == .open)
        let again = seat("a", in: wave)
        again.beReady()
        for seat in [again, b] { seat.promise(1) }
        #expect(wave.decision == .stay && told.words.contains("a: stay") && told.words.contains("b: stay"))
    }

    @Test func `a promise counts no longer where the link to another host is lost in between`() {
        let wave = wave("a", "b"), a = seat("a", in: wave), b = seat("b", in: wave)
        for seat in [a, b] { seat.beReady() }
        a.promise(1)
        b.leave()
        b.promise(1)
        #expect(wave.decision == .open && told.words.last == "a: open")
        let again = seat("b", in: wave)
        again.beReady()
        again.promise(2)
        #expect(wave.decision == .open)
        a.promise(2)
        #expect(wave.decision == .stay)
    }

    /// The machines and the laptop together, which was stopped while one of them waited.
    @Test func `a laptop that was stopped for too long lets no host stay alone`() async {
        let time = Mutex(ContinuousClock.now)
        let now: @Sendable () -> ContinuousClock.Instant = { time.withLock(\.self) }
        let wave = Wave(["a", "b"], pulse: .seconds(3600), now: now)
        // What a run reports, and the laptop hears later.
        let promises = Recorder()
        func machine(_ host: String) -> WaveDelivery {
            WaveDelivery(interval: .milliseconds(1), now: now, promise: { promises.add("\(host) \($0)") })
        }
        let a = machine("a"), b = machine("b")
        let first = wave.seat(of: "a") { a.take($0) }, second = wave.seat(of: "b") { b.take($0) }
        async let early = a.wait()
        while !a.isAwaited { await Task.yield() }
        first.beReady()
        let clock = Task {
            while !Task.isCancelled {
                time.withLock { $0 += .minutes(1) }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
        let silence = await early
        clock.cancel()
        await clock.value
        #expect(silence == "nothing was heard about the other hosts of its wave for 15 minutes")
        // The laptop goes on, and hears of the other one first.
        async let late = b.wait()
        while !b.isAwaited { await Task.yield() }
        second.beReady()
        for word in promises.words where word == "b 1" { second.promise(1) }
        #expect(promises.words == ["b 1"] && wave.decision == .open)
        finish("a", .rolledBack, in: wave)
        #expect(await late == "a put its changes back")
    }

    /// Otherwise one that was stopped would put its changes back, and the next one would be told to keep its own.
    @Test func `before the first run is stopped or left it is decided that the changes go back`() {
        let wave = wave("a", "b"), a = seat("a", in: wave), b = seat("b", in: wave)
        for seat in [a, b] { seat.beReady() }
        a.promise(1)
        for _ in 1...2 { wave.giveUp(because: "the run was interrupted") }
        b.promise(1)
        finish("a", .interrupted, in: wave)
        #expect(wave.decision == .putBack(because: "the run was interrupted"))
        #expect(
            Set(told.words.suffix(2)) == [
                "a: back, since the run was interrupted", "b: back, since the run was interrupted",
            ])
        let other = self.wave("c")
        seat("c", in: other).beReady()
        other.giveUp(because: "the run was interrupted")
        #expect(other.decision == .stay)
    }

    @Test func `a host that was not told in time that its changes stay is named`() {
        func followUp(_ result: Outcome.Result, isStaying: Bool) -> String? {
            let wave = wave("a", "b"), a = seat("a", in: wave), b = seat("b", in: wave)
            for seat in [a, b] { seat.beReady() }
            if isStaying { for seat in [a, b] { seat.promise(1) } }
            let outcome = Outcome(host: "b", result: result, counts: RunSummary(counts: [:]), seconds: 0)
            wave.finish(outcome)
            return wave.followUp(of: outcome)
        }
        #expect(followUp(.converged, isStaying: true) == nil)
        #expect(followUp(.rolledBack, isStaying: true)?.hasPrefix("deploy it again: it went back alone") == true)
        for result in [Outcome.Result.unreachable, .failed, .interrupted] {
            #expect(followUp(result, isStaying: true)?.contains("`propel log b`") == true)
            #expect(followUp(result, isStaying: false) == nil, "all go back")
        }
    }

    /// The connection was lost with the decision on its way.
    @Test func `the next connection is told what was decided`() {
        let wave = wave("a", "b"), a = seat("a", in: wave)
        a.beReady()
        finish("b", .failed, in: wave)
        a.leave()
        seat("a", in: wave).beReady()
        #expect(told.words == ["a: open", "a: back, since b failed", "a: back, since b failed"])
    }

    @Test func `a host alone decides for itself`() {
        let wave = wave("a")
        seat("a", in: wave).beReady()
        #expect(wave.decision == .stay)
    }

    @Test func `a machine that waits is told again and again that somebody is there`() async throws {
        let wave = Wave(["a", "b"], pulse: .milliseconds(1)), seat = seat("a", in: wave)
        seat.beReady()
        while told.words.count < 4 { try await Task.sleep(for: .milliseconds(1)) }
        seat.leave()
        #expect(Set(told.words) == ["a: open"])
    }
}
