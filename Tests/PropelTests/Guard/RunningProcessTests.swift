import Foundation
import Testing

@testable import Propel

@Suite struct RunningProcessTests {
    private func sleeping() throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sleep")
        process.arguments = ["3600"]
        // A reader of the tests' output would wait for one that is left.
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    @Test func `a process is known again, and ended`() throws {
        let sleep = try sleeping()
        let known = try #require(RunningProcess(id: sleep.processIdentifier))
        #expect(try RunningProcess(JSON(parsing: known.json.description)) == known)
        #expect(known.kill())
        sleep.waitUntilExit()
        #expect(sleep.terminationReason == .uncaughtSignal)
        #expect(!known.kill(), "it has ended")
    }

    @Test func `another process with the same ID is left alone`() throws {
        let sleep = try sleeping()
        let known = try #require(RunningProcess(id: sleep.processIdentifier))
        defer { #expect(known.kill()) }
        #expect(!RunningProcess(id: known.id, start: known.start - 1).kill())
        #expect(!RunningProcess(id: 1, start: known.start).kill())
        #expect(sleep.isRunning)
    }

    @Test func `this process is running`() {
        #expect(RunningProcess.current?.id == getpid())
        #expect(RunningProcess.current?.start ?? 0 > 0)
    }
}
