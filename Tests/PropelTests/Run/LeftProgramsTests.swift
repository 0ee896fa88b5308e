import Foundation
import PropelTesting
import Testing

@testable import Propel

/// What is done about the programs of a run that was killed.
@Suite struct LeftProgramsTests {
    private let run = UUID().uuidString

    /// Leaves a program at work, as a run does that is killed.
    private func leave(_ line: String, of run: String) async throws {
        let result = try await LocalCommands(run: run).run(
            Invocation("sh", ["-c", "(\(line)) > /dev/null 2>&1 & exec setsid true"]))
        #expect(result.succeeded, "\(result)")
    }

    private func settle(
        patience: Duration = .zero, grace: Duration = .minutes(1), _ tell: ([String]) -> Void = { _ in }
    ) async throws {
        try await LeftPrograms(run: run, patience: patience, grace: grace).settle(tell)
        #expect(LeftPrograms(run: run).find().isEmpty)
    }

    @Test func thoseAreFoundThatItsProgramsHaveStarted() async throws {
        #expect(LeftPrograms(run: run).find().isEmpty)
        try await leave("setsid sleep 1000", of: run)
        try await leave("exec sleep 1000", of: run + "0")
        try await eventuallyFound(["sleep"])
        try await settle()
        // Those of another run go on.
        #expect(LeftPrograms(run: run + "0").find().map(\.name) == ["sleep"])
        try await LeftPrograms(run: run + "0", patience: .zero).settle { _ in }
        #expect(LeftPrograms(run: run + "0").find().isEmpty)
    }

    @Test func whatComesToItsEndIsWaitedFor() async throws {
        let directory = try TemporaryDirectory(), go = directory.path.appending("go"),
            done = directory.path.appending("done")
        try await leave("trap 'exit 1' TERM; until [ -e '\(go)' ]; do sleep 0.1; done; touch '\(done)'", of: run)
        try await settle(patience: .minutes(10)) { names in
            if names.contains("sh") { try? LocalFileSystem().replace(go, with: [], mode: 0o600) }
        }
        #expect(try LocalFileSystem().status(of: done) != nil)
    }

    @Test func whatDoesNotListenIsKilled() async throws {
        try await leave("trap '' TERM; while true; do sleep 0.1; done", of: run)
        try await eventuallyFound(["sh", "sleep"])
        try await settle(grace: .milliseconds(500))
    }

    @Test func waitingIsInterrupted() async throws {
        try await leave("exec sleep 1000", of: run)
        let left = LeftPrograms(run: run, patience: .hours(1))
        let work = Task { try await left.settle { _ in } }
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(left.find().count == 1)
        try await settle()
    }

    private func eventuallyFound(_ names: Set<String>) async throws {
        for _ in 1...6000 {
            if names.isSubset(of: LeftPrograms(run: run).find().map(\.name)) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("there are \(LeftPrograms(run: run).find())")
    }
}

@Suite struct RunLockTests {
    private let directory: TemporaryDirectory
    private var state: FilePath { directory.path }
    private var holder: FilePath { state.appending("lock-holder.json") }

    init() throws { directory = try TemporaryDirectory() }

    private func take(_ run: String) throws -> RunLock {
        switch try RunLock.attempt(for: LockHolder(deployer: "anna@laptop", since: "today", run: run), state: state) {
        case .taken(let lock): return lock
        case .heldBy(let other): throw Failure("\(other) has it")
        }
    }

    @Test func oneAtATimeHasIt() throws {
        let lock = try take("1")
        #expect(throws: Failure("\(LockHolder(deployer: "anna@laptop", since: "today", run: "1")) has it")) {
            _ = try take("2")
        }
        #expect(lock.unsettled.isEmpty)
    }

    @Test func whoGivesItBackLeavesNothingToSettle() throws {
        do { _ = try take("1") }
        #expect(try LocalFileSystem().text(holder) == "{}")
        let lock = try take("2")
        #expect(lock.unsettled.isEmpty)
    }

    /// Also where the next one is killed before it has settled that.
    @Test func whoWasKilledIsKnownUntilThatIsSettled() throws {
        func kill(_ run: String) throws {
            do { _ = try take(run) }
            try LocalFileSystem().replace(
                holder, with: Array(LockHolder(deployer: "anna", since: "today", run: run).json.description.utf8),
                mode: 0o600)
        }
        try kill("1")
        do {
            let lock = try take("2")
            #expect(lock.unsettled == ["1"])
        }
        do {
            var lock = try take("3")
            #expect(lock.unsettled == ["2", "1"])
            lock.settle()
        }
        let lock = try take("4")
        #expect(lock.unsettled.isEmpty)
    }

    @Test(arguments: ["", "{", "[]", #"{"run": 1}"#, "\u{0}\u{0}"]) func whatAPowerCutLeftThereIsNoObstacle(
        _ text: String
    ) throws {
        try LocalFileSystem().replace(holder, with: Array(text.utf8), mode: 0o600)
        let lock = try take("1")
        #expect(lock.unsettled.isEmpty)
    }
}
