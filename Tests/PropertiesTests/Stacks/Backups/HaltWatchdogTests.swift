import Foundation
import PropelTesting
import Testing

@testable import Propel
@testable import Properties

/// The script of the watchdog, run by a real shell with a docker that only writes down what it is asked.
@Suite struct HaltWatchdogTests {
    private let directory: TemporaryDirectory
    private var log: String { (try? String(contentsOfFile: path("log"), encoding: .utf8)) ?? "" }

    private func path(_ name: String) -> String { "\(directory.path)/\(name)" }
    private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: path("bin"), withIntermediateDirectories: true)
        // `gone` does not exist, and only `paused` is paused.
        try program(
            "docker",
            """
            case "$*" in
            version) exit $(cat \(path("status"))) ;;
            "container inspect gone") exit 1 ;;
            "container inspect "*) ;;
            "unpause paused" | "start "*) echo "$*" >> \(path("log")) ;;
            *) exit 1 ;;
            esac
            """)
        try program("sleep", "echo \"sleep $1\" >> \(path("log"))")
        try write("status", "0\n")
        try write("halted", "paused well\nstopped\ngone well\n")
    }

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: path(name), atomically: false, encoding: .utf8)
    }

    private func program(_ name: String, _ script: String) throws {
        try writeProgram("#!/bin/sh\n\(script)\n", to: path("bin/\(name)"))
    }

    private func run() async throws -> CommandResult {
        try await LocalCommands().run(
            Invocation(
                "/bin/sh",
                [
                    "-c", HaltWatchdog.script(), "sh", path("lock"), HaltWatchdog.startScript, path("halted"),
                    path("restoring"),
                ],
                environment: ["PATH": path("bin") + ":/usr/sbin:/usr/bin:/sbin:/bin"]))
    }

    @Test func `halted containers are started, and once more after a docker stop has ended`() async throws {
        #expect(try await run().succeeded)
        let start = "unpause paused\nstart stopped\n"
        #expect(log == "sleep 0\n\(start)sleep 40\n\(start)")
        #expect(!exists("halted"))
    }

    @Test func `nothing is started if the run has started them`() async throws {
        try FileManager.default.removeItem(atPath: path("halted"))
        #expect(try await run().succeeded)
        #expect(log == "sleep 0\n")
    }

    @Test func `nothing is started while a restore is unfinished`() async throws {
        try write("restoring", "{}")
        #expect(try await run().succeeded)
        #expect(!log.contains("start"))
    }

    @Test func `it fails and is started again by systemd if docker does not answer`() async throws {
        try write("status", "1\n")
        #expect(!(try await run().succeeded))
        #expect(exists("halted") && !log.contains("start"))
    }

    @Test func `it waits for the lock of the run`() async throws {
        let lock = open(path("lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        #expect(flock(lock, LOCK_EX) == 0)
        async let result = run()
        while !log.hasPrefix("sleep 0\n") { try await Task.sleep(for: .milliseconds(10)) }
        try await Task.sleep(for: .milliseconds(200))
        #expect(log == "sleep 0\n")
        close(lock)
        #expect(try await result.succeeded)
        #expect(log.contains("start stopped"))
    }

    @Test func `systemd expands nothing in the scripts`() {
        for script in [HaltWatchdog.script(), HaltWatchdog.startScript] {
            #expect(!script.contains("${") && !script.contains("$$") && !script.contains("%"))
        }
    }
}
