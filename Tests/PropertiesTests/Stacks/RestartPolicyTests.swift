import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

/// When docker restarts a container, and when it gives up.
@Suite(.recorded) struct RestartPolicyTests {
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
                "RestartPolicy: “attempts” is for .onFailure and .untilSuccess: leave it out"
            ])
    }

    private func migrating(_ tag: String = "1") -> Stack {
        Stack("shop", healthTimeout: .hours(1)) {
            Container("app", image: "app") { DependsOn("init") }
            Container("init", image: "init", tag: tag) { RestartPolicy(.untilSuccess, attempts: 3) }
        }.polling(every: .zero)
    }

    @Test func `a job that is tried again is one-shot`() throws {
        let stack = migrating()
        #expect(stack.problems.isEmpty && stack.containers[1].isOneShot)
        // Compose would run it again at boot.
        #expect(!stack.composeText.contains("depends_on") && stack.composeText.contains("restart: on-failure:3\n"))
        #expect(stack.bootUnitText.contains(" up --detach --no-build --no-recreate app;"))
        let both = Stack("s") {
            Container("a", image: "i") {
                RestartPolicy(.untilSuccess)
                HealthCheck("true")
            }
        }
        #expect(
            both.problems == [
                "the stack s: the container a has RestartPolicy(.untilSuccess) and a HealthCheck: it does one job, or it "
                    + "runs: keep one"
            ])
    }

    /// Between two attempts docker calls it restarting.
    @Test func `what depends on it waits until it has succeeded`() async throws {
        let fake = FakeMachine(), docker = FakeDocker(on: fake)
        let looks = Mutex(0)
        docker.state.withLock { $0.statuses["init:1"] = "Restarting (1) 1 second ago" }
        docker.state.withLock { state in
            state.before = { [docker] command in
                guard command.arguments.first == "ps", docker.containers["init"] != nil else { return }
                guard
                    looks.withLock({
                        $0 += 1; return $0
                    }) == 4
                else { return }
                #expect(docker.containers["app"] == nil)
                docker.state.withLock { state in
                    state.containers["init"]?.state = "exited"
                    state.containers["init"]?.status = "Exited (0) 1 second ago"
                }
            }
        }
        try await fake.obeysLaw(StackDeployment(stack: migrating()))
        #expect(docker.containers["app"]?.state == "running")
    }

    @Test func `a deployment fails where docker has given up`() async throws {
        let fake = FakeMachine(), docker = FakeDocker(on: fake)
        docker.state.withLock { $0.statuses["init:1"] = "Exited (0) 1 second ago" }
        try await fake.obeysLaw(StackDeployment(stack: migrating()))
        docker.state.withLock { $0.statuses["init:2"] = "Exited (1) 1 second ago" }
        let failure = await #expect(throws: Failure.self) {
            try await StackDeployment(stack: migrating("2")).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
    }
}
