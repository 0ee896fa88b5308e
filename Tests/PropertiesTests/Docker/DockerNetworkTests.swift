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

    @Test func `a network is removed, unless containers use it`() async throws {
        let fake = FakeMachine(), docker = FakeDocker(on: fake)
        #expect(try await fake.check(Docker.Network.Absent("web")) == .satisfied && fake.commands.log.isEmpty)
        fake.files.put("/usr/bin/docker", "", mode: 0o755)
        docker.state.withLock { $0.networks["web"] = "" }
        docker.state.withLock { $0.networks["busy"] = "" }
        #expect(try await fake.obeysLaw(Docker.Network.Absent("web")).reason == "remove it")
        let failure = await #expect(throws: CommandFailure.self) {
            try await Docker.Network.Absent("busy").apply(on: fake.machine)
        }
        #expect(failure?.lastLines == ["error while removing network: network busy has active endpoints"])
        #expect(docker.state.withLock { $0.networks["busy"] } != nil)
        #expect(Docker.Network.Absent("host").problems.count == 1)
        let host = Host("x", runs: Debian.self) {
            Docker.Network("web")
            Docker.Network.Absent("web")
        }
        #expect(host.conflicts.count == 1)
    }

    @Test(arguments: ["", "-a", "a b", "host", "bridge", "none"]) func `an invalid name is a problem`(_ name: String) {
        #expect(Docker.Network(name).problems.count == 1)
    }
}
