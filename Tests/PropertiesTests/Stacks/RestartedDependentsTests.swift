import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// Containers that are restarted when a deployment replaces one that they depend on.
@Suite(.recorded) struct RestartedDependentsTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker

    init() { docker = FakeDocker(on: fake) }

    private func deployment(_ db: String, restarts: Bool = true) -> StackDeployment {
        StackDeployment(
            stack: Stack("shop", healthTimeout: .hours(1)) {
                Container("app", image: "app", tag: "1") { DependsOn("db", restarts: restarts) }
                Container("other", image: "other", tag: "1") { DependsOn("db") }
                Container("db", image: "db", tag: db)
            }.polling(every: .zero))
    }

    /// The containers that were stopped since the first `count` commands.
    private func stopped(since count: Int) -> [String] {
        fake.commands.log.dropFirst(count).filter { $0.hasPrefix("docker stop --time ") }.flatMap {
            $0.split(separator: " ").dropFirst(4).map(String.init)
        }
    }

    @Test func `one is restarted, and no other`() async throws {
        try await fake.obeysLaw(deployment("1"))
        let before = docker.containers.mapValues(\.id), count = fake.commands.log.count
        let change = try await fake.obeysLaw(deployment("2"))
        #expect(change.reason.hasSuffix("; restart: app"), "\(change.reason)")
        let after = docker.containers
        #expect(after["db"]?.id != before["db"] && after["app"]?.id == before["app"])
        #expect(stopped(since: count) == [before["app"] ?? ""])
        #expect(after["app"]?.state == "running")
    }

    @Test func `none is restarted where nothing is replaced, or nobody asks for it`() async throws {
        try await fake.obeysLaw(deployment("1"))
        #expect(stopped(since: 0).isEmpty)
        let count = fake.commands.log.count
        let change = try await fake.obeysLaw(deployment("2", restarts: false))
        #expect(!change.reason.contains("restart") && stopped(since: count).isEmpty)
    }

    @Test func `a rollback restarts it too`() async throws {
        try await fake.obeysLaw(deployment("1"))
        docker.state.withLock { $0.statuses["db:sick"] = "Up 5 seconds (unhealthy)" }
        let count = fake.commands.log.count, app = docker.containers["app"]?.id ?? ""
        let failure = await #expect(throws: Failure.self) { try await deployment("sick").apply(on: fake.machine) }
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(docker.containers["db"]?.image == "db:1")
        #expect(stopped(since: count).contains(app))
        #expect(docker.containers["app"]?.state == "running")
    }

    @Test func `the compose file does not say it`() {
        #expect(deployment("1").stack.composeText == deployment("1", restarts: false).stack.composeText)
    }
}
