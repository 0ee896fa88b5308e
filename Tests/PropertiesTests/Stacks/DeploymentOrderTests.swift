import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// The record of a stack when a run is killed at the worst moment, and all that goes only once it is written.
@Suite(.recorded) struct DeploymentOrderTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker
    private static let record = "replace /var/lib/propel/stacks/shop.json"

    init() { docker = FakeDocker(on: fake) }

    private func stack(_ tag: String, format: Int = 1, hasCache: Bool = false) -> Stack {
        Stack("shop", dataFormat: format, healthTimeout: .hours(1)) {
            Container("app", image: "app", tag: tag) {
                ConfigurationFile("/etc/app.conf", text: "version = \(tag)\n")
                HealthCheck("true")
            }
            if hasCache { Container("cache", image: "cache") }
        }.polling(every: .zero)
    }

    private func deploy(_ stack: Stack) async throws {
        try await fake.converge(StackDeployment(stack: stack))
        fake.pass(.seconds(60))
        fake.operations.clear()
    }

    /// Deploys a version in a run that is killed right after an operation.
    /// - Returns: the record that it leaves.
    private func record(of stack: Stack, killedAfter text: String) async throws -> StackRecord {
        fake.inject(.kill, afterFirst: text)
        await #expect(throws: (any Error).self) { try await StackDeployment(stack: stack).apply(on: fake.machine) }
        let isDown = fake.operations.isDown
        try #require(isDown, "“\(text)” is not performed: \(fake.operations.lines)")
        fake.restart(seed: 0)
        return try StackRecord(of: stack, on: fake.machine)
    }

    /// Otherwise nobody would know that these are the files of a version that was never healthy.
    @Test(arguments: [true, false]) func `a version is pending before its compose file is in place`(
        _ isFirst: Bool
    ) async throws {
        if !isFirst { try await deploy(stack("v1")) }
        let record = try await record(of: stack("v2"), killedAfter: "replace /srv/shop/docker-compose.yml")
        #expect(record.pending == stack("v2").version)
        #expect(record.current?.version == (isFirst ? nil : stack("v1").version))
    }

    @Test func `a version is pending, with its format, before it is started`() async throws {
        try await deploy(stack("v1"))
        let record = try await record(of: stack("v2", format: 2), killedAfter: " up ")
        #expect(record.pending == stack("v2", format: 2).version && record.dataFormat == 2)
    }

    /// Until the record names the new version, a rollback needs all of the former one, and then all of the new one.
    @Test func `the record of a new version comes between what it needs and what it lets go`() async throws {
        try await deploy(stack("v1", hasCache: true))
        try await StackDeployment(stack: stack("v2")).apply(on: fake.machine)
        let log = fake.operations, record = try log.last(Self.record)
        for needed in ["docker image tag", "replace /srv/shop/good/", "replace /srv/shop/docker-compose.yml", " up "] {
            let last = try log.last(needed)
            #expect(last < record, "\(needed)")
        }
        for former in ["docker image rm", "remove /srv/shop/good/", "remove /srv/shop/files/app/"] {
            let first = try log.first(former)
            #expect(first > record, "\(former)")
        }
    }

    @Test func `what is kept for other hosts goes after the record of that`() async throws {
        try await deploy(stack("v1"))
        fake.machine.isDeployedTogether = true
        try await deploy(stack("v2"))
        try await StackDeployment(stack: stack("v2")).settle(on: fake.machine)
        let record = try fake.operations.last(Self.record)
        for former in ["docker image rm", "remove /srv/shop/good/"] {
            let first = try fake.operations.first(former)
            #expect(first > record, "\(former)")
        }
    }

    @Test func `a rollback and then a healthy version leave nothing of the attempt`() async throws {
        let stack = stack("latest")
        func record() throws -> StackRecord { try StackRecord(of: stack, on: fake.machine) }
        docker.bring("app:latest", "sha256:good")
        try await deploy(stack)
        let first = try record()
        docker.bring("app:latest", "sha256:sick")
        docker.state.withLock { $0.statuses["sha256:sick"] = "Up 5 seconds (unhealthy)" }
        await #expect(throws: Failure.self) { try await StackDeployment(stack: stack).apply(on: fake.machine) }
        let second = try record()
        #expect(second.pending == nil && second.refusedImages == ["app": "sha256:sick"])
        // Data was written since: the next attempt takes another backup.
        #expect(second.current?.id != first.current?.id && second.current?.version == first.current?.version)
        docker.bring("app:latest", "sha256:better")
        fake.pass(.seconds(60))
        try await deploy(stack)
        let third = try record()
        #expect(third.pending == nil && third.triedFormat == nil && third.refusedImages.isEmpty && third.before == nil)
        #expect(docker.images["propel.localhost/refused:shop.app"] == nil)
    }

    /// Once the name belongs to the former image again, nothing else tells of the refused one.
    @Test func `a refused image is kept and recorded before its name goes back`() async throws {
        docker.bring("app:latest", "sha256:good")
        try await deploy(stack("latest"))
        docker.bring("app:latest", "sha256:sick")
        docker.state.withLock { $0.statuses["sha256:sick"] = "Up 5 seconds (unhealthy)" }
        let record = try await record(
            of: stack("latest"), killedAfter: "docker image tag sha256:good app:latest")
        #expect(record.refusedImages == ["app": "sha256:sick"] && record.pending != nil)
        #expect(docker.images["propel.localhost/refused:shop.app"] == "sha256:sick")
    }
}
