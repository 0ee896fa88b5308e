import ArgumentParser
import Foundation
import Propel
import Sandbox
import HostsConf
import SSHTransport
import Testing

@testable import PropelCLI

@Suite struct CommandLineTests {
    @Test func `a host alone is a deployment`() throws {
        let command = try #require(
            try PropelCommand.parseAsRoot(["demo.sandbox", "--only", "docker", "--jobs", "3", "--yes"]) as? Deploy)
        #expect(command.hosts.hosts == ["demo.sandbox"])
        #expect(command.hosts.runOptions.only == ["docker"])
        #expect(command.hosts.runOptions.jobs == 3)
        #expect(command.git.yes && !command.git.noCommit)
    }

    @Test func `a plan takes a tag`() throws {
        let plan = try #require(try PropelCommand.parseAsRoot(["plan", "a", "--tag", "v2"]) as? Plan)
        #expect(plan.hosts.hosts == ["a"] && plan.tag == TagSetting("v2"))
    }

    @Test func `hosts are meant by role, by exception, or all at once`() throws {
        let all = try #require(try PropelCommand.parseAsRoot(["--all", "--except", "db*", "--yes"]) as? Deploy)
        #expect(all.hosts.all && all.hosts.except == ["db*"] && all.hosts.hosts.isEmpty)
        let roles = try #require(
            try PropelCommand.parseAsRoot(["--role", "web", "--canary", "web1", "--serial", "5"]) as? Deploy)
        #expect(roles.hosts.role == ["web"])
        #expect(roles.rollout.rollout == Rollout(canaries: ["web1"], waveSize: 5))
        let together = try #require(try PropelCommand.parseAsRoot(["a", "b", "--together"]) as? Deploy)
        #expect(together.rollout.rollout == Rollout(isTogether: true))
        #expect(try (PropelCommand.parseAsRoot(["plan", "a", "--together"]) as? Plan)?.together == true)
        #expect(try (PropelCommand.parseAsRoot(["plan", "--all"]) as? Plan)?.hosts.all == true)
    }

    @Test func `how long a machine is waited for is a time`() throws {
        func wait(_ words: String...) throws -> Duration? {
            try (PropelCommand.parseAsRoot(["a"] + words) as? Deploy)?.link.duration
        }
        #expect(try wait() == .minutes(10))
        #expect(try wait("--wait", "90s") == .seconds(90) && wait("--wait", "0") == .zero)
        #expect(try wait("--wait", "90") == .seconds(90) && wait("--wait", "2h") == .seconds(7200))
        for text in ["", "m", "-1m", "1d", "1.5h", "99999999999999999999", "200h"] {
            #expect(WaitingTime(argument: text) == nil, "\(text)")
        }
        let minute = Duration.seconds(60)
        func parse<Command>(_ words: String...) throws -> Command? {
            try PropelCommand.parseAsRoot(words + ["--wait", "1m"]) as? Command
        }
        #expect(try (parse("attach", "a") as AttachCommand?)?.link.duration == minute)
        #expect(try (parse("rollback", "a") as Rollback?)?.link.duration == minute)
        #expect(try (parse("plan", "a") as Plan?)?.link.duration == minute)
        #expect(try (parse("restore", "a", "b") as RestoreCommand?)?.link.duration == minute)
        #expect(try (parse("clone", "a") as CloneCommand?)?.link.duration == minute)
        #expect(try (parse("backup", "now", "a") as BackupNow?)?.link.duration == minute)
        #expect(try (parse("backup", "test", "a") as BackupTest?)?.link.duration == minute)
        #expect(try (parse("backup", "fetch", "a") as BackupFetch?)?.link.duration == minute)
        #expect(try (parse("backup", "list", "a") as BackupList?)?.link.duration == minute)
        #expect(try (parse("runs", "a") as RunsCommand?)?.link.duration == minute)
        #expect(try (parse("log", "a") as LogCommand?)?.link.duration == minute)
        #expect(try (parse("forgotten", "a") as ForgottenCommand?)?.link.duration == minute)
        #expect(try (parse("secret", "rotate", "a") as SecretRotate?)?.link.duration == minute)
    }

    @Test func `commands are named as they are typed`() throws {
        #expect(try PropelCommand.parseAsRoot(["plan", "a", "b"]) is Plan)
        #expect(try PropelCommand.parseAsRoot(["hosts"]) is HostsCommand)
        #expect(try PropelCommand.parseAsRoot(["show", "a"]) is Show)
        #expect(try PropelCommand.parseAsRoot(["enforcer", "build", "--architecture", "aarch64"]) is EnforcerBuild)
        #expect(try PropelCommand.parseAsRoot(["manual"]) is Manual)
        #expect(try PropelCommand.parseAsRoot(["sandbox", "up", "a", "--suite", "trixie"]) is SandboxUp)
        #expect(try PropelCommand.parseAsRoot(["sandbox", "down", "a"]) is SandboxDown)
        #expect(try PropelCommand.parseAsRoot(["sandbox", "list"]) is SandboxList)
        #expect(try PropelCommand.parseAsRoot(["sandbox", "shell", "a"]) is SandboxShell)
    }

    @Test func `runs of a host are listed, shown and joined`() throws {
        let runs = try #require(try PropelCommand.parseAsRoot(["runs", "a", "--json"]) as? RunsCommand)
        #expect(runs.host == "a" && runs.format.json)
        let newest = try #require(try PropelCommand.parseAsRoot(["log", "a"]) as? LogCommand)
        #expect(newest.host == "a" && newest.id == nil)
        let log = try #require(
            try PropelCommand.parseAsRoot(["log", "a", "20250131T120000Z-1a", "--verbose"]) as? LogCommand)
        #expect(log.id == "20250131T120000Z-1a" && log.output.verbose)
        #expect(try (PropelCommand.parseAsRoot(["attach", "a", "--json"]) as? AttachCommand)?.output.json == true)
    }

    @Test(arguments: [
        ["runs"], ["log"], ["log", "a", "../b"], ["log", "a", "yesterday"], ["attach"], ["attach", "a", "b"],
        ["a", "--jobs", "0"], ["plan"], ["plan", "--except", "a"],
        ["a", "--all"], ["--all", "--role", "web"], ["a", "--serial", "0"], ["a", "--max-failures", "-1"],
        ["plan", "a", "--canary", "a"], ["a", "--bogus"], ["sandbox", "up", "a", "--suite", "sid"], ["secret", "set"],
        ["secret", "set", "../x"],
        ["secret", "set", "a", "b"], ["secret", "get", ""], ["secret", "generate", "a", "--length", "7"],
        ["secret", "generate", "a", "--length", "5000"], ["key", "add"], ["key", "remove"],
        ["rollback", "a", "--stack", "shop", "--to", "wiki=1.5"],
    ])
    func `a wrong command line has exit status 64`(_ arguments: [String]) {
        do {
            _ = try PropelCommand.parseAsRoot(arguments)
            Issue.record("\(arguments) was taken")
        } catch {
            #expect(PropelCommand.exitCode(for: error).rawValue == 64)
        }
    }

    @Test func `the help groups the commands`() {
        let help = PropelCommand.helpMessage(columns: 200).lowercased()
        for group in ["deploy", "look", "data", "secrets", "sandboxes"] {
            #expect(help.contains("\(group) subcommands:"), "\(help)")
        }
    }

    @Test func `the help of every command has examples`() throws {
        for command in try CommandDump.root.subcommands {
            let texts = [command.discussion] + command.subcommands.map(\.discussion)
            #expect(texts.contains { $0.contains("Example") }, "\(command.path)")
        }
    }

    @Test func `a misspelt command names the nearest command and host`() throws {
        let conf = try HostsConf(parsing: "[deplo]\nrole = \"r\"\n", roles: [Role("r", runs: Debian.self) { _ in }])
        let error = #expect(throws: HostsConf.UnknownHost.self) { try conf.host(named: "deply") }
        let word = try #require(error.flatMap { UnknownWord($0, arguments: ["deply", "web1"]) })
        #expect(
            word.description == """
                “deply” is neither a command nor a host; did you mean the command “deploy” or the host “deplo”?
                `propel --help` lists the commands, `propel hosts` the hosts.
                """)
        #expect(error.flatMap { UnknownWord($0, arguments: ["deploy", "deply"]) } == nil, "a host after its command")
    }

    @Test(
        arguments: [
            (SandboxError.needsRoot, 64), (UsageError(description: "x"), 64), (Interrupted(), 130),
            (BuildError(description: "x"), 1), (TransportError.linkLost(host: "build1", reason: "x"), 3),
            (FileError("read", "/x", .ioError), 1), (ExitStatus.unreachable, 3), (ExitCode(2), 2),
        ] as [(any Error, Int32)])
    func `an error becomes the exit status of the table`(_ error: any Error, _ status: Int32) async {
        let exit = await #expect(throws: ExitCode.self) { try await reportingProblems { throw error } }
        #expect(exit?.rawValue == status)
    }

    @Test(arguments: [("/etc", "Is a directory"), ("/no/such", "No such file or directory")])
    func `an error of Foundation names the file and the reason of the system`(_ path: String, _ reason: String) throws {
        let error = #expect(throws: CocoaError.self) { try Data(contentsOf: URL(filePath: path)) }
        #expect(error?.words == "\(path): \(reason)")
    }
}
