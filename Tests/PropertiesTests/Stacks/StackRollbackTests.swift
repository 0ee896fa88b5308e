import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

/// A rollback restores images that lost their names, one-shot containers, and files that somebody has edited.
@Suite(.recorded) struct StackRollbackTests {
    let fake = FakeMachine()
    let docker: FakeDocker

    init() { docker = FakeDocker(on: fake) }

    func stack(_ origin: Container.Origin = .registry, tag: String? = nil, workers: Int = 4) -> Stack {
        Stack("shop", healthTimeout: .hours(1)) {
            Container("app", image: "app", tag: tag, origin: origin) {
                ConfigurationFile("/etc/app.conf", text: "workers = \(workers)\n")
                HealthCheck("true")
            }
            Container("front", image: "front") { HealthCheck("true") }
        }
    }

    func refuse(_ stack: Stack) async -> Failure? {
        await #expect(throws: Failure.self) { try await deployment(stack).apply(on: fake.machine) }
    }

    func makeSick(_ id: String) { docker.state.withLock { $0.statuses[id] = "Up 5 seconds (unhealthy)" } }

    // MARK: - One-shot containers

    func migrating(_ tag: String, workers: Int = 4, healthTimeout: Duration = .hours(1)) -> Stack {
        Stack("shop", healthTimeout: healthTimeout) {
            Container("app", image: "app", tag: tag) {
                DependsOn("migrate")
                ConfigurationFile("/etc/app.conf", text: "workers = \(workers)\n")
                HealthCheck("true")
            }
            Container("migrate", image: "migrate", tag: tag) { RestartPolicy(.never) }
        }
    }

    /// A migration may not cope with what a newer one has done.
    @Test func `a migration need not succeed again on a rollback`() async throws {
        try await fake.obeysLaw(deployment(migrating("v1")))
        makeSick("sha256:app:v2")
        docker.state.withLock { $0.statuses["sha256:migrate:v1"] = "Exited (255) 1 second ago" }
        let failure = await refuse(migrating("v2"))
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(
            failure?.message.contains("which is healthy (migrate did not succeed on the data again)")
                == true, "\(String(describing: failure))")
        #expect(docker.containers.mapValues(\.image) == ["app": "app:v1", "migrate": "migrate:v1"])
        // It runs before the others start.
        let ups = fake.commands.log.filter { $0.contains(" up ") }.suffix(2)
        #expect(ups.first?.hasSuffix(" migrate") == true && ups.last?.hasSuffix(" app") == true)
        let after = try await fake.check(deployment(migrating("v1")))
        #expect(after == .satisfied)

        // It stays excused when something else changes, even if that fails.
        let migrate = docker.containers["migrate"]
        try await fake.obeysLaw(deployment(migrating("v1", workers: 8)))
        #expect(docker.containers["migrate"] == migrate)
        let again = await refuse(migrating("v2", workers: 8))
        #expect(again?.isRolledBack == true)
        // In the next version it must succeed.
        docker.state.withLock { $0.statuses["sha256:migrate:v3"] = "Exited (1) 1 second ago" }
        let third = await refuse(migrating("v3"))
        #expect(
            third?.message.hasPrefix("migrate of shop failed: Exited (1)") == true, "\(String(describing: third))")
    }

    @Test func `a migration that does not exit on a rollback is stopped`() async throws {
        try await fake.obeysLaw(deployment(migrating("v1", healthTimeout: .milliseconds(200))))
        makeSick("sha256:app:v2")
        docker.state.withLock { $0.statuses["sha256:migrate:v1"] = "Up 5 seconds" }
        let failure = await refuse(migrating("v2", healthTimeout: .milliseconds(200)))
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(docker.containers.mapValues(\.state) == ["app": "running", "migrate": "exited"])
        let after = try await fake.check(deployment(migrating("v1", healthTimeout: .milliseconds(200))))
        #expect(after == .satisfied)
    }

    /// Compose does not speak of a container that failed before.
    @Test func `an excused container is not blamed`() async throws {
        try await fake.obeysLaw(deployment(migrating("v1")))
        makeSick("sha256:app:v2")
        docker.state.withLock { $0.statuses["sha256:migrate:v1"] = "Exited (255) 1 second ago" }
        _ = await refuse(migrating("v2"))
        docker.state.withLock { $0.refusal = .failing(1, "port is already allocated\n") }
        let failure = await refuse(migrating("v1", workers: 8))
        #expect(
            failure?.message.hasPrefix("compose could not start the containers of shop;") == true,
            "\(String(describing: failure))")
        #expect(failure?.output == ["port is already allocated"])
    }

    @Test func `a migration that was run again by hand is left alone`() async throws {
        try await fake.obeysLaw(deployment(migrating("v1")))
        docker.state.withLock { state in
            state.containers["migrate"]?.state = "exited"
            state.containers["migrate"]?.status = "Exited (1) 1 second ago"
        }
        let found = try await fake.check(deployment(migrating("v1")))
        #expect(found == .unmet("migrate is exited"))
    }
}
