import PropelTesting
import Properties
import RecordedOperations
import Testing

/// Stacks with files of the repository.
@Suite(.recorded) struct StackRepositoryTests {
    private let stack = Stack("shop") {
        Properties.Container("app", image: "shop/app", tag: "1") {
            ConfigurationFile("/etc/app.conf", from: "files/app.conf")
            ConfigurationFile("/hook", from: "files/hook")
            ConfigurationFile("/etc/site.conf", Template("files/site.conf", ["domain": "example.com"]))
            ConfigurationFile(
                "/run/secrets/app", Template("files/secret.conf", ["password": "\(Secret("db"))"]), owner: 101)
        }
    }

    private func machine(_ text: String) -> Machine {
        FakeMachine().run(
            withRepository: [
                "files/app.conf": text, "files/hook": "#!/bin/sh\n", "files/site.conf": "server @@domain@@\n",
                "files/secret.conf": "pw @@password@@\n",
            ], executables: ["files/hook"]
        ).machine
    }

    @Test func `a host knows the files of its stacks`() {
        let host = Host("test", runs: Debian.self) { stack }
        #expect(host.problems.isEmpty)
        #expect(
            Set(host.steps.flatMap(\.sources).map(\.path))
                == ["files/app.conf", "files/hook", "files/site.conf", "files/secret.conf"])
        #expect(host.secrets.map(\.description) == ["db"])
    }

    @Test func `a stack with other contents has other files, as with literals`() async throws {
        let one = try await stack.resolved(on: machine("one\n")).composeText
        let literal = Stack("shop") {
            Properties.Container("app", image: "shop/app", tag: "1") {
                ConfigurationFile("/etc/app.conf", "one\n")
                ConfigurationFile("/hook", "#!/bin/sh\n", mode: 0o755)
                ConfigurationFile("/etc/site.conf", "server example.com\n")
                ConfigurationFile("/run/secrets/app", "pw \(Secret("db"))\n", owner: 101)
            }
        }
        #expect(one == literal.composeText)
        #expect(try await stack.resolved(on: machine("two\n")).composeText != one)
    }

    @Test func `variables are read from a file`() async throws {
        func stack(_ file: EnvironmentFile) -> Stack {
            Stack("shop") {
                Properties.Container("app", image: "shop/app", tag: "1") {
                    Environment("A", "own")
                    file
                }
            }
        }
        let text = "A=1\nxpack.b='$x'\n", described = stack(EnvironmentFile(from: "files/app.conf"))
        let host = Host("test", runs: Debian.self) { described }
        #expect(host.problems.isEmpty && Set(host.steps.flatMap(\.sources).map(\.path)) == ["files/app.conf"])
        let resolved = try await described.resolved(on: machine(text))
        #expect(resolved.composeText == stack(EnvironmentFile(text)).composeText)
        #expect(resolved.composeText.contains("      xpack.b: \"$$x\"\n      A: own\n"))
        await #expect(throws: Failure.self) { try await described.resolved(on: machine("A\n")) }
    }

    @Test func `a variable cannot have a file`() {
        let stack = Stack("shop") {
            Properties.Container("app", image: "shop/app", tag: "1") {
                Environment("X", Content(from: "files/x"))
            }
        }
        let host = Host("test", runs: Debian.self) { stack }
        #expect(host.problems.contains { $0.contains("has a file of the repository in the variable X") })
    }
}
