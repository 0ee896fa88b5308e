import Foundation
import PropelTesting
import Synchronization
import Testing

@testable import Propel

@Suite struct OrphanedProcessesTests {
    private let run = UUID().uuidString

    /// Leaves a program running, as a killed run does.
    private func leave(_ line: String, of run: String) async throws {
        let result = try await LocalCommands(run: run).run(
            Invocation("sh", ["-c", "(\(line)) > /dev/null 2>&1 & exec setsid true"]))
        #expect(result.succeeded, "\(result)")
    }

    private func terminate(
        timeout: Duration = .zero, grace: Duration = .minutes(1), _ tell: ([String]) -> Void = { _ in }
    ) async throws {
        try await OrphanedProcesses(run: run, timeout: timeout, grace: grace).terminate(reporting: tell)
        #expect(OrphanedProcesses(run: run).find().isEmpty)
    }

    @Test func `processes that the programs of a run started are found`() async throws {
        #expect(OrphanedProcesses(run: run).find().isEmpty)
        try await leave("setsid sleep 1000", of: run)
        try await leave("exec sleep 1000", of: run + "0")
        try await eventuallyFound(["sleep"])
        try await terminate()
        // The processes of another run continue.
        #expect(OrphanedProcesses(run: run + "0").find().map(\.name) == ["sleep"])
        try await OrphanedProcesses(run: run + "0", timeout: .zero).terminate { _ in }
        #expect(OrphanedProcesses(run: run + "0").find().isEmpty)
    }

    @Test func `a process that ends by itself is waited for`() async throws {
        let directory = try TemporaryDirectory(), go = directory.path.appending("go"),
            done = directory.path.appending("done")
        try await leave("trap 'exit 1' TERM; until [ -e '\(go)' ]; do sleep 0.1; done; touch '\(done)'", of: run)
        try await terminate(timeout: .minutes(10)) { names in
            if names.contains("sh") { try? LocalFileSystem().replace(go, with: [], mode: 0o600) }
        }
        #expect(try LocalFileSystem().status(of: done) != nil)
    }

    /// One that ends during a look may just have started another, which the look has missed.
    @Test func `none is left when two looks in a row find none`() async throws {
        let dpkg = OrphanedProcesses.Process(id: .max, name: "dpkg")
        let looks = Mutex<[[OrphanedProcesses.Process]]>([[], [dpkg], [], [dpkg], [], []])
        var processes = OrphanedProcesses(run: run)
        processes.look = { looks.withLock { $0.isEmpty ? [] : $0.removeFirst() } }
        try await processes.terminate { _ in }
        #expect(looks.withLock { $0.isEmpty })
    }

    @Test func `a process that ignores SIGTERM is killed`() async throws {
        try await leave("trap '' TERM; while true; do sleep 0.1; done", of: run)
        try await eventuallyFound(["sh", "sleep"])
        try await terminate(grace: .seconds(1))
    }

    @Test func `waiting can be interrupted`() async throws {
        try await leave("exec sleep 1000", of: run)
        let left = OrphanedProcesses(run: run, timeout: .hours(1))
        let work = Task { try await left.terminate { _ in } }
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(left.find().count == 1)
        try await terminate()
    }

    private func eventuallyFound(_ names: Set<String>) async throws {
        for _ in 1...6000 {
            if names.isSubset(of: OrphanedProcesses(run: run).find().map(\.name)) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("there are \(OrphanedProcesses(run: run).find())")
    }
}

@Suite struct RunLockTests {
    private let directory: TemporaryDirectory
    private var state: FilePath { directory.path }
    private var holder: FilePath { state.appending("lock-holder.json") }

    init() throws { directory = try TemporaryDirectory() }

    private func take(_ run: String) throws -> RunLock {
        switch try RunLock.attempt(for: LockHolder(deployer: "anna@laptop", since: "today", run: run), state: state) {
        case .acquired(let lock): return lock
        case .heldBy(let other): throw Failure("\(other) has it")
        }
    }

    @Test func `one run at a time holds the lock`() throws {
        let lock = try take("1")
        #expect(throws: Failure("\(LockHolder(deployer: "anna@laptop", since: "today", run: "1")) has it")) {
            _ = try take("2")
        }
        #expect(lock.killedRuns.isEmpty)
    }

    @Test func `a holder that releases the lock leaves no killed run`() throws {
        do { _ = try take("1") }
        #expect(try LocalFileSystem().text(holder) == "{}")
        let lock = try take("2")
        #expect(lock.killedRuns.isEmpty)
    }

    /// Even if the next run is killed before it has waited for them.
    @Test func `a killed run is known until its processes have exited`() throws {
        func kill(_ run: String) throws {
            do { _ = try take(run) }
            try LocalFileSystem().replace(
                holder, with: Array(LockHolder(deployer: "anna", since: "today", run: run).json.description.utf8),
                mode: 0o600)
        }
        try kill("1")
        do {
            let lock = try take("2")
            #expect(lock.killedRuns == ["1"])
        }
        do {
            var lock = try take("3")
            #expect(lock.killedRuns == ["2", "1"])
            lock.forgetKilledRuns()
        }
        let lock = try take("4")
        #expect(lock.killedRuns.isEmpty)
    }

    @Test(arguments: ["", "{", "[]", #"{"run": 1}"#, "\u{0}\u{0}"]) func `a damaged record does not block the lock`(
        _ text: String
    ) throws {
        try LocalFileSystem().replace(holder, with: Array(text.utf8), mode: 0o600)
        let lock = try take("1")
        #expect(lock.killedRuns.isEmpty)
    }
}
