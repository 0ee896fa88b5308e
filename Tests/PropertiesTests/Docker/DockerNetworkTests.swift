import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct DockerNetworkTests {
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

    private static let lan = Docker.Network(
        "lan", driver: .macvlan(parent: "eth0"), subnets: [Subnet("192.0.2.0/24", gateway: "192.0.2.1")])

    /// A docker that describes its networks.
    private func machine(_ description: String) -> FakeMachine {
        let fake = FakeMachine()
        FakeDocker(on: fake).state.withLock { state in
            state.networks["lan"] = ""
            state.answer = { command in
                command.arguments.prefix(2) == ["network", "inspect"] ? .printing(description + "\n") : nil
            }
        }
        return fake
    }

    @Test func `a network is created with its settings`() async throws {
        let fake = FakeMachine()
        _ = FakeDocker(on: fake)
        let settings = "--driver macvlan --subnet 192.0.2.0/24 --gateway 192.0.2.1 --opt parent=eth0"
        #expect(try await fake.check(Self.lan).reason == "create it with \(settings)")
        try await Self.lan.apply(on: fake.machine)
        #expect(fake.commands.log.last == "docker network create \(settings) lan")
        let inside = Docker.Network("inside", isInternal: true, subnets: ["fd00:1::/64"], ipv6: true)
        try await inside.apply(on: fake.machine)
        #expect(fake.commands.log.last == "docker network create --internal --ipv6 --subnet fd00:1::/64 inside")
    }

    @Test func `settings that docker has are kept`() async throws {
        let fake = machine(
            #"{"Name":"lan","Driver":"macvlan","Internal":false,"EnableIPv6":false,"Options":{"parent":"eth0","x":"y"},"#
                + #""IPAM":{"Config":[{"Subnet":"192.0.2.0/24","Gateway":"192.0.2.1"}]}}"#)
        #expect(try await fake.check(Self.lan) == .satisfied)
        #expect(try await fake.check(Docker.Network("lan")) == .satisfied)
    }

    @Test(arguments: [
        #"{"Name":"lan","Driver":"bridge","IPAM":{"Config":[{"Subnet":"192.0.2.0/24","Gateway":"192.0.2.1"}]}}"#,
        #"{"Name":"lan","Driver":"macvlan","Options":{"parent":"eth1"},"#
            + #""IPAM":{"Config":[{"Subnet":"192.0.2.0/24","Gateway":"192.0.2.1"}]}}"#,
        #"{"Name":"lan","Driver":"macvlan","Options":{"parent":"eth0"},"IPAM":{"Config":[]}}"#,
        #"{"Name":"lan","Driver":"macvlan","Options":{"parent":"eth0"},"#
            + #""IPAM":{"Config":[{"Subnet":"192.0.2.0/24","Gateway":"192.0.2.9"}]}}"#,
        #"{"Name":"lan","Driver":"macvlan","Internal":true,"Options":{"parent":"eth0"},"#
            + #""IPAM":{"Config":[{"Subnet":"192.0.2.0/24","Gateway":"192.0.2.1"}]}}"#,
    ]) func `other settings are a failure, since docker changes none`(_ description: String) async throws {
        await #expect(throws: Failure.self) { try await machine(description).check(Self.lan) }
    }

    @Test func `invalid settings are problems, and one network with two settings a conflict`() {
        #expect(Docker.Network("a", subnets: ["192.0.2.1/24"]).problems.count == 1)
        #expect(Docker.Network("a", ipv6: true).problems.count == 1)
        #expect(Docker.Network("a", options: ["": "x"]).problems.count == 1)
        #expect(Docker.Network("a", driver: .macvlan(parent: "-x")).problems.count == 1)
        let host = Host("x", runs: Debian.self) {
            Docker.Network("web", isInternal: true)
            Docker.Network("web", subnets: ["192.0.2.0/24"])
        }
        #expect(host.conflicts.count == 1)
    }
}
