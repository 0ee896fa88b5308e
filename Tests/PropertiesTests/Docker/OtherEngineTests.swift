import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// Engines in the place of the one that root runs, which stacks use.
@Suite(.recorded) struct OtherEngineTests {
    let fake = FakeMachine()

    init() { fake.files.put("/var/lib/dpkg/status", FakeApt.package("docker.io", "install ok installed")) }

    private func refusal() async -> Failure? {
        fake.machine.forgetFacts()
        do { _ = try await fake.check(DockerPackage(.engine, "docker.io")) } catch { return error as? Failure }
        return nil
    }

    /// Docker as the package leaves it.
    private func enableEngine() {
        fake.files.put(
            "/etc/systemd/system/multi-user.target.wants/docker.service", linkTo: "/lib/systemd/system/docker.service")
    }

    // MARK: - Podman

    @Test func `podman in the place of docker is named with its package`() async {
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("podman-docker", "install ok installed"))
        fake.files.put("/usr/bin/docker", "#!/bin/sh\nexec /usr/bin/podman \"$@\"\n", mode: 0o755)
        let failure = await refusal()
        #expect(failure?.message == "docker is podman on this machine: the package podman-docker")
        #expect(failure?.advice?.contains("`apt remove podman-docker` on the machine, and run again") == true)
    }

    @Test func `a script or a link to podman is found without the package`() async throws {
        enableEngine()
        fake.files.put("/usr/local/bin/docker", "#!/bin/bash\npodman \"$@\"\n", mode: 0o755)
        #expect(await refusal()?.message == "docker is podman on this machine: /usr/local/bin/docker")
        try fake.files.remove("/usr/local/bin/docker")
        fake.files.put("/usr/bin/docker", linkTo: "podman")
        #expect(await refusal()?.advice?.contains("Remove /usr/bin/docker on the machine") == true)
        try fake.files.remove("/usr/bin/docker")
        fake.files.put("/run/docker.sock", linkTo: "/run/podman/podman.sock")
        #expect(await refusal()?.message == "docker is podman on this machine: /run/docker.sock")
    }

    @Test func `a script that calls docker is no podman`() async {
        fake.files.put("/usr/local/bin/docker", "#!/bin/sh\nexec /usr/bin/docker \"$@\"\n", mode: 0o755)
        // A program may have that word in it.
        fake.files.put("/usr/bin/docker", "\u{7F}ELF podman", mode: 0o755)
        #expect(await refusal() == nil)
    }

    @Test func `podman beside docker does not matter`() async {
        fake.files.put(
            "/var/lib/dpkg/status",
            FakeApt.package("docker.io", "install ok installed") + FakeApt.package("podman", "install ok installed")
                + FakeApt.package("podman-docker", "deinstall ok config-files"))
        fake.files.put("/run/podman/podman.sock", "")
        #expect(await refusal() == nil)
    }

    // MARK: - Rootless

    @Test(arguments: ["/run/user/1000/docker.sock", "/home/pi/.config/systemd/user/docker.service"] as [FilePath])
    func `a machine whose only engine is rootless is named with its user`(_ path: FilePath) async {
        fake.files.put(path, "", owner: Owner(user: 1000, group: 1000))
        let failure = await refusal()
        #expect(
            failure?.message
                == "the docker of this machine is the rootless engine of the user pi, and the one that root runs is "
                + "not enabled")
        #expect(failure?.advice?.contains("`systemctl enable --now docker.service` on the machine") == true)
    }

    @Test func `a user that passwd does not have is named by the UID`() async {
        fake.files.put("/run/user/54321/docker.sock", "")
        #expect(await refusal()?.message.contains("of the user with the UID 54321,") == true)
    }

    @Test(arguments: ["multi-user.target.wants/docker.service", "sockets.target.wants/docker.socket"])
    func `a rootless engine beside that of root does not matter`(_ unit: String) async {
        fake.files.put("/run/user/1000/docker.sock", "")
        fake.files.put(FilePath("/etc/systemd/system").appending(unit), linkTo: "/lib/systemd/system/docker")
        #expect(await refusal() == nil)
    }

    @Test func `commands that would reach another engine are refused`() async throws {
        enableEngine()
        fake.files.put("/run/docker.sock", linkTo: "/run/user/1000/docker.sock")
        #expect(
            await refusal()?.message
                == "/run/docker.sock is a link to /run/user/1000/docker.sock, the rootless engine of a user")
        try fake.files.remove("/run/docker.sock")
        fake.files.put("/root/.docker/config.json", #"{"auths": {}, "currentContext": "rootless"}"#)
        #expect(await refusal()?.message.hasPrefix("the docker of root uses the context “rootless”") == true)
        #expect(await refusal()?.advice?.hasPrefix("`docker context use default`") == true)
        fake.files.put("/root/.docker/config.json", #"{"auths": {}, "currentContext": "default"}"#)
        #expect(await refusal() == nil)
        fake.files.put("/root/.docker/config.json", "{")
        #expect(await refusal() == nil)
    }

    @Test func `no program is run for it`() async {
        fake.files.put("/run/user/1000/docker.sock", "")
        _ = await refusal()
        #expect(fake.commands.log.isEmpty)
    }
}
