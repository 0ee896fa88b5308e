import Propel
import PropelTesting
import RecordedOperations
import Testing

/// Actions that are performed before what is declared next.
@Suite(.recorded) struct ImmediateActionTests {
    let fake = FakeMachine()
    let recorder = Recorder()
    private let pendingFile: FilePath = "/var/lib/propel/pending/restart"

    private var restart: Note { note("restart") }
    private func note(_ name: String) -> Note { Note(name) { [recorder] _ in recorder.add(name) } }
    private func flag(_ name: String) -> Flag { Flag(name) { [recorder] _ in recorder.add(name) } }

    @Test func `it is performed before what is declared next, and not again at the end`() async {
        let host = fake.host {
            flag("a").onChangeNow(restart)
            flag("b")
        }
        let plan = await fake.plan(host)
        #expect(plan.all.map(\.path) == ["a", "restart", "b"])
        #expect(plan["restart"]?.status == .wouldChange)
        let run = await fake.enforce(host)
        #expect(recorder.words == ["a", "restart", "b"])
        #expect(run.all.map(\.path) == ["a", "restart", "b"])
        #expect(run.all.map(\.status) == [.changed, .changed, .changed])
        #expect(fake.files[pendingFile] == nil)
        #expect(await fake.enforce(host).statuses == ["a": .ok, "b": .ok])
    }

    @Test func `without a change it is not performed`() async {
        fake.put(flag: "a")
        let reports = await fake.enforce {
            flag("a").onChangeNow(restart)
            flag("b")
        }
        #expect(recorder.words == ["b"])
        #expect(reports["restart"] == nil)
    }

    @Test func `that of a group is performed once, after its last member`() async {
        await fake.enforce {
            PropertyGroup("group") {
                flag("a")
                flag("b")
            }.onChangeNow(restart)
            flag("c")
        }
        #expect(recorder.words == ["a", "b", "restart", "c"])
    }

    @Test func `a change after it has it performed again`() async {
        let host = fake.host {
            flag("a").onChangeNow(restart)
            flag("b").onChangeNow(restart)
            flag("c")
        }
        #expect(await fake.plan(host).all.map(\.path) == ["a", "restart", "b", "restart", "c"])
        await fake.enforce(host)
        #expect(recorder.words == ["a", "restart", "b", "restart", "c"])
    }

    @Test func `one that was asked for before is performed with it`() async {
        let host = fake.host {
            flag("a").onChange(restart)
            flag("b").onChangeNow(restart)
            flag("c")
        }
        #expect(await fake.plan(host).all.map(\.path) == ["a", "b", "restart", "c"])
        let run = await fake.enforce(host)
        #expect(recorder.words == ["a", "b", "restart", "c"])
        #expect(run.all.map(\.path) == ["a", "b", "restart", "c"])
    }

    @Test func `one that is asked for later is performed at the end`() async {
        let host = fake.host {
            flag("a").onChangeNow(restart)
            flag("b").onChange(restart)
        }
        let plan = await fake.plan(host)
        #expect(plan.all.map(\.path) == ["a", "restart", "b", "restart"])
        await fake.enforce(host)
        #expect(recorder.words == ["a", "restart", "b", "restart"])
        #expect(fake.files[pendingFile] == nil)
    }

    @Test func `what a later step asks for is not performed in between`() async {
        fake.put(flag: "a")
        let host = fake.host {
            flag("first")
            flag("a").onChangeNow(restart)
            flag("b").onChange(restart)
        }
        #expect(await fake.plan(host).all.map(\.path) == ["first", "a", "b", "restart"])
        await fake.enforce(host)
        #expect(recorder.words == ["first", "b", "restart"])
    }

