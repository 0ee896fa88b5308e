import Propel
import PropelTesting
import RecordedOperations
import Testing

/// What a machine in memory loses when its power fails, and what a fault does to it.
@Suite(.recorded) struct PowerCutTests {
    private let path: FilePath = "/etc/app.conf"

    /// What is at the path after a power cut, for each of many seeds.
    private func outcomes(_ change: (FakeMachine) throws -> Void) rethrows -> Set<String> {
        var outcomes: Set<String> = []
        for seed: UInt64 in 0..<64 {
            let fake = FakeMachine()
            fake.files.put(path, "old content")
            try change(fake)
            fake.files.losePower(seed: seed)
            outcomes.insert(fake.files.text(at: path) ?? "nothing")
        }
        return outcomes
    }

    @Test func `what was not synced is lost, in part or not`() throws {
        let written = try outcomes { try $0.files.write(path, bytes: Array("new content".utf8)) }
        #expect(written == ["old content", "", "new c", "new content"])
        let renamed = try outcomes { fake in
            try fake.files.write("/etc/new", bytes: Array("new content".utf8))
            try fake.files.rename("/etc/new", to: path)
        }
        #expect(renamed == ["old content", "", "new c", "new content"])
    }

    @Test func `a name counts once its directory was synced`() throws {
        let unsynced = try outcomes { fake in
            try fake.files.write("/etc/new", bytes: Array("new content".utf8))
            try fake.files.sync("/etc/new")
            try fake.files.rename("/etc/new", to: path)
        }
        #expect(unsynced == ["old content", "new content"])
        let synced = try outcomes { fake in
            try fake.files.write("/etc/new", bytes: Array("new content".utf8))
            try fake.files.sync("/etc/new")
            try fake.files.rename("/etc/new", to: path)
            try fake.files.sync("/etc")
        }
        #expect(synced == ["new content"])
        #expect(try outcomes { try $0.files.deleteTree(path) } == ["old content", "nothing"])
    }

    @Test func `a directory is renamed with what is in it, or not`() throws {
        for seed: UInt64 in 0..<20 {
            let fake = FakeMachine()
            fake.files.put("/var/a/file", "x")
            try fake.files.rename("/var/a", to: "/var/b")
            #expect(fake.files.text(at: "/var/b/file") == "x")
            fake.files.losePower(seed: seed)
            let old = fake.files.text(at: "/var/a/file"), new = fake.files.text(at: "/var/b/file")
            #expect((old ?? "") + (new ?? "") == "x")
        }
    }

    @Test func `a replaced file is old or new at every moment, and new at the end`() {
        for count in 0..<6 {
            let found = outcomes { fake in
                fake.inject(.powerCut, after: count)
                try? fake.files.replace(path, with: Array("new content".utf8), mode: 0o644)
                fake.restart(seed: UInt64(count))
            }
            let possible: Set<String> = count < 4 ? ["old content", "new content"] : ["new content"]
            #expect(found.isSubset(of: possible), "\(count)")
        }
    }

    @Test func `what changes a machine is final when it returns`() throws {
        for seed: UInt64 in 0..<20 {
            let fake = FakeMachine(), files = fake.files
            try files.createDirectories("/srv/a/b", mode: 0o750)
            try files.createLink("/srv/a/link", to: "b")
            files.put("/srv/gone", "x")
            try files.remove("/srv/gone")
            let before = files.snapshot
            files.losePower(seed: seed)
            #expect(files.snapshot == before)
        }
    }

    @Test func `nothing works until a machine that died is restarted`() async throws {
        let fake = FakeMachine()
        fake.commands.program("true")
        fake.files.put("/run/pid", "1")
        fake.inject(.kill, after: 1)
        try fake.files.setMode(0o600, of: "/etc/passwd")
        #expect(throws: FileError.self) { try fake.files.setMode(0o400, of: "/etc/passwd") }
        #expect(throws: FileError.self) { try fake.files.read("/etc/passwd") }
        await #expect(throws: Crash.self) { try await fake.machine.run("true") }
        fake.restart(seed: 0)
        #expect(fake.files[("/etc/passwd")]?.status.mode == 0o600)
        #expect(fake.files.text(at: "/run/pid") == "1")
        try await fake.machine.run("true")
        fake.inject(.powerCut, after: 0)
        await #expect(throws: Crash.self) { try await fake.machine.run("true") }
        fake.restart(seed: 0)
        #expect(fake.files.text(at: "/run/pid") == nil)
    }

    @Test func `an operation that fails changes nothing, and the next one succeeds`() async throws {
        let fake = FakeMachine()
        fake.commands.program("true")
        fake.inject(.error, after: 1)
        try fake.files.setMode(0o600, of: "/etc/passwd")
        #expect(throws: FileError("remove", "/etc/passwd", .ioError)) { try fake.files.remove("/etc/passwd") }
        try fake.files.remove("/etc/passwd")
        fake.inject(.error, after: 0)
        #expect(try await fake.commands.run(Invocation("true", [])).ending == .exited(1))
        #expect(try await fake.commands.run(Invocation("true", [])).succeeded)
    }

    @Test func `the log tells operations in their order`() async throws {
        let fake = FakeMachine()
        fake.commands.program("docker")
        try await fake.machine.run("docker", "stop", "db")
        try fake.files.replace(path, with: [1], mode: 0o600)
        #expect(
            fake.operations.lines == [
                "docker stop db", "write /etc/.app.conf.propel", "sync /etc/.app.conf.propel", "replace /etc/app.conf",
                "sync /etc",
            ])
        try fake.operations.require("docker stop db", before: "replace /etc/app.conf")
        #expect(throws: LawBroken.self) {
            try fake.operations.require("replace /etc/app.conf", before: "docker stop db")
        }
        #expect(throws: LawBroken.self) { try fake.operations.require("docker stop web", before: "replace") }
    }
}
