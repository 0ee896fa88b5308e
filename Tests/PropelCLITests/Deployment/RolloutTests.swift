import Propel
import Testing

@testable import PropelCLI

@Suite struct RolloutTests {
    private static let names = ["a", "b", "c", "d", "e"]

    @Test(arguments: [
        (Rollout(), [[0, 1, 2, 3, 4]]),
        (Rollout(canaries: ["c"]), [[2], [0, 1, 3, 4]]),
        (Rollout(waveSize: 2), [[0, 1], [2, 3], [4]]),
        (Rollout(canaries: ["e", "a"], waveSize: 2), [[0, 4], [1, 2], [3]]),
        (Rollout(waveSize: 9), [[0, 1, 2, 3, 4]]),
    ])
    func `canaries are first, then the others in waves`(_ rollout: Rollout, _ waves: [[Int]]) {
        #expect(rollout.waves(of: Self.names) == waves)
    }

    @Test func `a deployment of no host has no wave`() {
        #expect(Rollout(waveSize: 2).waves(of: []).isEmpty)
        #expect(Rollout(canaries: ["a"]).waves(of: ["a"]) == [[0]])
    }

    private func outcomes(_ results: Outcome.Result...) -> [Outcome] {
        results.map { Outcome(host: "x", result: $0, counts: RunSummary(counts: [:]), seconds: 0) }
    }

    @Test(arguments: [Outcome.Result.failed, .rolledBack, .unreachable, .locked, .interrupted])
    func `a host that did not converge counts as failed`(_ result: Outcome.Result) {
        let failed = outcomes(.converged, result)
        #expect(Rollout().mayContinue(after: failed), "hosts that are deployed at once do not wait for each other")
        #expect(!Rollout(canaries: ["a"]).mayContinue(after: failed))
        #expect(!Rollout(waveSize: 1).mayContinue(after: failed))
        #expect(!Rollout(failureLimit: 0).mayContinue(after: failed))
        #expect(Rollout(waveSize: 1, failureLimit: 1).mayContinue(after: failed))
        #expect(Rollout(canaries: ["a"], waveSize: 1).mayContinue(after: outcomes(.converged)))
    }

    @Test func `a canary must be one of the hosts`() {
        let error = #expect(throws: UsageError.self) { try Rollout(canaries: ["f"]).validate(for: Self.names) }
        #expect(error?.description == "--canary: \"f\" is not among the hosts of this deployment")
    }

    @Test func `hosts that were not tried are not a success`() {
        #expect(ExitStatus.summing([Outcome(notTried: "a")]) == .failed)
    }
}
