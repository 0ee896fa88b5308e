import Testing

@testable import Properties

/// When docker restarts a container, and when it gives up.
@Suite struct RestartPolicyTests {
    private func stack(_ policy: RestartPolicy) -> Stack { Stack("s") { Container("a", image: "i") { policy } } }

    private func problems(_ policy: RestartPolicy) -> [String] {
        stack(policy).problems.map { $0.replacing("the stack s: the container a has a problem: ", with: "") }
    }

    @Test func `docker gives up after some restarts`() {
        let text = stack(RestartPolicy(.onFailure, attempts: 5)).composeText
        #expect(text.contains("    restart: on-failure:5\n"))
        #expect(problems(RestartPolicy(.onFailure, attempts: 5)).isEmpty)
    }

    @Test func `a number of restarts that means nothing is a problem`() {
        #expect(
            problems(RestartPolicy(.onFailure, attempts: 0)) == [
                "RestartPolicy: 0 attempts: use 1 at least, or .never"
            ])
        #expect(
            problems(RestartPolicy(.unlessStopped, attempts: 3)) == [
                "RestartPolicy: “attempts” is for .onFailure: leave it out"
            ])
    }
}
