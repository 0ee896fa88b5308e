import Foundation
import PropelTesting
import Testing

@testable import Propel

@Suite struct LocalCommandsTests {
    private func run(
        _ program: String, _ arguments: String..., input: String = ""
    ) async throws -> CommandResult {
        try await LocalCommands().run(Invocation(program, arguments, input: Array(input.utf8)))
    }

    @Test func `standard output and standard error are separate`() async throws {
        let result = try await run("sh", "-c", "echo out; echo err >&2; exit 3")
        #expect(result == CommandResult(ending: .exited(3), output: Array("out\n".utf8), errors: Array("err\n".utf8)))
    }

    @Test func `the environment is fixed`() async throws {
        let variables = Set(try await run("env").text.split(separator: "\n").map { String($0.prefix { $0 != "=" }) })
        let expected: Set = [
            "PATH", "HOME", "LC_ALL", "DEBIAN_FRONTEND", "DEBCONF_NONINTERACTIVE_SEEN", "NEEDRESTART_MODE",
            "NEEDRESTART_SUSPEND",
            "APT_LISTCHANGES_FRONTEND", "UCF_FORCE_CONFFOLD", "SYSTEMD_PAGER", "TERM",
        ]
        #expect(variables == expected)
        // So that there is a variable that must not be inherited.
        #expect(!Set(ProcessInfo.processInfo.environment.keys).isSubset(of: expected))
        let path = try await run("sh", "-c", "echo $PATH")
        #expect(path.text == Invocation.searchPath + "\n")
    }

    @Test func `a command adds its environment variables`() async throws {
        let result = try await LocalCommands().run(
            Invocation("sh", ["-c", "echo $A$LC_ALL"], environment: ["A": "x=y ", "LC_ALL": "C"]))
        #expect(result.text == "x=y C\n")
    }

    @Test func `a program outside the search path runs only by its path`() async throws {
        let directory = try TemporaryDirectory()
        try writeProgram("#!/bin/sh\n", to: directory.path.appending("propel-test-program").string)
        #expect(try await run("propel-test-program").ending == .notFound)
        #expect(try await run(directory.path.appending("propel-test-program").string).ending == .exited(0))
    }

    @Test func `the first executable file of its name in the search path is run`() async throws {
        let directory = try TemporaryDirectory(), files = LocalFileSystem()
        func place(_ folder: String, _ mode: ModeBits) throws -> String {
            let path = directory.path.appending(folder)
            try files.createDirectories(path, mode: 0o755)
            try writeProgram("#!/bin/sh\necho \(folder) $0\n", to: path.appending("tool").string)
            try files.setMode(mode, of: path.appending("tool"))
            return path.string
        }
        let missing = directory.path.appending("missing").string
        try files.createDirectories(directory.path.appending("folder/tool"), mode: 0o755)
        let first = try place("plain", 0o644), second = try place("first", 0o755), third = try place("second", 0o755)
        let folder = directory.path.appending("folder").string
        let search = [missing, folder, first, second, third].joined(separator: ":")
        let result = try await LocalCommands().run(Invocation("tool", [], environment: ["PATH": search]))
        #expect(result.text == "first \(second)/tool\n")
        let nothing = [missing, folder, first].joined(separator: ":")
        let none = try await LocalCommands().run(Invocation("tool", [], environment: ["PATH": nothing]))
        #expect(none.ending == .notFound)
    }

    @Test func `standard input is empty by default`() async throws {
        #expect(try await run("cat") == CommandResult(ending: .exited(0)))
    }

    @Test func `standard input is the given input`() async throws {
        let input = String(repeating: "0123456789\n", count: 100_000)
        #expect(try await run("cat", input: input).text == input)
    }

    @Test func `a program need not read its input`() async throws {
        #expect(try await run("true", input: String(repeating: "x", count: 1_000_000)).succeeded)
    }

    @Test func `there is no controlling terminal`() async throws {
        #expect(try await run("sh", "-c", "exec < /dev/tty").succeeded == false)
    }

    @Test func `programs start in the root directory`() async throws {
        #expect(try await run("pwd").text == "/\n")
    }

    @Test(arguments: ["no-such-program", "/no/such/program"]) func `a missing program is reported as not found`(
        program: String
    ) async throws {
        #expect(try await run(program).ending == .notFound)
    }

    @Test func `a file that is not executable is an error`() async throws {
        let error = await #expect(throws: Failure.self) { try await run("/etc/passwd") }
        #expect(error?.message == "/etc/passwd exists and cannot be executed")
    }

