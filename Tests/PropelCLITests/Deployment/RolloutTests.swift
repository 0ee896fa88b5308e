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
        let error = #expect(throws: UsageError.self) {
            try Rollout(canaries: ["f"]).validate(for: Self.names, jobs: 20)
        }
        #expect(error?.description == "--canary: \"f\" is not among the hosts of this deployment")
    }

    /// One that waits for a free place would wait for those that wait for it.
    @Test func `hosts that are deployed together are deployed at the same time`() throws {
        try Rollout(isTogether: true).validate(for: Self.names, jobs: 5)
        try Rollout(waveSize: 4, isTogether: true).validate(for: Self.names, jobs: 4)
        try Rollout().validate(for: Self.names, jobs: 1)
        let error = #expect(throws: UsageError.self) {
            try Rollout(canaries: ["a"], isTogether: true).validate(for: Self.names, jobs: 3)
        }
        #expect(
            error?.description == """
                --together: 4 hosts wait for each other, and only 3 are deployed at the same time
                Deploy them in waves, such as --serial 3, or give --jobs 4.
                """)
    }

    @Test func `hosts that are deployed together are not begun after one has failed`() {
        #expect(Rollout(isTogether: true).mayBegin(after: []))
        #expect(!Rollout(failureLimit: 3, isTogether: true).mayBegin(after: outcomes(.failed)))
        #expect(Rollout().mayBegin(after: outcomes(.failed)))
    }

    @Test func `hosts that were not tried are not a success`() {
        #expect(ExitStatus.summing([Outcome(notTried: "a")]) == .failed)
    }
}
