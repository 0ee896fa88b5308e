import Propel
import PropelTesting
import Synchronization
import Testing

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
        #expect(Set(told.words) == ["a: open", "a: stay", "b: stay"] && wave.decision == .stay)
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
        #expect(wave.decision == .stay && told.words.contains("a: stay") && told.words.contains("b: stay"))
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
