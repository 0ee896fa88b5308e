import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct SystemdUnitTests {
    let fake = FakeMachine()
    let unit = "[Service]\nExecStart=/usr/bin/app\n\n[Install]\nWantedBy=multi-user.target\n"
    private let seen = Seen()

    private final class Seen: Sendable { let files = Mutex<[String]>([]) }

    init() {
        fake.files.put(directory: "/etc/systemd/system")
        // Notes what it is shown, and who could read it.
        fake.commands.program("systemd-analyze") { [fake, seen] _ in
            let scratch = fake.files.snapshot.filter { $0.key.starts(with: "/run/propel-scratch") }
            let files = scratch.filter { $0.value.status.kind == .file }
            seen.files.withLock {
                $0 = files.map { "\($0.key) \(String(decoding: $0.value.bytes, as: UTF8.self))" }.sorted()
            }
            let isPrivate = scratch.allSatisfy { $0.value.status.mode & 0o077 == 0 }
            let isBad = files.contains { String(decoding: $0.value.bytes, as: UTF8.self).contains("ExecStrt") }
            let name = files.keys.map(\.string).first { $0.contains(".d/") } ?? "/run/propel-scratch/app.service"
            return !isPrivate || isBad
                ? .failing(1, "\(name):2: Unknown key 'ExecStrt' in section [Service], ignoring.\n") : .printing()
        }
    }

    @Test func `puts the unit in place and has systemd read it`() async throws {
        _ = FakeSystemd(fake)
        let change = try await fake.obeysLaw(SystemdUnit("app", unit))
        #expect(change.reason == "create with mode 0644, owner root:root")
        #expect(change.diff?.text.contains("+ExecStart=/usr/bin/app") == true)
        #expect(fake.files.text(at: "/etc/systemd/system/app.service") == unit)
        #expect(fake.files["/etc/systemd/system/app.service"]?.status.mode == 0o644)
        #expect(
            fake.commands.log.filter { !$0.hasPrefix("systemctl show") } == [
                "systemd-analyze verify --man=no --recursive-errors=no /run/propel-scratch/app.service",
                "systemctl daemon-reload",
            ])
        #expect(seen.files.withLock { $0 } == ["/run/propel-scratch/app.service \(unit)"])
        #expect(fake.files["/run/propel-scratch"] == nil)
    }

    @Test func `a template is put in place beside units that are asked for`() async throws {
        _ = FakeSystemd(fake, ["z.service": .init(active: "active", file: "enabled")])
        let template = SystemdUnit("backup@", unit)
        for property: any Property in [template, Service("z")] { property.announce(to: fake.machine) }
        #expect(try await Service("z").check(on: fake.machine) == .satisfied)
        #expect(fake.commands.log.count == 1)
        try await fake.obeysLaw(template)
        try await fake.obeysLaw(template.reverted())
        #expect(
            fake.commands.log.suffix(3) == [
                "systemctl stop -- 'backup@*.service'", "systemctl disable -- backup@.service",
                "systemctl daemon-reload",
            ])
    }

    @Test func `what a killed run has left does not spoil the verification`() async throws {
        _ = FakeSystemd(fake)
        fake.files.put(directory: "/run/propel-scratch", mode: 0o755)
        fake.files.put("/run/propel-scratch/bad.service", "[Service]\nExecStrt=/x\n")
        fake.files.put("/run/propel-scratch/app.service.d/bad.conf", "[Service]\nExecStrt=/x\n")
        fake.files.put("/run/propel-scratch/tls/key", linkTo: "/etc/shadow")
        try await fake.obeysLaw(SystemdUnit("app", unit))
        #expect(seen.files.withLock { $0 } == ["/run/propel-scratch/app.service \(unit)"])
        #expect(fake.files["/run/propel-scratch"] == nil && fake.files["/etc/shadow"] != nil)
    }

    @Test func `a unit that systemd does not accept is not put in place`() async throws {
        _ = FakeSystemd(fake)
        fake.files.put("/etc/systemd/system/app.service", "[Service]\nExecStart=/usr/bin/old\n")
        let before = fake.files.snapshot
        let failure = await #expect(throws: Failure.self) {
            try await SystemdUnit("app", "[Service]\nExecStrt=/usr/bin/app\n").apply(on: fake.machine)
        }
        #expect(failure?.message == "systemd does not accept app.service")
        #expect(
            failure?.output == [
                "/run/propel-scratch/app.service:2: Unknown key 'ExecStrt' in section [Service], ignoring."
            ])
        #expect(fake.files.snapshot == before)
        #expect(!fake.commands.log.contains("systemctl daemon-reload"))
    }

    @Test func `an old systemd is asked without the new option`() async throws {
        _ = FakeSystemd(fake)
        fake.commands.program("systemd-analyze") { command in
            command.arguments.contains("--recursive-errors=no")
                ? .failing(1, "systemd-analyze: unrecognized option '--recursive-errors=no'\n") : .printing()
        }
        try await fake.obeysLaw(SystemdUnit("app", unit))
        #expect(fake.commands.log.contains("systemd-analyze verify --man=no /run/propel-scratch/app.service"))
    }

    @Test func `a run interrupted before daemon-reload is finished`() async throws {
        _ = FakeSystemd(fake, ["app.service": .init(needsReload: true)])
        fake.files.put("/etc/systemd/system/app.service", unit)
        #expect(try await fake.obeysLaw(SystemdUnit("app", unit)).reason == "systemd has not read it yet")
        #expect(fake.commands.log.filter { !$0.hasPrefix("systemctl show") } == ["systemctl daemon-reload"])
    }

    @Test func `a revert stops and removes the unit`() async throws {
        let systemd = FakeSystemd(fake)
        let before = fake.files.snapshot
        try await fake.obeysLaw(SystemdUnit("app", unit))
        systemd["app.service"] = .init(active: "active", file: "enabled")
        try await fake.obeysLaw(SystemdUnit("app", unit).reverted())
        #expect(fake.files.snapshot == before)
        #expect(
            fake.commands.log.filter { !$0.hasPrefix("systemctl show") }.suffix(2) == [
                "systemctl disable --now -- app.service", "systemctl daemon-reload",
            ])
    }

    @Test func `reverted the text of before is back and still runs`() async throws {
        let systemd = FakeSystemd(fake, ["app.service": .init(active: "active", file: "enabled")])
        fake.files.put("/etc/systemd/system/app.service", "[Service]\r\nExecStart=/old", mode: 0o600)
        let before = fake.files.snapshot
        try await fake.obeysLaw(SystemdUnit("app", unit))
        try await fake.obeysLaw(SystemdUnit("app", unit).reverted())
        #expect(fake.files.snapshot == before)
        #expect(systemd["app.service"]?.active == "active")
    }

    @Test func `a drop in is read along with a unit that says nothing`() async throws {
        _ = FakeSystemd(fake)
        let before = fake.files.snapshot
        let dropIn = SystemdUnit.DropIn("docker.service", "limits", "[Service]\nLimitNOFILE=65536\n")
        try await fake.obeysLaw(dropIn)
        #expect(
            fake.files.text(at: "/etc/systemd/system/docker.service.d/limits.conf") == "[Service]\nLimitNOFILE=65536\n")
        #expect(
            seen.files.withLock { $0 } == [
                "/run/propel-scratch/docker.service [Unit]\nDescription=docker.service\n",
                "/run/propel-scratch/docker.service.d/limits.conf [Service]\nLimitNOFILE=65536\n",
            ])
        #expect(fake.files["/run/propel-scratch"] == nil)
        try await fake.obeysLaw(dropIn.reverted())
        #expect(fake.files.snapshot == before)
        #expect(!fake.commands.log.contains { $0.contains("disable") })
    }

    @Test func `the faults of the unit itself are not the drop ins`() async throws {
        _ = FakeSystemd(fake)
        fake.commands.program(
            "systemd-analyze", status: 1, errors: "docker.service: Service has no ExecStart=. Refusing.\n")
        try await fake.obeysLaw(SystemdUnit.DropIn("docker", "limits.conf", "[Service]\nNice=5\n"))
    }

    @Test func `a drop in that systemd does not accept is not put in place`() async throws {
        _ = FakeSystemd(fake)
        let before = fake.files.snapshot
        await #expect(throws: Failure.self) {
            try await SystemdUnit.DropIn("docker", "limits.conf", "[Service]\nExecStrt=5\n").apply(on: fake.machine)
        }
        #expect(fake.files.snapshot == before)
    }

    @Test func `an invalid name is written nowhere`() async throws {
        _ = FakeSystemd(fake)
        for name in ["../app", "a b", "a\nb"] {
            await #expect(throws: Failure.self) { try await fake.check(SystemdUnit(name, unit)) }
        }
        for name in ["../a", "", "a/b", ".a", "a b"] {
            await #expect(throws: Failure.self) { try await fake.check(SystemdUnit.DropIn("app", name, unit)) }
        }
    }

    @Test func `a service with its unit is restarted when the text changes`() async throws {
        let systemd = FakeSystemd(fake, ["app.service": .init()])
        let host = { [unit] (text: String) in Host("test", runs: Debian.self) { SystemdService("app", unit + text) } }
        func enforce(_ host: Host) async -> RunSummary {
            await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        }
        fake.files.put("/etc/systemd/system/app.service", unit)
        var ending = await enforce(host(""))
        #expect(ending[.failed] == 0 && ending[.changed] == 1)
        #expect(systemd["app.service"]?.active == "active")
        #expect(!fake.commands.log.contains { $0.contains("restart") })
        ending = await enforce(host("# changed\n"))
        #expect(ending[.failed] == 0 && ending[.changed] == 2)
        #expect(fake.commands.log.count { $0 == "systemctl restart -- app.service" } == 1)
        ending = await enforce(host("# changed\n"))
        #expect(ending[.changed] == 0)
    }
}
