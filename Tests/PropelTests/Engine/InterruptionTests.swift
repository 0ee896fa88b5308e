import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct InterruptionTests {
    let fake = FakeMachine()

    @Test func `the rest of an interrupted run is skipped`() async {
        let gate = Gate()
        let host = fake.host {
            Flag("a") { _ in
                await gate.open()
                try await Task.sleep(for: .seconds(3600))
            }
            Flag("b").onChange(Note("restart") { _ in Issue.record("performed") })
        }
        let reports = Reports()
        let run = Task { [machine = fake.machine] in
            await Engine(host: host, machine: machine) { reports.add($0) }.enforce()
        }
        await gate.passed()
        run.cancel()
        let ending = await run.value
        #expect(ending.isInterrupted)
        // b may have been brought about by a, so its action stays pending.
        #expect(reports.statuses == ["a": .failed, "b": .skipped, "restart": .skipped])
        #expect(reports["a"]?.detail == "interrupted")
        #expect(reports["b"]?.detail == "the run was interrupted")
        #expect(!fake.isSet("b"))
    }

    @Test func `an interrupted plan reports no failures`() async {
        let host = fake.host {
            Flag("a")
            Flag("b")
        }
        let reports = Reports()
        let machine = fake.machine
        let plan = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await Engine(host: host, machine: machine) { reports.add($0) }.plan()
        }
        #expect(await plan.value.isInterrupted)
        #expect(reports.all.map(\.status) == [.skipped, .skipped])
    }

    @Test func `a run continues where one was interrupted`() async {
        fake.put(flag: "a")
        let reports = await fake.enforce {
            Flag("a")
            Flag("b")
        }
        #expect(reports.statuses == ["a": .ok, "b": .changed])
    }

    @Test func `an interrupted action stays pending`() async {
        let gate = Gate()
        let host = fake.host {
            Flag("a").onChange(
                Note("restart") { _ in
                    await gate.open()
                    try await Task.sleep(for: .seconds(3600))
                })
        }
        let reports = Reports()
        let run = Task { [machine = fake.machine] in
            await Engine(host: host, machine: machine) { reports.add($0) }.enforce()
        }
        await gate.passed()
        run.cancel()
        _ = await run.value
        #expect(reports["restart"]?.failure?.message == "interrupted")
        #expect(fake.files["/var/lib/propel/pending/restart"] != nil)
    }

    @Test func `the process group of an interrupted run has ended`() async throws {
        let directory = try TemporaryDirectory()
        let marker = directory.path.appending("grandchild")
        // The grandchild ignores the polite signal and outlives its parent.
        let script = "(trap '' TERM; echo $BASHPID > \(marker); exec sleep 3600) & wait"
        let machine = Machine(files: LocalFileSystem(), commands: LocalCommands())
        let host = fake.host {
            Flag("a") { try await $0.run("bash", "-c", script) }.answering { _ in .unmet("always") }
        }
        let run = Task { await Engine(host: host, machine: machine) { _ in }.enforce() }
        let grandchild = try await processID(in: marker)
        run.cancel()
        #expect(await run.value[.failed] == 1)
        #expect(!isAlive(grandchild))
    }
}
