import PropelTesting
import Testing

@testable import Properties

@Suite struct DockerNetworkTests {
    @Test func `a missing network is created, and one that is there stays`() async throws {
        let fake = FakeMachine(), docker = FakeDocker(on: fake)
        try await fake.obeysLaw(Docker.Network("web"))
        #expect(docker.state.withLock { $0.networks["web"] } != nil)
        #expect(fake.commands.log.count { $0.hasPrefix("docker network create") } == 1)
    }

    @Test(arguments: ["", "-a", "a b", "host", "bridge", "none"]) func `an invalid name is a problem`(_ name: String) {
        #expect(Docker.Network(name).problems.count == 1)
    }
}