    @Test func `a signal is reported`() async throws {
        #expect(try await run("sh", "-c", "kill -SEGV $$").ending == .signaled(11))
    }

    @Test func `arguments reach a program unchanged`() async throws {
        let odd = [
            "", " ", "a b", "'", "\"", "$(id)", "`id`", "*", "-n", "\\", "\n", "\t", "é", "e\u{301}", "\u{1F600}",
            "\u{1}", "--",
        ]
        let result = try await LocalCommands().run(Invocation("printf", ["%s\\0"] + odd))
        #expect(result.output == Array((odd.joined(separator: "\0") + "\0").utf8))
    }

    @Test func `an argument that contains NUL is refused`() async throws {
        let error = await #expect(throws: Failure.self) { try await run("echo", "/srv/a\0b") }
        #expect(error?.message.contains("NUL") == true)
    }

    @Test func `five megabytes of output are kept`() async throws {
        let result = try await run("sh", "-c", "head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2")
        #expect(result.output.count == 5_000_000)
        #expect(result.errors.count == 5_000_000)
    }

    @Test func `of a flood of output the beginning and the end are kept`() async throws {
        let result = try await run("sh", "-c", "echo the beginning; head -c 17000000 /dev/zero; echo the end")
        let size = 17_000_000 + "the beginning\nthe end\n".utf8.count, kept = 16 << 20
        #expect(result.omittedOutput == size - kept)
        #expect(result.output.count == kept + "\n… \(size - kept) bytes left out …\n".utf8.count)
        #expect(String(decoding: result.output.prefix(14), as: UTF8.self) == "the beginning\n")
        #expect(String(decoding: result.output.suffix(8), as: UTF8.self) == "the end\n")
        #expect(result.errors.isEmpty)
        #expect(result.omittedErrors == 0)
    }

    @Test func `a daemon that holds the output open does not delay the run`() async throws {
        let result = try await run("sh", "-c", "sleep 3600 & echo $!")
        #expect(result.succeeded)
        let daemon = try #require(pid_t(result.text.split(separator: "\n")[0]))
        #expect(isAlive(daemon))
        kill(daemon, SIGKILL)
    }

    @Test func `the whole process group ends after the timeout`() async throws {
        let directory = try TemporaryDirectory()
        let marker = directory.path.appending("grandchild")
        // The timeout passes when everything runs.
        let commands = LocalCommands { timeout in
            #expect(timeout == .seconds(3))
            _ = try await processID(in: marker)
        }
        let script = "echo before; (trap '' TERM; echo $BASHPID > \(marker); exec sleep 3600) & wait"
        let result = try await commands.run(Invocation("bash", ["-c", script], timeout: .seconds(3)))
        #expect(result.ending == .timedOut(after: .seconds(3)))
        #expect(result.text == "before\n")
        let grandchild = try await processID(in: marker)
        #expect(!isAlive(grandchild))
    }

    @Test func `a cancelled task starts nothing`() async throws {
        let directory = try TemporaryDirectory()
        let marker = directory.path.appending("marker")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await run("touch", marker.string)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try LocalFileSystem().status(of: marker) == nil)
    }

    @Test func `open files are not inherited`() async throws {
        let descriptor = open("/etc/passwd", O_RDONLY)
        defer { close(descriptor) }
        let names = try await run("ls", "/proc/self/fd").text.split(separator: "\n")
        // The three standard streams, and the directory that it lists.
        #expect(names.count <= 4)
    }

    /// The program exits only when its output has been seen.
    @Test func `a status descriptor is a copy of the standard output`() async throws {
        var command = Invocation("bash", ["-c", "echo progress >&3; exec 3>&-; echo output"])
        command.hasStatusDescriptor = true
        #expect(try await LocalCommands().run(command).text == "progress\noutput\n")
        command.hasStatusDescriptor = false
        #expect(try await LocalCommands().run(command).text == "output\n")
    }

    @Test func `output is seen while the program runs`() async throws {
        let temporary = try TemporaryDirectory()
        let flag = temporary.path.appending("seen")
        let command = Invocation("sh", ["-c", "echo Step 1; while [ ! -e '\(flag)' ]; do sleep 0.1; done; echo done"])
        let result = try await LocalCommands().run(command) { output in
            if String(decoding: output, as: UTF8.self) == "Step 1\n" {
                try? LocalFileSystem().replace(flag, with: [], mode: 0o600)
            }
        }
        #expect(result.text == "Step 1\ndone\n")
        withExtendedLifetime(temporary) {}
    }
}
