import PropelTesting
import RecordedOperations
import Testing

@testable import Propel

/// Changes that a new connection must confirm.
@Suite(.recorded) struct GuardedChangeTests {
    private let subject = GuardedMachine()
    private var fake: FakeMachine { subject.fake }

    @Test func `a confirmed change stays, and nothing is left of the guard`() async throws {
        let reports = await subject.enforce(.confirmed, subject.pair)
        #expect(reports.all.map(\.status) == [.changed, .changed, .changed])
        #expect(subject.texts == GuardedMachine.after)
        #expect(subject.log.words == ["reload", "asked"], "the action comes first: only then the change is in effect")
        #expect(subject.leftovers == [])
        #expect(try fake.machine.originals.bytes(of: GuardedMachine.old) == Array("old\n".utf8))
        let again = await subject.enforce(.confirmed, subject.pair)
        #expect(again.all.map(\.status) == [.ok, .ok])
        #expect(subject.questions == 1, "nothing to confirm")
    }

    @Test func `without a confirmation everything is put back, and the actions are repeated`() async throws {
        let snapshot = fake.files.snapshot
        let reports = await subject.enforce(.refused(GuardedMachine.refusal), subject.pair)
        #expect(subject.texts == GuardedMachine.before)
        #expect(fake.files[GuardedMachine.old]?.status.mode == 0o600)
        #expect(fake.files[GuardedMachine.old]?.status.owner == Owner(user: 1000, group: 1000))
        #expect(subject.log.words == ["reload", "asked", "reload"])
        #expect(subject.leftovers == [])
        var left = fake.files.snapshot
        left["/etc/systemd"] = nil
        left["/etc/systemd/system"] = nil
        left["/etc/systemd/system/multi-user.target.wants"] = nil
        #expect(left == snapshot)
        #expect(try fake.machine.originals.paths.isEmpty, "the originals that the change has kept")

        let failure = try #require(reports["guarded /srv/old.conf"]?.failure)
        #expect(failure.message == "put back, since no new connection can log in: permission denied")
        #expect(failure.isPutBack && !failure.isRolledBack)
        #expect(failure.output == ["restored /srv/new.conf", "restored /srv/old.conf", "ran reload"])
        #expect(failure.advice != nil)
        #expect(
            reports.statuses == [
                "guarded /srv/old.conf": .failed, "guarded /srv/new.conf": .failed, "reload": .changed,
            ])
        let plan = await fake.plan(subject.pair)
        #expect(plan.all.map(\.status) == [.wouldChange, .wouldChange, .wouldChange], "the next plan is honest")
    }

    @Test func `the timer is armed and on the disk before the first byte`() async throws {
        await subject.enforce(.confirmed, subject.pair)
        let lines = fake.operations
        for unit in ["service", "timer"] {
            try lines.require(
                "sync /etc/systemd/system/.propel-guard.\(unit).propel", before: "systemctl daemon-reload")
        }
        try lines.require(
            "make the link /etc/systemd/system/multi-user.target.wants/propel-guard.service",
            before: "systemctl daemon-reload")
        try lines.require("systemctl daemon-reload", before: "systemctl restart propel-guard.timer")
        try lines.require(
            "sync /var/lib/propel/guard/.record.json.propel", before: "systemctl restart propel-guard.timer")
        try lines.require("systemctl restart propel-guard.timer", before: "write /srv/.old.conf.propel")
    }

    @Test func `the record and what is kept are readable by root only`() async throws {
        let host = fake.host {
            GuardedFile(GuardedMachine.old) { [fake] _ in
                let kept = try fake.files.list("/var/lib/propel/guard/originals")
                #expect(kept.count > 1)
                for name in kept.map({ "originals/" + $0 }) + ["record.json"] {
                    #expect(fake.files[FilePath("/var/lib/propel/guard/" + name)]?.status.mode == 0o600, "\(name)")
                }
                #expect(fake.files["/var/lib/propel/guard"]?.status.mode == 0o700)
                #expect(fake.files["/var/lib/propel/guard/originals"]?.status.mode == 0o700)
                let service = fake.files.text(at: "/etc/systemd/system/propel-guard.service") ?? ""
                #expect(service.contains("\nExecStart=/var/lib/propel/enforcers/0a1b put-back\n"))
                #expect(service.contains("\nWantedBy=multi-user.target\n"))
                #expect(service.contains("\nBefore=sysinit.target network-pre.target "))
                let timer = fake.files.text(at: "/etc/systemd/system/propel-guard.timer") ?? ""
                #expect(timer.contains("\nOnActiveSec=60\n"))
            }
        }
        #expect(await subject.enforce(.confirmed, host).all.map(\.status) == [.changed])
    }

    @Test func `a run without a guarded change asks nobody`() async {
        let host = fake.host { PlainFile("/srv/plain.conf").onChange(GuardedMachine.reload) }
        #expect(await subject.enforce(.confirmed, host).all.map(\.status) == [.changed, .changed])
        #expect(subject.log.words == ["reload"])
        #expect(!fake.commands.log.contains { $0.hasPrefix("systemctl") })
    }

    @Test func `what requires it is skipped, and the rest is applied after it`() async {
        let host = fake.host {
            GuardedFile(GuardedMachine.old)
            PlainFile("/srv/other.conf")
            PlainFile("/srv/dependent.conf").requires(GuardedFile(GuardedMachine.new))
        }
        let reports = await subject.enforce(.refused(GuardedMachine.refusal), host)
        #expect(
            reports.statuses == [
                "guarded /srv/old.conf": .failed, "plain /srv/other.conf": .changed, "guarded /srv/new.conf": .failed,
                "plain /srv/dependent.conf": .skipped,
            ])
        #expect(subject.questions == 2, "nothing else is applied while a change waits")
        #expect(subject.texts == GuardedMachine.before)
    }

    @Test func `reports come in the order of the steps`() async {
        let host = fake.host {
            Flag("a")
            GuardedFile(GuardedMachine.old)
            Flag("set")
            GuardedFile(GuardedMachine.new)
        }
        fake.put(flag: "set")
        let reports = await subject.enforce(.confirmed, host)
        #expect(reports.all.map(\.path) == ["a", "guarded /srv/old.conf", "set", "guarded /srv/new.conf"])
        #expect(subject.questions == 1, "what is satisfied does not separate them")
    }

    @Test func `a check that fails while the machine is cut off is made again`() async {
        let host = fake.host {
            GuardedFile(GuardedMachine.old)
            Flag("reaches the archive").answering { machine in
                let isCutOff = try machine.files.text(GuardedMachine.old) == "new\n"
                if isCutOff { throw Failure("no route to host") }
                return nil
            }
        }
        fake.put(flag: "reaches the archive")
        let reports = await subject.enforce(.refused(GuardedMachine.refusal), host)
        #expect(reports.all.map(\.status) == [.failed, .ok])
        #expect(subject.questions == 1)
    }

    @Test func `a change that breaks off in the middle is put back without a question`() async {
        let host = fake.host {
            GuardedFile(GuardedMachine.new)
            GuardedFile(GuardedMachine.old) { _ in throw Failure("no luck") }
        }
        let reports = await subject.enforce(.confirmed, host)
        #expect(subject.texts == GuardedMachine.before)
        #expect(subject.questions == 0)
        #expect(reports["guarded /srv/old.conf"]?.failure?.message == "no luck")
        #expect(reports["guarded /srv/old.conf"]?.failure?.isPutBack == false)
        #expect(reports["guarded /srv/new.conf"]?.failure?.message == "put back, since “guarded /srv/old.conf” failed")
        #expect(subject.leftovers == [])
    }

    @Test func `an action that fails is a reason to put the change back`() async throws {
        let host = fake.host {
            GuardedFile(GuardedMachine.old).onChange(Note("restart") { _ in throw Failure("it does not start") })
        }
        let reports = await subject.enforce(.confirmed, host)
        #expect(reports.statuses == ["guarded /srv/old.conf": .failed, "restart": .failed])
        #expect(
            reports["guarded /srv/old.conf"]?.failure?.message == "put back, since “restart” was not performed")
        #expect(subject.questions == 0 && subject.texts == GuardedMachine.before)
    }

    @Test(arguments: [
        ("ActiveState=active\nType=simple\n", ["restart -- app.service", "restart -- app.service"]),
        ("ActiveState=inactive\nType=simple\nRemainAfterExit=no\n", ["restart -- app.service", "stop -- app.service"]),
        // A filter is loaded by such a unit, and flushed when it stops.
        (
            "ActiveState=inactive\nType=oneshot\nRemainAfterExit=yes\n",
            ["restart -- app.service", "stop -- app.service"]
        ),
        (
            "ActiveState=inactive\nType=oneshot\nRemainAfterExit=no\n",
            ["restart -- app.service", "restart -- app.service"]
        ),
    ])
    func `a service goes back to what it was, the first time too`(_ state: String, _ done: [String]) async {
        fake.commands.program("systemctl") { command in
            .printing(command.arguments.first == "show" ? state : "")
        }
        let host = fake.host {
            GuardedFile(GuardedMachine.old).onChange(
                Note("restart app") { machine in
                    try await machine.run("systemctl", "restart", "--", "app.service")
                })
        }
        await subject.enforce(.refused(GuardedMachine.refusal), host)
        #expect(
            fake.commands.log.filter { $0.hasSuffix("app.service") && !$0.contains("show") }
                == done.map { "systemctl " + $0 })
    }

    @Test func `a unit that is started twice is still stopped`() async {
        fake.commands.program("systemctl") { [fake] command in
            let isStarted = fake.commands.log.contains("systemctl restart -- app.service")
            return .printing(command.arguments.first == "show" ? "ActiveState=\(isStarted ? "" : "in")active\n" : "")
        }
        let host = fake.host {
            GuardedFile(GuardedMachine.old).onChange(
                Note("restart app") { machine in
                    for _ in 1...2 { try await machine.run("systemctl", "restart", "--", "app.service") }
                })
        }
        await subject.enforce(.refused(GuardedMachine.refusal), host)
        #expect(
            fake.commands.log.filter { $0.hasSuffix("app.service") && !$0.contains("show") }.map { $0.dropFirst(10) }
                == ["restart -- app.service", "restart -- app.service", "stop -- app.service"])
    }

    @Test func `an interrupted run puts back what nobody has confirmed`() async throws {
        let host = fake.host {
            GuardedFile(GuardedMachine.old) { _ in withUnsafeCurrentTask { $0?.cancel() } }
        }
        let reports = Reports(), engine = subject.engine(.confirmed, host, reports)
        let summary = await Task { await engine.enforce() }.value
        #expect(summary.isInterrupted)
        #expect(subject.texts == GuardedMachine.before && subject.questions == 0)
        #expect(subject.leftovers == [])
    }

    @Test func `any property can be guarded, a group too, and what it requires is not`() async {
        let host = fake.host {
            PropertyGroup("access", for: UnixLike.self) {
                PlainFile(GuardedMachine.old)
                PlainFile(GuardedMachine.new)
            }.guarded().requires(Flag("needed"))
        }
        #expect(host.steps.map(\.isDeclaredGuarded) == [false, true, true])
        let reports = await subject.enforce(.refused(GuardedMachine.refusal), host)
        #expect(reports.all.map(\.status) == [.changed, .failed, .failed])
        #expect(subject.questions == 1 && subject.texts == GuardedMachine.before)
        let plain = fake.host { PlainFile(GuardedMachine.old) }
        #expect(fake.host { PlainFile(GuardedMachine.old).guarded() }.stepHashes != plain.stepHashes)
    }

    @Test func `a file that decides who comes in is guarded, whatever property it is`() async {
        fake.files.put(directory: "/etc/ssh/sshd_config.d")
        fake.files.put(directory: "/etc/ssh/ssh_config.d")
        let host = fake.host {
            PlainFile("/etc/ssh/ssh_config.d/own.conf")
            PlainFile("/etc/ssh/sshd_config.d/own.conf")
        }
        let reports = await subject.enforce(.refused(GuardedMachine.refusal), host)
        #expect(reports.all.map(\.status) == [.changed, .failed])
        #expect(fake.files["/etc/ssh/sshd_config.d/own.conf"] == nil)
    }

    /// A connection over the address that is about to go would prove nothing.
    @Test func `a change of the network is in effect before anybody is asked`() async throws {
        let files = fake.files, link: FilePath = "/run/systemd/netif/links/2", seen = Recorder()
        files.put(directory: "/etc/systemd/network")
        files.put("/run/systemd/netif/links/1", "ADMIN_STATE=unmanaged\n")
        files.put(link, "ADMIN_STATE=configuring\nOPER_STATE=carrier\n")
        var asked = self.subject
        asked.whenAsked = { seen.add(files.text(at: link) ?? "") }
        let networkd = Task {
            try await Task.sleep(for: .milliseconds(300))
            files.put(link, "ADMIN_STATE=configured\nOPER_STATE=routable\n")
        }
        let host = fake.host { GuardedFile("/etc/systemd/network/lan.network") }
        await asked.enforce(.confirmed, host)
        try await networkd.value
        #expect(seen.words == ["ADMIN_STATE=configured\nOPER_STATE=routable\n"])
    }

    @Test func `a machine without systemd puts changes back too`() async throws {
        try fake.files.remove("/run/systemd/system")
        let reports = await subject.enforce(.refused(GuardedMachine.refusal), subject.pair)
        #expect(reports.all.map(\.status) == [.failed, .failed, .changed])
        #expect(subject.texts == GuardedMachine.before && subject.leftovers == [])
        #expect(!fake.commands.log.contains { $0.hasPrefix("systemctl") })
    }

    @Test func `what cannot be armed is not changed`() async {
        fake.commands.program("systemctl", status: 1)
        let reports = await subject.enforce(.confirmed, subject.pair)
        #expect(reports.all.filter { $0.path.hasPrefix("guarded") }.map(\.status) == [.failed, .failed])
        #expect(subject.texts == GuardedMachine.before && subject.questions == 0)
        #expect(fake.files[GuardedMachine.record] == nil)
    }

    @Test func `the confirmation comes before a restart of the machine`() async throws {
        let log = subject.log
        let host = fake.host {
            GuardedFile(GuardedMachine.old).onChangeNow(FakeRestart(log: log))
        }
        await subject.enforce(.confirmed, host)
        #expect(log.words == ["asked", "restart"])
        #expect(try await subject.safeguard.recover(for: .run(after: [])) == nil)
        fake.files.put(GuardedMachine.old, "old\n")
        let reports = await subject.enforce(.refused(GuardedMachine.refusal), host)
        #expect(log.words == ["asked", "restart", "asked"], "what was put back is no reason to restart")
        #expect(reports["guarded /srv/old.conf"]?.status == .failed)
    }
}
