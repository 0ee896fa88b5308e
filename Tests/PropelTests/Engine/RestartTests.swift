@testable import Propel
import PropelTesting
import RecordedOperations
import Testing

private struct RestartedFlag: RestartingProperty {
    typealias Target = UnixLike
    let name: String
    var goesOnAfterRestart = true
    func check(on machine: Machine) async throws -> Check { try await Flag(name).check(on: machine) }
    func apply(on machine: Machine) async throws { try machine.set(name) }
}

/// Restarts of the machine in the middle of a run.
@Suite(.recorded) struct RestartTests {
    let fake = FakeMachine()
    let recorder = Recorder()

    init() {
        fake.files.put("/proc/sys/kernel/random/boot_id", "a-b\n")
        fake.files.put("/proc/1/stat", "1 (odd) name) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9 9\n")
    }

    private func enforce(_ host: Host, after restarts: [String] = []) async -> (Reports, RunSummary) {
        let reports = Reports()
        fake.machine.forgetFacts()
        let engine = Engine(host: host, machine: fake.machine, earlierRestarts: restarts) { reports.add($0) }
        return (reports, await engine.enforce())
    }

    private var host: Host {
        fake.host {
            Flag("before")
            Flag("a").onChangeNow(FakeRestart(log: recorder))
            Flag("b") { [recorder] _ in recorder.add("b") }
            Flag("c").onChange(Note("reload") { [recorder] _ in recorder.add("reload") })
        }
    }

    @Test func `the run ends there and goes on after it`() async {
        let plan = await fake.plan(host)
        #expect(plan.all.map(\.path) == ["before", "a", "restart the machine", "b", "c", "reload"])
        #expect(plan["restart the machine"]?.detail == "then go on with b")
        let (first, end) = await enforce(host)
        #expect(first.all.map(\.path) == ["before", "a", "restart the machine"])
        #expect(end.restart == Restart(reason: "a", boot: "a-b+4711"))
        #expect(recorder.words == ["restart"])
        let (second, secondEnd) = await enforce(host, after: ["a"])
        #expect(secondEnd.restart == nil)
        #expect(second.statuses == ["before": .ok, "a": .ok, "b": .changed, "c": .changed, "reload": .changed])
        #expect(recorder.words == ["restart", "b", "reload"])
        #expect(await enforce(host).0.all.allSatisfy { $0.status == .ok })
    }

    @Test func `a property restarts in its place`() async {
        let host = fake.host {
            RestartedFlag(name: "a")
            Flag("b")
        }
        let (first, end) = await enforce(host)
        #expect(first.statuses == ["a": .changed])
        #expect(end.restart?.reason == "a")
        #expect(await enforce(host, after: ["a"]).0.statuses == ["a": .ok, "b": .changed])
    }

    @Test func `a property that restarts when the run is over lets it go on`() async {
        let (reports, end) = await enforce(
            fake.host {
                RestartedFlag(name: "a", goesOnAfterRestart: false)
                Flag("b")
            })
        #expect(reports.statuses == ["a": .changed, "b": .changed])
        #expect(end.restart == nil)
    }

