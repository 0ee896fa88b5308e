import Vocabulary
import Sandbox
import Testing

/// Images built, and loaded, by a real engine: 20.10 in Debian 12, 26.1 in Debian 13.
@Suite(.serialized)
struct DockerImageTests {
    @Test(.machines, arguments: DebianRelease.allCases)
    func `an image is rebuilt only when its directory changes`(_ suite: DebianRelease) async throws {
        let swap = suite == .bookworm ? "swap = \"36 MiB\"" : "swap = \"44 MiB\""
        let machine = try await TestMachine.up(role: "pi", keys: swap + "\nbuild = \"/srv/app\"", suite: suite)
        try await makeContext(machine)

        // The second step fails, and the first one's layer is kept.
        try await write("step.sh", "echo a compiler would complain; exit 3\n", on: machine)
        let failed = try await machine.configuration.propel(machine.name)
        #expect(failed.status == 1, "\(failed)")
        #expect(failed.description.contains("a compiler would complain"))
        let layers = Set(try await machine.ssh("docker images --all --quiet --no-trunc").split(separator: "\n"))
        #expect(layers.count >= 2)

        // Now it fetches something, and there is no server until the first attempt has failed.
        try await write("step.sh", "nc -w 10 172.17.0.1 8099 > /fetched\n", on: machine)
        try await machine.ssh(
            "systemd-run --quiet --unit=late-server sh -c 'docker events --filter event=die --format died | "
                + "head -n 1; while true; do busybox nc -l -p 8099 < /srv/fetched; done'"
        )
        let built = try await machine.configuration.propel(machine.name)
        #expect(built.status == 0, "\(built)")
        #expect(built.description.contains("docker image app"))
        let history = Set(try await machine.ssh("docker history --quiet --no-trunc app").split(separator: "\n"))
        // Those of the program and of the first step; the script is another one.
        #expect(layers.intersection(history).count == 2, "\(layers) \(history)")
        #expect(try await run("cat /fetched", machine) == "from the network")
        let limit = try #require(Int(try await run("cat /limit", machine)))
        let memory = 1024 * (try #require(Int(try await machine.ssh("awk '/^MemTotal/ {print $2}' /proc/meminfo"))))
        #expect(limit < memory && limit > memory / 2)

        let second = try await machine.configuration.propel(json: machine.name)
        #expect(second.status == 0)
        #expect(try second.paths(.ok).count == second.properties.count, "\(second)")

        // The server is gone: what is fetched is in the cache.
        try await machine.ssh("systemctl stop late-server")
        try await write("greeting", "good evening\n", on: machine)
        let plan = try await machine.configuration.propel(json: "plan", machine.name)
        #expect(try plan.paths(.wouldChange) == ["docker image app"], "\(plan)")
        let changed = try await machine.configuration.propel(json: machine.name)
        #expect(try changed.paths(.changed) == ["docker image app"], "\(changed)")
        #expect(try await run("cat /greeting", machine) == "good evening")

        try await expectArchiveIsLoaded(machine, swap)
        try await expectBuildKit(machine, swap)
    }

    /// A step that the classic builder does not know is built with BuildKit, or named.
    private func expectBuildKit(_ machine: TestMachine, _ swap: String) async throws {
        try await write(
            "Dockerfile",
            """
            FROM scratch
            COPY busybox /bin/busybox
            RUN --mount=type=bind,source=greeting,target=/mounted ["/bin/busybox", "cp", "/mounted", "/copied"]

            """, on: machine)
        try machine.describe(role: "pi", keys: swap + "\nbuild = \"/srv/app\"")
        // Until version 23 docker's command had it built in.
        let hasBuildKit = try await machine.ssh(
            "if docker --version | grep --quiet 'version 20' || ls /usr/lib*/docker/cli-plugins/docker-buildx > "
                + "/dev/null 2>&1; then echo yes; else echo no; fi")
        let built = try await machine.configuration.propel(machine.name)
        if hasBuildKit == "yes" {
            #expect(built.status == 0, "\(built)")
            #expect(try await run("cat /copied", machine) == "good evening")
        } else {
            #expect(built.status == 1, "\(built)")
            #expect(built.description.contains("Dockerfile, line 3: RUN --mount"), "\(built)")
        }
    }

    /// An archive of `docker save` is loaded if the image is missing or differs.
    private func expectArchiveIsLoaded(_ machine: TestMachine, _ swap: String) async throws {
        let id = try await machine.ssh("docker image inspect --format '{{.Id}}' app")
        try await machine.ssh(
            "docker save app | gzip -1 > /srv/app.tar.gz && docker image tag app kept && printf 'FROM kept\\nLABEL "
                + "a=b\\n' | DOCKER_BUILDKIT=0 docker build --quiet --tag app -"
        )
        #expect(try await machine.ssh("docker image inspect --format '{{.Id}}' app") != id)
        try machine.describe(role: "pi", keys: swap + "\narchive = \"/srv/app.tar.gz\"")
        let loaded = try await machine.configuration.propel(json: machine.name)
        #expect(try loaded.paths(.changed) == ["docker image app"], "\(loaded)")
        #expect(try await machine.ssh("docker image inspect --format '{{.Id}}' app") == id)
        try await machine.ssh("docker image rm --force app kept")
        #expect(try await machine.configuration.propel(machine.name).status == 0)
        #expect(try await machine.ssh("docker image inspect --format '{{.Id}}' app") == id)
    }

    private func makeContext(_ machine: TestMachine) async throws {
        try await machine.ssh(
            "id pi 2>/dev/null || useradd --create-home pi; apt-get -qq update && apt-get -qq --yes install "
                + "busybox-static sudo > /dev/null; mkdir -p /srv/app && cp $(command -v busybox) /srv/app/busybox "
                + "&& echo from the network > /srv/fetched"
        )
        try await write("greeting", "good morning\n", on: machine)
        try await write(
            "Dockerfile",
            """
            FROM scratch
            COPY busybox /bin/busybox
            RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin; cat \
            /sys/fs/cgroup/memory/memory.limit_in_bytes > /limit || cat /sys/fs/cgroup/memory.max > /limit"]
            COPY step.sh /step.sh
            RUN ["/bin/busybox", "sh", "/step.sh"]
            COPY greeting /greeting

            """, on: machine)
    }

    private func write(_ file: String, _ text: String, on machine: TestMachine) async throws {
        let quoted = text.replacing("'", with: "'\\''")
        try await machine.ssh("printf %s '\(quoted)' > /srv/app/\(file)")
    }

    private func run(_ command: String, _ machine: TestMachine) async throws -> String {
        try await machine.ssh("docker run --rm app /bin/busybox \(command)")
    }
}
