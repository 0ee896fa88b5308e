import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct DockerCommandTests {
    @Test func `lists containers`() {
        #expect(DockerCommand.ps().description == "docker ps --no-trunc --quiet")
        #expect(
            DockerCommand.ps(all: true, filters: ["label=a", "volume=b"], format: "{{.ID}}").arguments == [
                "ps", "--all", "--no-trunc", "--filter", "label=a", "--filter", "volume=b", "--format", "{{.ID}}",
            ])
    }

    @Test func `names of images and volumes cannot be options`() {
        for command in [
            DockerCommand.inspect(containers: ["-a"], format: "x"), DockerCommand.inspect(image: "-a"),
            DockerCommand.inspect(volumes: ["-a"], format: "x"), DockerCommand.pull("-a"),
            DockerCommand.create(volume: "-a"), DockerCommand.remove(images: ["-a"]),
        ] {
            #expect(command.arguments.suffix(2) == ["--", "-a"])
        }
    }

    @Test func `the life of a container`() {
        let commands = [
            DockerCommand.create(name: "n", options: ["--pull", "never"], image: "i", command: ["a", "b"]),
            DockerCommand.start(["n"]), DockerCommand.exec(["a", "b"], in: "n"),
            DockerCommand.exec(["a"], in: "n", isInteractive: true), DockerCommand.logs("n", lines: 5),
            DockerCommand.logs("n", hasTimes: true),
            DockerCommand.pause(["n", "m"]), DockerCommand.unpause(["n"]),
            DockerCommand.stop(["n", "m"], grace: .seconds(90)), DockerCommand.remove(["n"]),
            DockerCommand.remove(["n"], force: true, volumes: true),
            DockerCommand.run(["a", "b"], options: ["--network", "none"], image: "i"),
            DockerCommand.commit("n", as: "i:1", changes: ["ENV A=", "LABEL b="]),
        ]
        #expect(
            commands.map { $0.arguments.joined(separator: " ") } == [
                "create --name n --pull never i a b", "start n", "exec n a b", "exec --interactive n a",
                "logs --tail 5 n", "logs --timestamps --tail 20 n", "pause n m", "unpause n", "stop --time 90 n m",
                "rm n", "rm --force --volumes n",
                "run --rm --entrypoint a --network none i b", "commit --change ENV A= --change LABEL b= n i:1",
            ])
    }

    @Test func `images and volumes`() {
        let commands = [
            DockerCommand.tag("sha256:1", as: "a:1"), DockerCommand.load("/a.tar"),
            DockerCommand.images(reference: "p/*", format: "f"), DockerCommand.volumes(filters: ["label=a"]),
            DockerCommand.create(volume: "v", labels: ["a"]), DockerCommand.remove(volumes: ["v", "w"]),
            DockerCommand.info(format: "f"), DockerCommand.images(),
            DockerCommand.inspect(images: ["a", "b"], format: "f"),
        ]
        #expect(
            commands.map { $0.arguments.joined(separator: " ") } == [
                "image tag sha256:1 a:1", "load --quiet --input /a.tar", "image ls --format f --filter reference=p/*",
                "volume ls --quiet --filter label=a", "volume create --label a -- v", "volume rm v w",
                "info --format f", "image ls --no-trunc --quiet", "image inspect --format f -- a b",
            ])
    }

    @Test func `builds with the classic builder`() {
        let command = DockerCommand.build(["--tag", "a"], context: "/srv/a", timeout: .hours(1))
        #expect(command.description == "docker build --tag a -- /srv/a")
        #expect(command.environment == ["DOCKER_BUILDKIT": "0"])
        let other = DockerCommand.build(["--tag", "a"], context: "/srv/a", builder: .buildKit, timeout: .hours(1))
        #expect(other.description == "docker build --progress plain --tag a -- /srv/a")
        #expect(other.environment == ["DOCKER_BUILDKIT": "1"])
    }

    @Test(arguments: DockerPackage.plugins)
    func `the plugin is preferred to an old compose beside it`(_ directory: FilePath) throws {
        let fake = FakeMachine()
        fake.files.put("/usr/bin/docker-compose", "", mode: 0o755)
        fake.files.put(directory.appending("docker-compose"), "", mode: 0o755)
        let compose = try ComposeCommand(project: "shop", directory: "/srv/shop", on: fake.machine)
        #expect(compose.validate(files: []).description.hasPrefix("docker compose --project-name"))
    }

    @Test func `compose is told the files with variables`() throws {
        let compose = try ComposeCommand(
            project: "shop", directory: "/opt/shop", environmentFiles: ["/a.env", "/b.env"], on: FakeMachine().machine)
        #expect(
            compose.validate(files: ["/a.yml"]).description
                == "docker compose --project-name shop --project-directory /opt/shop --env-file /a.env "
                + "--env-file /b.env --file /a.yml config --quiet")
    }

    @Test(arguments: [true, false])
    func `compose is called by the name that the machine has`(_ isStandalone: Bool) throws {
        let fake = FakeMachine()
        if isStandalone { fake.files.put("/usr/bin/docker-compose", "", mode: 0o755) }
        let compose = try ComposeCommand(project: "shop", directory: "/srv/shop", on: fake.machine)
        let options = "--project-name shop --project-directory /srv/shop --file a.yml --file b.yml"
        let name = isStandalone ? "docker-compose" : "docker compose"
        #expect(compose.services(files: ["a.yml", "b.yml"]).description == "\(name) \(options) config --services")
        #expect(compose.validate(files: ["a.yml", "b.yml"]).description == "\(name) \(options) config --quiet")
        #expect(
            compose.up(["db"], options: ["--no-deps"], grace: .seconds(60), files: ["a.yml", "b.yml"]).description
                == "\(name) \(options) up --detach --no-build --timeout 60 --no-deps db")
        #expect(
            compose.up(starts: false, files: ["a.yml", "b.yml"]).description
                == "\(name) \(options) up --no-start --no-build")
    }
}