    @Test func `what has been requested so far is done before the restart`() async {
        let update = Note("update the boot loader") { [recorder] _ in recorder.add("update") }
        let host = fake.host {
            Flag("parameter").onChange(update).onChangeNow(FakeRestart(log: recorder))
            Flag("b").onChange(Note("reload") { [recorder] _ in recorder.add("reload") })
        }
        let paths = ["parameter", "update the boot loader", "restart the machine"]
        #expect(await fake.plan(host).all.map(\.path) == paths + ["b", "reload"])
        #expect(await enforce(host).0.all.map(\.path) == paths)
        #expect(recorder.words == ["update", "restart"])
        #expect(
            await enforce(host, after: ["parameter"]).0.statuses == [
                "parameter": .ok, "b": .changed, "reload": .changed,
            ])
    }

    @Test func `a property restarts after what has been requested so far`() async {
        let host = fake.host {
            Flag("parameter").onChange(Note("update") { [recorder] _ in recorder.add("update") })
            RestartedFlag(name: "restarted")
            Flag("b")
        }
        #expect(await fake.plan(host).all.map(\.path) == ["parameter", "update", "restarted", "b"])
        #expect(await enforce(host).0.all.map(\.path) == ["parameter", "update", "restarted"])
        #expect(recorder.words == ["update"])
    }

    @Test func `the machine is not restarted if that fails`() async {
        let update = Note("update") { _ in throw Failure("no") }
        let host = fake.host {
            Flag("parameter").onChange(update).onChangeNow(FakeRestart(log: recorder))
            Flag("b").requires(Flag("parameter"))
            RestartedFlag(name: "c")
        }
        let (reports, end) = await enforce(host)
        #expect(end.restart == nil)
        #expect(recorder.words.isEmpty)
        #expect(
            reports["restart the machine"]?.failure?.message
                == "the machine was not restarted, since “update” failed before")
        #expect(reports["b"]?.status == .skipped)
        // Nor by a property that requires it later.
        #expect(reports["c"]?.status == .failed)
        #expect(!fake.isSet("c"))
    }

    @Test func `the machine is not restarted twice for the same`() async {
        let lost = fake.host {
            Flag("a").onChangeNow(FakeRestart(log: recorder))
            RestartedFlag(name: "c")
        }
        let (reports, end) = await enforce(lost, after: ["a", "c"])
        #expect(reports.statuses == ["a": .changed, "restart the machine": .failed, "c": .failed])
        #expect(end.restart == nil)
        #expect(recorder.words.isEmpty)
        #expect(!fake.isSet("c"))
    }

    @Test func `one at the end is not asked for again by what came before one in the middle`() async {
        let host = fake.host {
            Flag("a").onChange(FakeRestart(log: recorder))
            Flag("b").onChangeNow(FakeRestart(log: recorder))
            Flag("c")
        }
        #expect(await enforce(host).1.restart?.reason == "b")
        #expect(await enforce(host, after: ["b"]).0.statuses == ["a": .ok, "b": .ok, "c": .changed])
        #expect(recorder.words == ["restart"])
    }

    @Test func `one at the end does not end the run early`() async {
        let host = fake.host { Flag("a").onChange(FakeRestart(log: recorder)) }
        #expect(await fake.plan(host)["restart the machine"]?.detail == "when the run is over")
        let (reports, end) = await enforce(host)
        #expect(reports["restart the machine"]?.detail == "when the run is over")
        #expect(end.restart == nil)
    }

    @Test func `a run that was killed before the restart restarts first`() async {
        let failing = fake.host {
            Flag("a").onChangeNow(Note("restart the machine") { _ in throw Failure("no systemd") })
        }
        #expect(await enforce(failing).1.restart == nil)
        let (reports, end) = await enforce(host)
        #expect(reports["restart the machine"]?.status == .changed)
        #expect(end.restart?.reason == "a")
        #expect(recorder.words == ["restart"])
    }

    @Test func `what the last run left is remembered over it`() async throws {
        let host = host
        _ = await enforce(host)
        _ = await enforce(host, after: ["a"])
        try fake.files.remove(Flag.path("a"))
        try fake.files.remove(Flag.path("c"))
        _ = await enforce(host)
        let (reports, _) = await enforce(host, after: ["a"])
        #expect(reports["c"]?.isDrift == true)
    }

    @Test func `a machine that tells nothing has no boot`() throws {
        try fake.files.remove("/proc/1/stat")
        try fake.files.remove("/proc/sys/kernel/random/boot_id")
        #expect(Boot.current(on: fake.machine) == "")
    }

    @Test func `the restart survives the wire`() throws {
        var summary = RunSummary(counts: [.changed: 1])
        summary.restart = Restart(reason: "kernel", boot: "1+2")
        for event in [Event.ended(summary), .restarting] {
            #expect(try Event(JSON(parsing: event.json.description)) == event)
        }
        var request = Request(entry: HostEntry(name: "a", role: "b"), deployer: "c")
        request.restarts = [Restart(reason: "kernel", boot: "1+2")]
        #expect(try Request(JSON(parsing: request.json.description)) == request)
        for malformed: JSON in ["x", [1], [["reason": "a"]]] {
            var message = request.json.object ?? [:]
            message["restarts"] = malformed
            #expect(throws: MalformedMessage.self) { try Request(.object(message)) }
        }
    }
}
