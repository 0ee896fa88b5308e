import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

/// The time in which started containers must become healthy.
@Suite(.recorded) struct HealthWaitTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker

    init() { docker = FakeDocker(on: fake) }

    @Test func `the health timeout is for all levels together`() async throws {
        let stack = Stack("shop", healthTimeout: .seconds(100)) {
            for level in 1...4 {
                Container("c\(level)", image: "c\(level)") {
                    if level > 1 { DependsOn("c\(level - 1)") }
                    HealthCheck("true")
                }
            }
        }
        // Each is healthy after 40 seconds: the timeout is enough for one, and not for all.
        let time = Mutex(ContinuousClock.now)
        for level in 1...4 {
            docker.state.withLock { $0.statuses["c\(level):latest"] = "Up 1 second (health: starting)" }
        }
        let asked = Mutex([String: Int]())
        docker.state.withLock {
            $0.before = { [docker] command in
                guard command.arguments.first == "ps" else { return }
                time.withLock { $0 += .seconds(5) }
                for (name, one) in docker.containers where one.state == "running" {
                    let times = asked.withLock {
                        $0[name, default: 0] += 1; return $0[name, default: 0]
                    }
                    if times == 8 { docker.state.withLock { $0.containers[name]?.status = "Up 40 seconds (healthy)" } }
                }
            }
        }
        var timed = stack
        timed.timing.now = { time.withLock { $0 } }
        let slow = deployment(timed)
        let failure = await #expect(throws: Failure.self) { try await slow.apply(on: fake.machine) }
        #expect(
            failure?.message.contains("did not become healthy within 1 minute 40 seconds") == true,
            "\(String(describing: failure))")
        #expect(docker.containers["c4"] == nil)
    }

    @Test func `stopping the old containers is not part of the health timeout`() async throws {
        var stack = Stack("shop", healthTimeout: .seconds(30)) {
            Container("db", image: "db") { HealthCheck("true") }
            Container("app", image: "app") {
                DependsOn("db")
                HealthCheck("true")
            }
        }
        let time = Mutex(ContinuousClock.now)
        for name in ["db", "app"] {
            docker.state.withLock { $0.statuses["\(name):latest"] = "Up 1 second (health: starting)" }
        }
        docker.state.withLock {
            $0.before = { [docker] command in
                // Compose takes a minute for the old one; the new one is healthy at the second look.
                if command.arguments.contains("up") { return time.withLock { $0 += .seconds(60) } }
                guard command.arguments.first == "ps" else { return }
                time.withLock { $0 += .seconds(5) }
                for (name, one) in docker.containers where one.state == "running" {
                    docker.state.withLock { $0.containers[name]?.status = "Up 40 seconds (healthy)" }
                }
            }
        }
        stack.timing.now = { time.withLock { $0 } }
        try await fake.obeysLaw(deployment(stack))
    }

    @Test func `time in which the machine stood still is not part of the health timeout`() async throws {
        var stack = Stack("shop", healthTimeout: .seconds(30)) { Container("db", image: "db") { HealthCheck("true") } }
        let time = Mutex(ContinuousClock.now), asked = Mutex(0)
        docker.state.withLock { $0.statuses["db:latest"] = "Up 1 second (health: starting)" }
        docker.state.withLock {
            $0.before = { [docker] command in
                guard command.arguments.first == "ps", docker.containers["db"] != nil else { return }
                let number = asked.withLock { count in
                    count += 1
                    return count
                }
                let step: Duration = number == 4 ? .seconds(3600) : .seconds(1)
                time.withLock { $0 += step }
                if number == 10 {
                    docker.state.withLock { $0.containers["db"]?.status = "Up 40 seconds (healthy)" }
                }
            }
        }
        stack.timing.now = { time.withLock { $0 } }
        try await fake.obeysLaw(deployment(stack))
    }
}
