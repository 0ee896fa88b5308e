import Propel
import PropelTesting
import Testing

@Suite struct ActionTests {
    let fake = FakeMachine()
    let recorder = Recorder()
    private let pendingFile: FilePath = "/var/lib/propel/pending/restart"

    private var restart: Note { Note("restart") { [recorder] _ in recorder.add("restart") } }

    @Test func anActionIsPerformedOnceAfterAllProperties() async {
        let reports = await fake.enforce {
            Flag("a") { _ in recorder.add("a") }.onChange(restart)
            Flag("b") { _ in recorder.add("b") }.onChange(restart)
            Flag("c") { _ in recorder.add("c") }
        }
        #expect(recorder.words == ["a", "b", "c", "restart"])
        #expect(reports["restart"]?.status == .changed)
    }

    @Test func nothingChangedIsNothingToDo() async {
        fake.put(flag: "a")
        let reports = await fake.enforce { Flag("a").onChange(restart) }
        #expect(recorder.words.isEmpty)
        #expect(reports["restart"] == nil)
    }

    @Test func aChangeWithinAGroupSetsOffTheGroupsAction() async {
        await fake.enforce { PropertyGroup("group") { Flag("a") }.onChange(restart) }
        #expect(recorder.words == ["restart"])
    }

    @Test func aRequirementThatChangesIsNoChangeOfWhatRequiresIt() async {
        fake.put(flag: "a")
        await fake.enforce { Flag("a").onChange(restart).requires(Flag("b")) }
        #expect(recorder.words.isEmpty)
    }

    @Test func anActionIsRememberedBeforeTheChangeAndForgottenAfterItsSuccess() async {
        await fake.enforce {
            Flag("a") { [fake] _ in #expect(fake.files[pendingFile] != nil) }.onChange(restart)
        }
        #expect(recorder.words == ["restart"])
        #expect(fake.files[pendingFile] == nil)
    }

    @Test func aCutBeforeTheTurnOfWhatAnotherHasBroughtAboutLosesNoAction() async {
        // a brings b about along the way, and then the run is cut off: the next one finds b as it is to be.
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

    @Test func anActionThatCannotBeRememberedIsNoChange() async {
        fake.files.fail(pendingFile, with: .noSpace)
        let reports = await fake.enforce { Flag("a").onChange(restart) }
        #expect(reports["a"]?.status == .failed)
        #expect(!fake.isSet("a"))
    }

    @Test func anActionThatFailsIsPerformedByTheNextRun() async {
        let failing = Note("restart") { _ in throw Failure("no") }
        let reports = await fake.enforce { Flag("a").onChange(failing) }
        #expect(reports.statuses == ["a": .changed, "restart": .failed])
        #expect(reports["restart"]?.failure?.message == "no")
        let second = await fake.enforce { Flag("a").onChange(restart) }
        #expect(second.statuses == ["a": .ok, "restart": .changed])
        #expect(await fake.enforce { Flag("a").onChange(restart) }.statuses == ["a": .ok])
    }

    @Test func anActionThatIsLeftOverIsShownInThePlan() async {
        await fake.enforce { Flag("a").onChange(Note("restart") { _ in throw Failure("no") }) }
        let plan = await fake.plan { Flag("a").onChange(restart) }
        #expect(plan.statuses == ["a": .ok, "restart": .wouldChange])
        #expect(plan["restart"]?.detail == "left over from an earlier run")
    }

    @Test func aRunThatIsKilledAfterTheChangeLeavesTheActionToTheNext() async {
        // The process is gone in the middle of the apply, after its effect: nothing that comes later happens.
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

    @Test func anApplyThatFailsAfterItsEffectLeavesTheActionToTheNextRun() async {
        let half = Flag("a", setsFlag: false) {
            try $0.set("a")
            throw Failure("after the effect")
        }
        let reports = await fake.enforce { half.onChange(restart) }
        #expect(reports.statuses == ["a": .failed, "restart": .skipped])
        #expect(await fake.enforce { Flag("a").onChange(restart) }.statuses == ["a": .ok, "restart": .changed])
    }

    @Test func anActionWaitsWhileAnythingThatAsksForItDoesNotHold() async {
        let reports = await fake.enforce {
            Flag("a").onChange(restart)
            Flag.failing("b").onChange(restart)
        }
        #expect(recorder.words.isEmpty)
        #expect(reports["restart"]?.status == .skipped)
        #expect(reports["restart"]?.detail == "waits until b holds; it stays to be done")
        let second = await fake.enforce {
            Flag("a").onChange(restart)
            Flag("b").onChange(restart)
        }
        #expect(second["restart"]?.status == .changed)
        #expect(recorder.words == ["restart"])
    }

    @Test func oneThatDoesNotWaitIsPerformedForThoseThatHaveChanged() async {
        let reload = Note("reload", waitsForAll: false) { [recorder] _ in recorder.add("reload") }
        let none = await fake.enforce {
            Flag.failing("a").onChange(reload)
            Flag("c")
        }
        #expect(none["reload"]?.detail == "waits until a holds; it stays to be done")
        let host = fake.host {
            Flag.failing("a").onChange(reload)
            Flag("b").onChange(reload)
            Flag("d").answering { _ in throw Failure("broken") }.onChange(reload)
        }
        #expect(await fake.plan(host)["reload"]?.status == .wouldChange)
        #expect(await fake.enforce(host)["reload"]?.status == .changed)
        #expect(recorder.words == ["reload"])
        // It is not done again for the same change.
        #expect(await fake.enforce(host)["reload"]?.status == .skipped)
    }

    @Test func oneThatDoesNotWaitAndIsLeftOverIsNotHeldBackByAnotherFailure() async {
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

    @Test func aPlanTellsThatItWaits() async {
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
        #expect(await fake.plan(waiting)["restart"]?.detail == "waits until b holds; it stays to be done")
    }

    @Test func anUnrelatedFailureDoesNotHoldAnActionBack() async {
        let reports = await fake.enforce {
            Flag("a").onChange(restart)
            Flag.failing("b")
        }
        #expect(reports["restart"]?.status == .changed)
    }

    @Test func actionsArePerformedInTheOrderInWhichTheyAreFirstAskedFor() async {
        await fake.enforce {
            Flag("a").onChange(Note("reload") { _ in recorder.add("reload") }).onChange(restart)
            Flag("b").onChange(restart)
        }
        #expect(recorder.words == ["reload", "restart"])
    }

    @Test func namesThatAreNoFileNamesAreRemembered() async {
        let odd = Note("../../etc/passwd\n" + String(repeating: "x", count: 500)) { _ in throw Failure("no") }
        await fake.enforce { Flag("a").onChange(odd) }
        #expect(fake.files.text(at: "/etc/passwd")?.hasPrefix("root:") == true)
        let plan = await fake.plan { Flag("a").onChange(odd) }
        #expect(plan.all.last?.detail == "left over from an earlier run")
    }
}

/// Lets one task wait for another to have come to a point.
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
