import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct ActionTests {
    let fake = FakeMachine()
    let recorder = Recorder()
    private let pendingFile: FilePath = "/var/lib/propel/pending/restart"

    private var restart: Note { Note("restart") { [recorder] _ in recorder.add("restart") } }

    @Test func `an action is performed once, after all properties`() async {
        let reports = await fake.enforce {
            Flag("a") { _ in recorder.add("a") }.onChange(restart)
            Flag("b") { _ in recorder.add("b") }.onChange(restart)
            Flag("c") { _ in recorder.add("c") }
        }
        #expect(recorder.words == ["a", "b", "c", "restart"])
        #expect(reports["restart"]?.status == .changed)
    }

    @Test func `without a change no action is performed`() async {
        fake.put(flag: "a")
        let reports = await fake.enforce { Flag("a").onChange(restart) }
        #expect(recorder.words.isEmpty)
        #expect(reports["restart"] == nil)
    }

    @Test func `a change within a group triggers the action of the group`() async {
        await fake.enforce { PropertyGroup("group") { Flag("a") }.onChange(restart) }
        #expect(recorder.words == ["restart"])
    }

    @Test func `a changed requirement does not trigger the actions of its dependent`() async {
        fake.put(flag: "a")
        await fake.enforce { Flag("a").onChange(restart).requires(Flag("b")) }
        #expect(recorder.words.isEmpty)
    }

    @Test func `an action is recorded before the change and removed after its success`() async {
        await fake.enforce {
            Flag("a") { [fake] _ in #expect(fake.files[pendingFile] != nil) }.onChange(restart)
        }
        #expect(recorder.words == ["restart"])
        #expect(fake.files[pendingFile] == nil)
    }

    @Test func `a power cut before the turn of a step that another brought about loses no action`() async {
        // a brings b about, and then the run is cut off: the next run finds b satisfied.
        let gate = Gate()
        let host = fake.host {
            Flag("a") { [fake] _ in
                fake.put(flag: "b")
                await gate.open()
                try await Task.sleep(for: .seconds(3600))
            }
            Flag("b").onChange(restart)
        }
        let run = Task { [machine = fake.machine] in await Engine(host: host, machine: machine) { _ in }.enforce() }
        await gate.passed()
        run.cancel()
        _ = await run.value
        #expect(recorder.words.isEmpty)
        #expect(fake.isSet("b"))
        await fake.enforce { Flag("b").onChange(restart) }
        #expect(recorder.words == ["restart"])
    }

    @Test func `nothing is changed if the action cannot be recorded`() async {
        fake.files.fail(pendingFile, with: .noSpace)
        let reports = await fake.enforce { Flag("a").onChange(restart) }
        #expect(reports["a"]?.status == .failed)
        #expect(!fake.isSet("a"))
    }

    @Test func `a failed action is performed by the next run`() async {
        let failing = Note("restart") { _ in throw Failure("no") }
        let reports = await fake.enforce { Flag("a").onChange(failing) }
        #expect(reports.statuses == ["a": .changed, "restart": .failed])
        #expect(reports["restart"]?.failure?.message == "no")
        let second = await fake.enforce { Flag("a").onChange(restart) }
        #expect(second.statuses == ["a": .ok, "restart": .changed])
        #expect(await fake.enforce { Flag("a").onChange(restart) }.statuses == ["a": .ok])
    }

    @Test func `a pending action is shown in the plan`() async {
        await fake.enforce { Flag("a").onChange(Note("restart") { _ in throw Failure("no") }) }
        let plan = await fake.plan { Flag("a").onChange(restart) }
        #expect(plan.statuses == ["a": .ok, "restart": .wouldChange])
        #expect(plan["restart"]?.detail == "left over from an earlier run")
    }

    @Test func `after a kill between change and action the next run performs the action`() async {
        // The process is killed during the apply, after its effect.
        let gate = Gate()
        let host = fake.host {
            Flag("a") { machine in
                try machine.set("a")
                await gate.open()
                try await Task.sleep(for: .seconds(3600))
            }.onChange(restart)
        }
        let run = Task { await fake.enforce(host) }
        await gate.passed()
        let files = fake.files
        #expect(files[pendingFile] != nil)
        run.cancel()
        _ = await run.value
        #expect(recorder.words.isEmpty)
        #expect(await fake.enforce { Flag("a").onChange(restart) }.statuses == ["a": .ok, "restart": .changed])
        #expect(recorder.words == ["restart"])
    }

    @Test func `an apply that fails after its effect leaves the action to the next run`() async {
        let half = Flag("a", setsFlag: false) {
            try $0.set("a")
            throw Failure("after the effect")
        }
        let reports = await fake.enforce { half.onChange(restart) }
        #expect(reports.statuses == ["a": .failed, "restart": .skipped])
        #expect(await fake.enforce { Flag("a").onChange(restart) }.statuses == ["a": .ok, "restart": .changed])
    }

    @Test func `an action waits until all properties that request it are satisfied`() async {
        let reports = await fake.enforce {
            Flag("a").onChange(restart)
            Flag.failing("b").onChange(restart)
        }
        #expect(recorder.words.isEmpty)
        #expect(reports["restart"]?.status == .skipped)
        #expect(reports["restart"]?.detail == "waits until b holds; it stays pending")
        let second = await fake.enforce {
            Flag("a").onChange(restart)
            Flag("b").onChange(restart)
        }
        #expect(second["restart"]?.status == .changed)
        #expect(recorder.words == ["restart"])
    }

    @Test func `an action that does not wait is performed for the properties that changed`() async {
        let reload = Note("reload", waitsForAll: false) { [recorder] _ in recorder.add("reload") }
        let none = await fake.enforce {
            Flag.failing("a").onChange(reload)
            Flag("c")
        }
        #expect(none["reload"]?.detail == "waits until a holds; it stays pending")
        let host = fake.host {
            Flag.failing("a").onChange(reload)
            Flag("b").onChange(reload)
            Flag("d").answering { _ in throw Failure("broken") }.onChange(reload)
        }
        #expect(await fake.plan(host)["reload"]?.status == .wouldChange)
        #expect(await fake.enforce(host)["reload"]?.status == .changed)
        #expect(recorder.words == ["reload"])
        // It is not performed again for the same change.
        #expect(await fake.enforce(host)["reload"]?.status == .skipped)
    }

    @Test func `a pending action that does not wait is not delayed by another failure`() async {
        let failing = Note("reload", waitsForAll: false) { _ in throw Failure("no") }
        #expect(await fake.enforce { Flag("a").onChange(failing) }["reload"]?.status == .failed)
        let reload = Note("reload", waitsForAll: false) { [recorder] _ in recorder.add("reload") }
        let host = fake.host {
            Flag("a").onChange(reload)
            Flag.failing("b").onChange(reload)
            Flag("c").answering { _ in throw Failure("broken") }.onChange(reload)
        }
        #expect(await fake.plan(host)["reload"]?.status == .wouldChange)
        #expect(await fake.enforce(host)["reload"]?.status == .changed)
        #expect(recorder.words == ["reload"])
    }

    @Test func `a plan reports that an action waits`() async {
        let host = fake.host {
            Flag("a").onChange(restart)
            Flag("b").answering { _ in throw Failure("broken") }.requires(Flag("c"))
            Flag("d").answering { _ in .satisfied }.onChange(restart)
        }
        #expect(await fake.plan(host)["restart"]?.status == .wouldChange)
        let waiting = fake.host {
            Flag("b").answering { _ in throw Failure("broken") }.onChange(restart)
            Flag("a").onChange(restart)
        }
        #expect(await fake.plan(waiting)["restart"]?.detail == "waits until b holds; it stays pending")
    }

    @Test func `an unrelated failure does not delay an action`() async {
        let reports = await fake.enforce {
            Flag("a").onChange(restart)
            Flag.failing("b")
        }
        #expect(reports["restart"]?.status == .changed)
    }

    @Test func `actions are performed in the order of their first request`() async {
        await fake.enforce {
            Flag("a").onChange(Note("reload") { _ in recorder.add("reload") }).onChange(restart)
            Flag("b").onChange(restart)
        }
        #expect(recorder.words == ["reload", "restart"])
    }

    @Test func `actions are recorded whatever characters their names contain`() async {
        let odd = Note("../../etc/passwd\n" + String(repeating: "x", count: 500)) { _ in throw Failure("no") }
        await fake.enforce { Flag("a").onChange(odd) }
        #expect(fake.files.text(at: "/etc/passwd")?.hasPrefix("root:") == true)
        let plan = await fake.plan { Flag("a").onChange(odd) }
        #expect(plan.all.last?.detail == "left over from an earlier run")
    }
}

/// Lets one task wait until another has reached a point.
actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func passed() async {
        if isOpen { return }
        await withCheckedContinuation { waiting.append($0) }
    }
}
