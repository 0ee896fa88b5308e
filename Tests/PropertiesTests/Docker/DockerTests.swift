import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct DockerTests {
    let fake = FakeMachine()
    let settings: JSON = ["log-driver": "json-file", "log-opts": ["max-size": "10m"], "live-restore": true]
    let text = """
        {
          "live-restore": true,
          "log-driver": "json-file",
          "log-opts": {
            "max-size": "10m"
          }
        }

        """

    @Test func `writes the configuration before there is a docker`() async throws {
        let before = fake.files.snapshot
        try await fake.obeysLaw(Docker.DaemonConfiguration(settings))
        #expect(fake.files.text(at: "/etc/docker/daemon.json") == text)
        #expect(fake.files["/etc/docker/daemon.json"]?.status.mode == 0o644)
        try await fake.obeysLaw(Docker.DaemonConfiguration(settings).reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `an equivalent file with another layout is kept`() async throws {
        let same =
            "{ \"log-opts\": {\"max-size\":\"10m\"},\r\n\t\"live-restore\": true, \"log-driver\": \"json-file\" }"
        fake.files.put("/etc/docker/daemon.json", same)
        #expect(try await fake.check(Docker.DaemonConfiguration(settings)) == .satisfied)
        fake.files.put("/etc/docker/daemon.json", same, mode: 0o600)
        try await fake.obeysLaw(Docker.DaemonConfiguration(settings))
        #expect(fake.files.text(at: "/etc/docker/daemon.json") == same)
    }

    @Test(arguments: [
        "{\"log-driver\": \"json-file\"}", "", "{",
        "{\"log-driver\": \"json-file\", \"log-opts\": {\"max-size\": \"10m\"}, \"live-restore\": \"true\"}",
    ])
    func `a file with other settings is replaced`(present: String) async throws {
        fake.files.put("/etc/docker/daemon.json", present)
        let change = try await fake.obeysLaw(Docker.DaemonConfiguration(settings))
        #expect(change.reason == "other content")
        #expect(fake.files.text(at: "/etc/docker/daemon.json") == text)
    }

    @Test func `a configuration that docker rejects is not installed`() async throws {
        fake.commands.program(
            "dockerd", status: 1,
            errors:
                "unable to configure the Docker daemon with file /run/propel-scratch/daemon.json: the following "
                + "directives don't match any configuration option: log-drivr\n"
        )
        let before = fake.files.snapshot
        let failure = await #expect(throws: Failure.self) {
            try await Docker.DaemonConfiguration(["log-drivr": "local"]).apply(on: fake.machine)
        }
        #expect(failure?.output.first?.contains("log-drivr") == true)
        #expect(fake.files.snapshot == before)
        #expect(fake.commands.log == ["dockerd --validate --config-file=/run/propel-scratch/daemon.json"])
    }

    @Test func `a docker that cannot validate is not asked`() async throws {
        fake.commands.program("dockerd", status: 125, errors: "unknown flag: --validate\nSee 'dockerd --help'.\n")
        try await fake.obeysLaw(Docker.DaemonConfiguration(settings))
    }

    @Test func `a configuration that keeps docker from starting is rejected`() async throws {
        await #expect(throws: Failure.self) {
            try await fake.check(Docker.DaemonConfiguration(["hosts": ["tcp://0.0.0.0:2375"]]))
        }
        await #expect(throws: Failure.self) { try await fake.check(Docker.DaemonConfiguration("log-driver")) }
    }

    @Test func `a link in its place is refused`() async throws {
        fake.files.put("/etc/docker/daemon.json", linkTo: "/srv/daemon.json")
        await #expect(throws: Failure.self) { try await fake.check(Docker.DaemonConfiguration(settings)) }
    }

    // MARK: The engine

    /// Installing the package starts the unit and creates the group.
    private func plantDocker() {
        let systemd = FakeSystemd(fake)
        plantAccountPrograms(fake)
        fake.files.put("/var/lib/dpkg/status", "")
        fake.commands.program("apt-cache") {
            .printing($0.arguments.dropFirst(2).map { "\($0):\n  Candidate: 1\n" }.joined())
        }
        fake.commands.program("apt-get") { [fake] command in
            guard command.arguments.contains("install") else { return .printing() }
            fake.files.put("/var/lib/dpkg/status", "Package: docker.io\nStatus: install ok installed\nVersion: 20\n")
            fake.files.put("/etc/group", (fake.files.text(at: "/etc/group") ?? "") + "docker:x:110:\n")
            systemd["docker.service"] = .init(active: "active", file: "enabled")
            return .printing()
        }
    }

    @Test func `a new machine converges and stays converged`() async throws {
        plantDocker()
        let host = Host("test", runs: Debian.self) { Docker.Engine(daemon: settings, users: ["pi"]) }
        let (plan, predicted) = await fake.plan(host)
        #expect(plan[.failed] == 0)
        #expect(
            predicted == [
                "docker/daemon.json: would-change create with mode 0644, owner root:root",
                "docker/apt: docker.io: would-change install docker.io",
                "docker/docker.service running, enabled: unknown cannot tell until there is a unit docker.service",
                "restart docker.service: would-change ",
                "docker/pi in the group docker: unknown cannot tell until there is a group docker",
            ])
        let (ending, found) = await fake.enforce(host)
        #expect(
            found == [
                "docker/daemon.json: changed create with mode 0644, owner root:root",
                "docker/apt: docker.io: changed install docker.io",
                "docker/docker.service running, enabled: ok ", "restart docker.service: changed ",
                "docker/pi in the group docker: changed add pi to docker",
            ])
        #expect(ending[.failed] == 0)
        let (again, _) = await fake.enforce(host)
        #expect(again[.changed] == 0 && again[.failed] == 0)
    }

    @Test func `a changed configuration restarts docker once`() async throws {
        plantDocker()
        _ = await fake.enforce(Host("test", runs: Debian.self) { Docker.Engine(daemon: settings) })
        let restarts = fake.commands.log.count { $0.hasPrefix("systemctl restart") }
        let (ending, _) = await fake.enforce(
            Host("test", runs: Debian.self) { Docker.Engine(daemon: ["log-driver": "local"]) })
        #expect(ending[.changed] == 2)
        #expect(fake.commands.log.count { $0.hasPrefix("systemctl restart") } == restarts + 1)
    }

    @Test func `without the package the rest is left out`() async throws {
        plantDocker()
        fake.commands.program("apt-get", status: 100, errors: "E: Unable to fetch some archives\n")
        let (ending, found) = await fake.enforce(Host("test", runs: Debian.self) { Docker.Engine(users: ["pi"]) })
        #expect(ending[.failed] == 1)
        #expect(
            found.suffix(2) == [
                "docker/docker.service running, enabled: skipped requires docker/apt: docker.io, which failed",
                "docker/pi in the group docker: skipped requires docker/apt: docker.io, which failed",
            ])
    }

    @Test func `compose is the package of the system`() async throws {
        let host = Host("test", runs: DebianLike.self) { Docker.Compose() }
        let system = { (text: String) in fake.files.put("/usr/lib/os-release", text) }
        fake.files.put("/var/lib/dpkg/status", "")
        #expect(
            await fake.plan(host).lines == [
                "docker compose/on Debian/apt: docker-compose: would-change install docker-compose"
            ])
        system("ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n")
        #expect(
            await fake.plan(host).lines.last
                == "docker compose/on Ubuntu/apt: docker-compose-v2: would-change install docker-compose-v2")
    }
}
