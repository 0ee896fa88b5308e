import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct DockerAbsentTests {
    private let fake = FakeMachine()
    private let packages = DockerPackagesAbsent()

    private func install(_ names: String...) {
        _ = FakeApt(fake)
        let stanzas = names.map { FakeApt.package($0, "install ok installed") }
        fake.files.put("/var/lib/dpkg/status", "Package: git\nStatus: install ok installed\n\n" + stanzas.joined())
    }

    private func enforce(_ host: Host) async -> RunSummary { await fake.enforce(host).summary }

    @Test func `docker of the distribution is removed, and its data stays`() async throws {
        install("docker.io", "docker-cli", "containerd")
        _ = FakeDocker(on: fake, hasCompose: false)
        fake.files.put("/var/lib/docker/volumes/data/_data/a", "data")
        #expect(
            try await fake.obeysLaw(packages).reason
                == "remove docker.io, docker-cli: images and volumes stay in /var/lib/docker")
        let status = try await fake.machine.fact(DpkgStatus.self)
        #expect(!status.isPresent("docker.io") && status.isPresent("git") && status.isPresent("containerd"))
        #expect(!fake.commands.log.contains { $0.contains("purge") })
        #expect(fake.files["/var/lib/docker/volumes/data/_data/a"] != nil)
        #expect(
            fake.machine.followUps
                == ["the images and volumes of docker are in /var/lib/docker: keep them, or remove them"])
    }

    @Test func `docker of Docker goes with its repository`() async throws {
        install("docker-ce", "docker-ce-cli", "docker-compose-plugin", "docker-buildx-plugin")
        _ = FakeDocker(on: fake, hasCompose: false)
        fake.files.put("/etc/apt/sources.list.d/docker.sources", "Types: deb\n")
        fake.files.put("/etc/apt/sources.list.d/other.sources", "Types: deb\n")
        fake.files.put(DockerKey.path, "key")
        let host = Host("x", runs: Debian.self) { Docker.Engine.Absent() }
        let run = await enforce(host)
        #expect(run[.failed] == 0 && run[.skipped] == 0 && run[.changed] == 3)
        #expect(try fake.files.list("/etc/apt/sources.list.d") == ["other.sources"])
        #expect(fake.files[DockerKey.path] == nil)
        #expect(await enforce(host)[.changed] == 0)
    }

    @Test func `the key stays as long as a list of somebody else names it`() async throws {
        install("docker-ce", "docker-ce-cli")
        _ = FakeDocker(on: fake, hasCompose: false)
        let list: FilePath = "/etc/apt/sources.list.d/docker.list"
        fake.files.put(
            list, "deb [signed-by=\(DockerKey.path)] https://download.docker.com/linux/debian bookworm stable\n")
        fake.files.put(DockerKey.path, "key")
        let host = Host("x", runs: Debian.self) { Docker.Engine.Absent() }
        let run = await enforce(host)
        #expect(run[.failed] == 0 && run[.skipped] == 0 && run[.changed] == 1)
        #expect(fake.files[list] != nil && fake.files[DockerKey.path] != nil)
        #expect(await enforce(host)[.changed] == 0)
        try fake.files.remove(list)
        #expect(await enforce(host)[.changed] == 1)
        #expect(fake.files[DockerKey.path] == nil)
    }

    @Test func `nothing is removed while there is a container`() async throws {
        install("docker-ce", "docker-ce-cli")
        let docker = FakeDocker(on: fake, hasCompose: false)
        docker.state.withLock {
            for name in ["db", "web"] {
                $0.containers[name] = .init(id: name, name: name, image: "a", imageID: "a", state: "exited")
            }
        }
        fake.files.put(DockerKey.path, "key")
        #expect(await fake.refusal(of: packages)?.message == "docker has containers: db, web")
        let run = await enforce(Host("x", runs: Debian.self) { Docker.Engine.Absent() })
        #expect(run[.failed] == 1 && run[.changed] == 0 && fake.files[DockerKey.path] != nil)
        #expect(!fake.commands.log.contains { $0.hasPrefix("apt-get") })
    }

    /// Before docker 17.05 the setting of the data root was `graph`.
    @Test(arguments: ["data-root", "graph"])
    func `an engine that does not run has its containers on the disk`(_ setting: String) async throws {
        install("docker.io")
        fake.commands.program("docker", status: 1, errors: "Cannot connect to the Docker daemon at unix:///x\n")
        fake.files.put("/etc/docker/daemon.json", #"{"\#(setting)": "/srv/docker"}"#)
        fake.files.put("/srv/docker/containers/0123456789abcdef/config.v2.json", "{}")
        let failure = await #expect(throws: Failure.self) { try await fake.check(packages) }
        #expect(failure?.message == "docker has containers: 0123456789ab")
        try fake.files.remove("/srv/docker/containers/0123456789abcdef/config.v2.json")
        try fake.files.remove("/srv/docker/containers/0123456789abcdef")
        #expect(try await fake.obeysLaw(packages).reason.hasSuffix("stay in /srv/docker"))
        // Another error is not taken for an engine that does not run.
        install("docker.io")
        fake.commands.program("docker", status: 1, errors: "permission denied\n")
        await #expect(throws: CommandFailure.self) { try await fake.check(packages) }
    }

    @Test func `an engine without a package is a failure, and none is what is declared`() async throws {
        fake.hasInstalled()
        #expect(try await fake.check(packages) == .satisfied && fake.commands.log.isEmpty)
        for path: FilePath in ["/usr/local/bin/dockerd", "/snap/bin/docker"] {
            fake.files.put(path, "", mode: 0o755)
            await #expect(throws: Failure.self) { try await fake.check(packages) }
            try fake.files.remove(path)
        }
        fake.files.put(
            "/var/lib/dpkg/status", "Package: docker-ce\nStatus: hold ok installed\nVersion: 1\n")
        let failure = await #expect(throws: Failure.self) { try await fake.check(packages) }
        #expect(failure?.message == "docker-ce is on hold, and declared absent")
    }

    @Test func `compose is removed from whichever package it is`() async throws {
        install("docker-compose", "docker-compose-v2", "docker.io")
        let host = Host("x", runs: Debian.self) { Docker.Compose.Absent() }
        #expect(await enforce(host)[.changed] == 1)
        let status = try await fake.machine.fact(DpkgStatus.self)
        #expect(!status.isPresent("docker-compose") && !status.isPresent("docker-compose-v2"))
        #expect(status.isPresent("docker.io"))
    }

    @Test func `docker that is there and not there is a conflict`() {
        let host = Host("x", runs: Debian.self) {
            Docker.Engine(from: .docker)
            Docker.Engine.Absent()
        }
        #expect(host.conflicts.map(\.subject).contains("the package docker-ce"))
    }
}
