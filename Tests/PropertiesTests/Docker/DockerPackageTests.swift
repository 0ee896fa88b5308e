import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// An engine that is there already is used, and never exchanged.
@Suite(.recorded) struct DockerPackageTests {
    let fake = FakeMachine()

    private func plan(_ properties: some Declarable<DebianLike>) async -> [String] {
        await fake.plan(Host("test", runs: Debian.self) { properties }).lines
    }

    private func run(_ properties: some Declarable<DebianLike>) async -> [String] {
        await fake.enforce(Host("test", runs: Debian.self) { properties }).lines
    }

    private func plantRunningDocker() {
        _ = FakeSystemd(fake, ["docker.service": .init(active: "active", file: "enabled")])
    }

    @Test(arguments: [
        ["docker-ce", "docker-ce-cli", "docker-compose-plugin"], ["moby-engine", "moby-cli", "moby-compose"],
    ])
    func `the packages of others are what is declared`(_ packages: [String]) async {
        plantRunningDocker()
        fake.isTrixie()
        fake.files.put("/var/lib/dpkg/status", packages.map { FakeApt.package($0, "install ok installed") }.joined())
        let lines = await run(
            PropertyGroup("all", for: DebianLike.self) {
                Docker.Engine()
                Docker.Compose()
            })
        #expect(lines.count == 4 && lines.allSatisfy { $0.hasSuffix(": ok ") }, "\(lines)")
        #expect(!fake.commands.log.contains { $0.hasPrefix("apt") })
    }

    @Test func `an engine without a package is what is declared`() async {
        plantRunningDocker()
        fake.files.put("/var/lib/dpkg/status", "")
        fake.files.put("/usr/local/bin/dockerd", "", mode: 0o755)
        #expect(await plan(Docker.Engine()).first == "docker/apt: docker.io: ok ")
    }

    @Test func `compose comes from where the engine comes from`() async throws {
        _ = FakeApt(fake, available: ["docker-compose", "docker-compose-plugin"])
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("docker-ce", "install ok installed"))
        #expect(
            await plan(Docker.Compose()) == [
                "docker compose/on Debian/apt: docker-compose: would-change install docker-compose-plugin"
            ])
        #expect(
            await run(Docker.Compose()) == [
                "docker compose/on Debian/apt: docker-compose: changed install docker-compose-plugin"
            ])
        #expect(
            fake.commands.log.last
                == "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) install -- docker-compose-plugin")
    }

    @Test func `an engine of Docker that is declared is the engine`() async {
        plantRunningDocker()
        _ = FakeApt(fake, available: ["docker-ce", "docker.io"])
        let lines = await run(
            PropertyGroup("all", for: DebianLike.self) {
                Apt.Installed("docker-ce")
                Docker.Engine()
            })
        #expect(lines.allSatisfy { !$0.contains("failed") }, "\(lines)")
        #expect(!fake.commands.log.contains { $0.hasPrefix("apt-get") && $0.contains("docker.io") })
    }

    @Test func `a package that is half installed is finished`() async {
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("docker.io", "install ok half-configured"))
        fake.files.put("/usr/sbin/dockerd", "", mode: 0o755)
        #expect(await plan(Docker.Engine()).first == "docker/apt: docker.io: would-change install docker.io")
    }

    @Test func `a docker of snap is named`() async throws {
        fake.files.put("/var/lib/dpkg/status", "")
        fake.files.put("/snap/bin/docker", "")
        let failure = await #expect(throws: Failure.self) {
            try await fake.check(DockerPackage(.engine, "docker.io"))
        }
        #expect(failure?.message.hasPrefix("docker is installed as a snap") == true)
        #expect(await plan(Docker.Engine()).first?.hasPrefix("docker/apt: docker.io: failed") == true)
    }

    @Test func `nothing advises to remove a running engine`() async throws {
        _ = FakeApt(fake, available: ["docker.io"], takesAlong: ["containerd.io", "docker-ce", "docker-ce-cli"])
        let failure = await #expect(throws: Failure.self) {
            try await Apt.Installed("docker.io").apply(on: fake.machine)
        }
        #expect(
            failure?.message == "installing docker.io would remove the docker engine docker-ce of this machine")
        #expect(failure?.advice?.contains("Docker.Engine") == true && failure?.advice?.contains("Absent") == false)
    }

    @Test func `buildx comes from where the engine comes from`() async {
        fake.isTrixie()
        _ = FakeApt(fake, available: ["docker-buildx", "docker-buildx-plugin"])
        for (engine, buildx) in [("docker.io", "docker-buildx"), ("docker-ce", "docker-buildx-plugin")] {
            fake.files.put("/var/lib/dpkg/status", FakeApt.package(engine, "install ok installed"))
            #expect(
                await plan(Docker.BuildKit()) == [
                    "docker buildkit/on Debian 13/apt: docker-buildx: would-change install \(buildx)"
                ])
        }
        fake.files.put("/usr/libexec/docker/cli-plugins/docker-buildx", "", mode: 0o755)
        fake.files.put("/var/lib/dpkg/status", "")
        #expect(await plan(Docker.BuildKit()).allSatisfy { $0.hasSuffix(": ok ") })
    }
}
