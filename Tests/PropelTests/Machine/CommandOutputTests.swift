import Foundation
import PropelTesting
import Testing

@testable import Propel

/// The output of a program is collected whole, however it opens it.
@Suite struct CommandOutputTests {
    private func run(_ script: String) async throws -> CommandResult {
        try await LocalCommands().run(Invocation("sh", ["-c", script]))
    }

    /// Usual in maintainer scripts. It truncates a regular file.
    @Test func `a program may open its outputs by name`() async throws {
        let result = try await run(
            """
            echo 1 > /dev/stderr; echo 2 > /dev/stderr; echo 3 >&2; echo 4 > /proc/self/fd/2; echo 5 >> /dev/stderr
            echo a > /dev/stdout; echo b > /dev/stdout; echo c; echo d > /dev/fd/1; echo e | tee /dev/stdout
            """)
        #expect(String(decoding: result.errors, as: UTF8.self) == "1\n2\n3\n4\n5\n")
        #expect(result.text == "a\nb\nc\nd\ne\ne\n")
    }

    @Test func `another user may open the outputs by name`() async throws {
        try #require(geteuid() == 0)
        let result = try await run("setpriv --reuid=65534 sh -c 'echo 1 > /dev/stderr; echo 2 > /dev/stdout'")
        #expect(result == CommandResult(ending: .exited(0), output: Array("2\n".utf8), errors: Array("1\n".utf8)))
    }

    @Test func `a daemon may go on printing after the run`() async throws {
        let directory = try TemporaryDirectory()
        let marker = directory.path.appending("done")
        // More than a pipe takes, once nobody collects it any longer.
        let result = try await run(
            """
            (while [ ! -e '\(directory.path)/go' ]; do sleep 0.05; done; head -c 3000000 /dev/zero
            head -c 3000000 /dev/zero >&2; touch '\(marker)') & echo $!
            """)
        let daemon = try #require(pid_t(result.text.split(separator: "\n")[0]))
        try LocalFileSystem().replace(directory.path.appending("go"), with: [], mode: 0o600)
        while isAlive(daemon) { try await Task.sleep(for: .milliseconds(50)) }
        #expect(try LocalFileSystem().status(of: marker) != nil)
    }

    /// If propel-enforce is killed, dpkg must be able to end: nobody reads, and it prints.
    @Test func `a program is not killed by printing when nobody reads`() throws {
        let pipe = try OutputPipe()
        try pipe.readEnd.close()
        let program = Process()
        program.executableURL = URL(filePath: "/bin/sh")
        program.arguments = ["-c", "head -c 200000 /dev/zero; echo the end"]
        program.standardOutput = FileHandle(fileDescriptor: pipe.writeEnd.rawValue, closeOnDealloc: true)
        try program.run()
        program.waitUntilExit()
        #expect(program.terminationReason == .exit && program.terminationStatus == 0)
    }

    /// Measured in another process, since the tests here run side by side.
    @Test func `a flood of output takes a constant amount of memory`() async throws {
        let result = try #require(
            await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
                let before = PeakMemory.megabytes
                let result = try await LocalCommands().run(
                    Invocation("sh", ["-c", "test -p /dev/stdout && head -c 400000000 /dev/zero; echo end"]))
                print("omitted:", result.omittedOutput, "end:", result.output.suffix(4) == Array("end\n".utf8))
                print("constant:", PeakMemory.megabytes - before < 100)
            })
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        #expect(output.contains("omitted: \(400_000_004 - 16 << 20) end: true"), "\(output)")
        #expect(output.contains("constant: true"), "\(output)")
    }
}
