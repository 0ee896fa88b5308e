import PropelTesting
import RecordedOperations
import Testing
import Yams

@testable import Properties

/// Labels, commands and health checks with secrets: in the file beside the compose file that only root can read.
@Suite(.recorded) struct SecretKeysTests {
    private func secrets(_ plaintext: String = "hunter2 $x \"y\"") -> Secrets {
        Secrets(versions: ["key": "1"]) { names in
            try Dictionary(uniqueKeysWithValues: names.map { ($0, try SecretBytes(copying: plaintext.utf8)) })
        }
    }

    private func stack(_ tag: String = "1") -> Stack {
        Stack("shop", healthTimeout: .hours(1)) {
            Container("app", image: "app", tag: tag) {
                Environment("TOKEN", "\(Secret("key"))")
                Labels(["plain": "1"])
                Label("secret", "anna:\(Secret("key"))")
                Label("plain-too", "2")
                Entrypoint(revealing: "/entry", "\(Secret("key"))")
                Container.Command(revealing: "serve", "--key=\(Secret("key"))")
                HealthCheck(revealing: "probe", ["--key", "\(Secret("key"))"], startPeriod: .seconds(10))
            }
            Container("web", image: "web") { Container.Command(revealing: "serve", "--plain") }
        }.polling(every: .zero)
    }

    @Test func `they are in one file, and nowhere else`() async throws {
        let stack = stack(), fake = FakeMachine().run(with: secrets()), docker = FakeDocker(on: fake)
        #expect(stack.problems.isEmpty, "\(stack.problems)")
        try await fake.machine.secrets.fetch([Secret("key")])
        try await fake.obeysLaw(StackDeployment(stack: stack))
        let file = try #require(fake.files["/srv/shop/docker-compose.override.yml"])
        #expect(file.status.mode == 0o600)
        let text = try #require(fake.files.text(at: "/srv/shop/docker-compose.override.yml"))
        #expect(
            text == #"""
                # What the compose file beside this leaves out, since there are secrets in it.
                services:
                  app:
                    environment:
                      TOKEN: "hunter2 $$x \"y\""
                    labels:
                      secret: "anna:hunter2 $$x \"y\""
                    entrypoint:
                      - "/entry"
                      - "hunter2 $$x \"y\""
                    command:
                      - "serve"
                      - "--key=hunter2 $$x \"y\""
                    healthcheck:
                      test:
                        - "CMD"
                        - "probe"
                        - "--key"
                        - "hunter2 $$x \"y\""

                """#)
        #expect(try load(yaml: text) is [String: Any])
        #expect(!stack.composeText.contains("hunter2") && !stack.composeText.contains("entrypoint"))
        #expect(stack.composeText.contains("    labels:\n      plain: \"1\"\n      plain-too: \"2\"\n"))
        #expect(stack.composeText.contains("    healthcheck:\n      interval: \"5s\"\n"))
        #expect(stack.composeText.contains("    command:\n      - serve\n      - \"--plain\"\n"))
        #expect(!fake.commands.log.contains { $0.contains("hunter2") })
        #expect(docker.containers.count == 2)
    }

    @Test func `a changed secret recreates the container`() async throws {
        let fake = FakeMachine(), docker = FakeDocker(on: fake)
        var run = fake.run(with: secrets("one"))
        try await run.machine.secrets.fetch([Secret("key")])
        try await run.obeysLaw(StackDeployment(stack: stack()))
        let before = docker.containers.mapValues(\.id)
        run = fake.run(
            with: Secrets(versions: ["key": "2"]) { names in
                try Dictionary(uniqueKeysWithValues: names.map { ($0, try SecretBytes(copying: "two".utf8)) })
            })
        try await run.machine.secrets.fetch([Secret("key")])
        try await run.obeysLaw(StackDeployment(stack: stack()))
        #expect(docker.containers["app"]?.id != before["app"] && docker.containers["web"]?.id == before["web"])
    }

    /// Other versions of Propel have written records with it.
    @Test func `the form of variables alone is what it was`() throws {
        let stack = Stack("s") {
            Container("a", image: "i") {
                Environment("A", "\(Secret("x"))")
                Environment("B", "b\(Secret("y"))")
            }
        }
        let variables = stack.containers[0].environment
        #expect(
            stack.secretFiles.map(\.form) == [
                "a\n" + variables.map { "\($0.name)\n\($0.value.form)" }.joined(separator: "\n\n")
            ])
    }

    @Test func `what does not fit is a problem`() {
        func problems(@ContainerBuilder _ parts: () -> [any ContainerPart]) -> [String] {
            Stack("s") { Container("a", image: "i", parts) }.problems.map {
                $0.replacing("the stack s: the container a has a problem: ", with: "")
            }
        }
        #expect(
            problems {
                Label("x", "\(Secret("key"))")
                Labels(["x": "1"])
            } == ["Labels: “x” is there twice: keep one"])
        #expect(
            problems {
                Labels(["x": "1"])
                Label("x", "\(Secret("key"))")
            } == ["Label: “x” is there twice: keep one"])
        #expect(
            problems { Label("a b", "\(Secret("key"))") } == [
                "Label: invalid name “a b”: use no blank and no “=”; the value comes after a colon"
            ])
        #expect(
            problems {
                Entrypoint("serve")
                Entrypoint(revealing: "serve", "\(Secret("key"))")
            } == ["Entrypoint: it is there twice: keep one"])
        #expect(
            problems { Container.Command(revealing: "serve", Content(from: "files/key")) } == [
                "Container.Command: there is a fact or a file of the repository in it: use strings and secrets"
            ])
    }

    /// Its files are kept as an image, which has the configuration of the container.
    @Test func `what is kept of a failed container has none of them`() async throws {
        let fake = FakeMachine(), docker = FakeDocker(on: fake), run = fake.run(with: secrets())
        try await run.machine.secrets.fetch([Secret("key")])
        try await run.obeysLaw(StackDeployment(stack: stack()))
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) {
            try await StackDeployment(stack: stack("sick")).apply(on: run.machine)
        }
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        let commit = try #require(fake.commands.log.first { $0.hasPrefix("docker commit") })
        for change in ["ENV TOKEN=", "secret", "ENTRYPOINT []", "CMD []", "HEALTHCHECK NONE"] {
            #expect(commit.contains(change), "\(commit)")
        }
    }
}
