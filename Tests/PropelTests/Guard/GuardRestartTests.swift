import PropelTesting
import RecordedOperations
import Testing

@testable import Propel

/// Changes for which the machine restarts in the middle of a run: it may not come back.
@Suite(.recorded) struct GuardRestartTests {
    private let subject = GuardedMachine()
    private var fake: FakeMachine { subject.fake }
    private var safeguard: Safeguard { subject.safeguard }

    private func host(fails: Bool = false) -> Host {
        fake.host {
            PlainFile(GuardedMachine.old).onChangeNow(FakeRestart(log: subject.log, fails: fails))
            PlainFile(GuardedMachine.new)
        }
    }

    private func reboot() {
        fake.inject(.powerCut, after: 0)
        try? fake.files.syncAll()
        fake.restart(seed: 1)
    }

    /// The run up to the restart, and the unit at the next boot.
    private func restart() async throws {
        let reports = await subject.enforce(.confirmed, host())
        #expect(reports.all.map(\.status) == [.changed, .changed])
        #expect(subject.log.words == ["asked", "restart"])
        #expect(fake.files.text(at: "/etc/systemd/system/propel-guard.timer")?.contains("OnActiveSec=300\n") == true)
        reboot()
        fake.operations.clear()
        #expect(try await safeguard.recover() == nil)
        #expect(fake.operations.lines.contains("systemctl --no-block restart propel-guard.timer"))
        #expect(subject.texts == ["new\n", nil])
        #expect(try safeguard.record()?.boot == "boot2")
    }

    @Test func `the run that goes on after the restart is the confirmation`() async throws {
        try await restart()
        #expect(try await safeguard.recover(for: .run(after: ["boot1"])) == nil)
        #expect(subject.texts == ["new\n", nil] && subject.leftovers == [])
        let rest = await subject.enforce(.confirmed, host())
        #expect(rest.all.map(\.status) == [.ok, .changed])
        #expect(subject.questions == 1)
    }

    @Test func `where nobody comes back, the change goes back, and the machine restarts again`() async throws {
        try await restart()
        let putBack = try await safeguard.recover()
        #expect(putBack?.changes == ["plain /srv/old.conf"] && putBack?.needsRestart == true)
        #expect(subject.texts == GuardedMachine.before && subject.leftovers == [])
        reboot()
        let lost = try safeguard.takeLost(after: ["boot1"])
        #expect(lost == ["plain /srv/old.conf"])
        #expect(try safeguard.takeLost(after: ["boot1"]).isEmpty)
        let rest = await subject.enforce(.confirmed, host(), lost: lost)
        let failure = rest["plain /srv/old.conf"]?.failure
        #expect(failure?.isPutBack == true)
        #expect(failure?.message.contains("nobody came over a new connection within 5 minutes") == true)
        #expect(subject.texts == ["old\n", "new\n"], "it is not tried again in this run")
        #expect(subject.log.words == ["asked", "restart"])
    }

    @Test func `a boot that was not meant puts the change back`() async throws {
        try await restart()
        reboot()
        #expect(try await safeguard.recover()?.needsRestart == true)
        #expect(subject.texts == GuardedMachine.before)
    }

    /// At the deadline the services have started with the changed files, and at another boot they have not started.
    @Test(arguments: [false, true])
    func `what goes back after the restart is brought into effect`(_ isAnotherBoot: Bool) async throws {
        let host = fake.host {
            PlainFile(GuardedMachine.old).onChange(GuardedMachine.reload)
                .onChangeNow(FakeRestart(log: subject.log))
        }
        await subject.enforce(.confirmed, host)
        #expect(subject.log.words == ["reload", "asked", "restart"])
        reboot()
        #expect(try await safeguard.recover() == nil)
        if isAnotherBoot { reboot() }
        let putBack = try await safeguard.recover()
        #expect(putBack?.done == ["restored /srv/old.conf"] + (isAnotherBoot ? [] : ["ran reload"]))
    }

    /// The machine may have the former files in part by then.
    @Test func `a change that is already going back does not stay for the run that goes on`() async throws {
        try await restart()
        var record = try #require(try safeguard.record())
        record.isReturning = true
        try safeguard.write(record)
        #expect(try await safeguard.recover(for: .run(after: ["boot1"]))?.changes == ["plain /srv/old.conf"])
        #expect(subject.texts == GuardedMachine.before && subject.leftovers == [])
    }

    /// Otherwise the run that goes on would make it again.
    @Test func `that the change went back is known however soon the power is cut`() async throws {
        try await restart()
        fake.inject(.kill, afterFirst: "remove \(GuardedMachine.record)")
        _ = try? await safeguard.recover()
        #expect(fake.operations.isDown && subject.texts == GuardedMachine.before)
        reboot()
        #expect(try safeguard.takeLost(after: ["boot1"]) == ["plain /srv/old.conf"])
    }

    @Test func `another run after the restart puts the change back`() async throws {
        try await restart()
        #expect(try await safeguard.recover(for: .run(after: ["boot0"]))?.needsRestart == true)
        #expect(subject.texts == GuardedMachine.before)
        #expect(try safeguard.takeLost(after: ["boot0"]).isEmpty, "what another run has lost")
    }

    @Test func `the timer does nothing before the machine has gone down`() async throws {
        await subject.enforce(.confirmed, host())
        #expect(try await safeguard.recover() == nil)
        #expect(try safeguard.record()?.restartedFrom == "boot1")
        #expect(throws: Failure.self) { try safeguard.confirm("", by: "anna") }
    }

    @Test func `a restart that fails leaves nothing armed`() async throws {
        let reports = await subject.enforce(.confirmed, host(fails: true))
        #expect(reports["restart the machine"]?.status == .failed)
        #expect(try safeguard.record() == nil)
        #expect(subject.leftovers == [])
    }

    @Test(arguments: [Fault.kill, .powerCut])
    func `whatever ends the run, the change is confirmed or put back`(_ fault: Fault) async throws {
        try await atEveryOperation(of: { GuardedMachine() }, \.fake, fault) { subject in
            let host = subject.fake.host { PlainFile(GuardedMachine.old).onChangeNow(FakeRestart(log: subject.log)) }
            await subject.enforce(.confirmed, host)
        } judge: { subject in
            // At boot or at the deadline, and after the time that a restart has.
            _ = try await subject.safeguard.recover()
            let isWaiting = try subject.safeguard.record() != nil
            _ = try await subject.safeguard.recover(for: .run(after: ["boot0"]))
            let text = subject.texts[0]
            if text == "new\n", subject.questions == 0 { throw LawBroken("new without a confirmation") }
            if text != "new\n", text != "old\n" { throw LawBroken("half a file: \(text ?? "")") }
            if isWaiting, subject.questions == 0 { throw LawBroken("it waits for a restart without a confirmation") }
            if !subject.leftovers.isEmpty { throw LawBroken("left behind: \(subject.leftovers)") }
        }
    }
}
