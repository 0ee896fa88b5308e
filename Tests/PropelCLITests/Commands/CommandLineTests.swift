import ArgumentParser
import Testing

@testable import PropelCLI

@Suite struct CommandLineTests {
    @Test func `a host alone is deployed`() throws {
        let command = try #require(
            try PropelCommand.parseAsRoot(["demo.sandbox", "--only", "docker", "--jobs", "3", "--yes"]) as? Deploy)
        #expect(command.hosts.hosts == ["demo.sandbox"])
        #expect(command.hosts.only == ["docker"])
        #expect(command.hosts.jobs == 3)
        #expect(command.git.yes && !command.git.noCommit)
    }

    @Test func `the commands of the guide are accepted`() throws {
        #expect(try PropelCommand.parseAsRoot(["plan", "a", "b"]) is Plan)
        #expect(try PropelCommand.parseAsRoot(["hosts"]) is HostsCommand)
        #expect(try PropelCommand.parseAsRoot(["show", "a"]) is Show)
        #expect(try PropelCommand.parseAsRoot(["sandbox", "up", "a", "--suite", "trixie"]) is SandboxUp)
        #expect(try PropelCommand.parseAsRoot(["sandbox", "down", "a"]) is SandboxDown)
        #expect(try PropelCommand.parseAsRoot(["sandbox", "list"]) is SandboxList)
        #expect(try PropelCommand.parseAsRoot(["sandbox", "shell", "a"]) is SandboxShell)
    }

    @Test(arguments: [
        ["a", "--jobs", "0"], ["plan"], ["a", "--bogus"], ["sandbox", "up", "a", "--suite", "sid"], ["secret", "set"],
        ["secret", "set", "../x"],
        ["secret", "set", "a", "b"], ["secret", "get", ""], ["secret", "generate", "a", "--length", "7"],
        ["secret", "generate", "a", "--length", "5000"], ["key", "add"], ["key", "remove"],
    ])
    func `a wrong command line exits with 64`(_ arguments: [String]) {
        do {
            _ = try PropelCommand.parseAsRoot(arguments)
            Issue.record("\(arguments) was taken")
        } catch {
            #expect(PropelCommand.exitCode(for: error).rawValue == 64)
        }
    }

    @Test func `the help names every exit status`() {
        let help = PropelCommand.helpMessage(columns: 200)
        for status in ["0 ", "1 ", "2 ", "3 ", "4 ", "64 ", "130 "] { #expect(help.contains(status)) }
    }
}