    @Test func `it stays recorded for a later step that has not had its turn`() async {
        await fake.enforce {
            flag("a").onChangeNow(restart)
            Flag("b") { [fake, pendingFile] _ in #expect(fake.files[pendingFile] != nil) }.onChange(restart)
        }
        #expect(recorder.words == ["a", "restart", "restart"])
    }

    @Test func `after a kill between change and action the next run performs it first`() async {
        let gate = Gate()
        let host = fake.host {
            Flag("a") { machine in
                try machine.set("a")
                await gate.open()
                try await Task.sleep(for: .seconds(3600))
            }.onChangeNow(restart)
            flag("b")
        }
        let run = Task { await fake.enforce(host) }
        await gate.passed()
        #expect(fake.files[pendingFile] != nil)
        run.cancel()
        let reports = await run.value
        #expect(recorder.words.isEmpty)
        #expect(reports["restart"]?.status == .skipped)
        let next = fake.host {
            flag("a").onChangeNow(restart)
            flag("b")
        }
        let plan = await fake.plan(next)
        #expect(plan.all.map(\.path) == ["a", "restart", "b"])
        #expect(plan["restart"]?.detail == "left over from an earlier run")
        #expect(await fake.enforce(next).all.map(\.path) == ["a", "restart", "b"])
        #expect(recorder.words == ["restart", "b"])
    }

    @Test(arguments: Fault.allCases) func `a fault at any operation loses no action`(fault: Fault) async throws {
        struct Subject {
            let fake = FakeMachine()
            /// Like the state of a daemon: whether it has read what was changed.
            let done = Recorder()
            var host: Host {
                fake.host {
                    Flag("a").onChangeNow(
                        Note("restart") { [done] machine in
                            // It is performed while what comes next is still missing.
                            guard try machine.files.status(of: Flag.path("b")) == nil || !done.words.isEmpty else {
                                throw Failure("too late")
                            }
                            done.add("restart")
                        })
                    Flag("b").requires(Flag("a"))
                }
            }
        }
        try await atEveryOperation(of: { Subject() }, \.fake, fault) { subject in
            _ = await subject.fake.enforce(subject.host)
        } judge: { subject in
            _ = await subject.fake.enforce(subject.host)
            guard !subject.done.words.isEmpty else { throw LawBroken("the action was lost") }
            guard subject.fake.isSet("a"), subject.fake.isSet("b") else { throw LawBroken("not converged") }
            let last = await subject.fake.enforce(subject.host)
            guard last.all.allSatisfy({ $0.status == .ok }) else { throw LawBroken("\(last.statuses)") }
        }
    }

    @Test func `what requires it is skipped if it fails, and nothing else`() async {
        let failing = Note("restart") { _ in throw Failure("no") }
        let host = fake.host {
            Flag("a").onChangeNow(failing)
            Flag("b").requires(Flag("a"))
            Flag("c")
        }
        let reports = await fake.enforce(host)
        #expect(reports.statuses == ["a": .changed, "restart": .failed, "b": .skipped, "c": .changed])
        #expect(reports["b"]?.detail == "requires a, after which “restart” is not performed")
        // It is not tried twice in one run, and the next one tries it again.
        #expect(reports.all.filter { $0.path == "restart" }.count == 1)
        let second = await fake.enforce {
            Flag("a").onChangeNow(restart)
            Flag("b").requires(Flag("a"))
            Flag("c")
        }
        #expect(second.statuses == ["a": .ok, "restart": .changed, "b": .changed, "c": .ok])
    }

    @Test func `it waits for all that ask for it up to there`() async {
        let host = fake.host {
            PropertyGroup("group") {
                Flag.failing("a")
                Flag("b")
            }.onChangeNow(restart)
            Flag("c").requires(Flag("b"))
            Flag.failing("d").onChange(restart)
        }
        let reports = await fake.enforce(host)
        #expect(reports["restart"]?.detail == "waits until group/a holds; it stays pending")
        #expect(reports["c"]?.status == .skipped)
        #expect(recorder.words.isEmpty)
    }

    @Test func `the plan tells that it waits, and what is skipped then`() async {
        let host = fake.host {
            PropertyGroup("group") {
                Flag("a").answering { _ in throw Failure("broken") }
                Flag("b")
            }.onChangeNow(restart)
            Flag("c").requires(Flag("b"))
        }
        let plan = await fake.plan(host), run = await fake.enforce(host)
        #expect(plan["restart"]?.detail == "waits until group/a holds; it stays pending")
        #expect(plan["c"]?.status == .skipped)
        #expect(run["restart"]?.detail == plan["restart"]?.detail)
        #expect(run["c"]?.detail == plan["c"]?.detail)
    }

    @Test func `a check that fails may succeed after it`() async {
        await fake.enforce { Flag("a").onChangeNow(Note("restart") { _ in throw Failure("no") }) }
        let host = fake.host {
            Flag("a").onChangeNow(Note("restart") { try $0.set("restarted") })
            Flag("b").answering {
                guard try $0.files.status(of: Flag.path("restarted")) != nil else { throw Failure("not running") }
                return nil
            }
        }
        #expect(await fake.plan(host)["b"]?.status == .unknown)
        #expect(await fake.enforce(host)["b"]?.status == .changed)
    }

    @Test func `one that something before has requested is settled in its place`() async {
        let host = fake.host {
            flag("configuration").onChange(restart)
            flag("service").settling(restart)
            flag("stack").requires(Flag("service"))
        }
        #expect(await fake.plan(host).all.map(\.path) == ["configuration", "service", "restart", "stack"])
        await fake.enforce(host)
        #expect(recorder.words == ["configuration", "service", "restart", "stack"])
    }

    @Test func `a change of what it is settled after requests nothing`() async {
        fake.put(flag: "configuration")
        await fake.enforce {
            flag("configuration").onChange(restart)
            flag("service").settling(restart)
        }
        #expect(recorder.words == ["service"])
    }

    @Test func `what requires that is skipped if it fails`() async {
        let failing = Note("restart") { _ in throw Failure("no") }
        let reports = await fake.enforce {
            Flag("configuration").onChange(failing)
            Flag("service").settling(failing)
            Flag("stack").requires(Flag("service"))
        }
        #expect(reports["restart"]?.status == .failed)
        #expect(reports["stack"]?.status == .skipped)
    }

    @Test func `a run on a part performs it after what is left of the declaration`() async {
        let host = fake.host {
            PropertyGroup("group") {
                flag("a")
                flag("b")
            }.onChangeNow(restart)
            flag("c")
        }
        await fake.enforce(host, only: ["a"])
        #expect(recorder.words == ["a", "restart"])
    }

    @Test func `its declaration is part of what both programs compare`() {
        let now = fake.host { Flag("a").onChangeNow(restart) }
        let later = fake.host { Flag("a").onChange(restart) }
        let never = fake.host { Flag("a") }
        #expect(Set([now.stepHashes, later.stepHashes, never.stepHashes]).count == 3)
    }
}
