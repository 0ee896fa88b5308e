import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct SystemdUnitAbsentTests {
    private let fake = FakeMachine()
    private let systemd: FakeSystemd
    private let path: FilePath = "/etc/systemd/system/old.service"

    init() {
        systemd = FakeSystemd(fake, ["old.service": .init(active: "active", file: "enabled")])
        fake.files.put(path, "[Service]\nExecStart=/opt/old\n", mode: 0o640)
    }

    private var changes: [String] { fake.commands.log.filter { !$0.hasPrefix("systemctl show") } }

    @Test func `a unit is stopped and disabled before its file goes, and the file comes back`() async throws {
        let absent = SystemdUnit.Absent("old")
        #expect(try await fake.obeysLaw(absent).reason == "stop, disable and remove it")
        #expect(changes == ["systemctl disable --now -- old.service", "systemctl daemon-reload"])
        try fake.operations.require("systemctl disable", before: "remove \(path)")
        try fake.operations.require("remove \(path)", before: "systemctl daemon-reload")
        try await fake.obeysLaw(absent.reverted())
        #expect(fake.files.text(at: path) == "[Service]\nExecStart=/opt/old\n")
        #expect(fake.files[path]?.status.mode == 0o640 && systemd["old.service"]?.active == "inactive")
    }

    @Test func `a file that systemd has not forgotten is followed up`() async throws {
        try fake.files.remove(path)
        systemd["old.service"]?.needsReload = true
        #expect(try await fake.obeysLaw(SystemdUnit.Absent("old")).reason == "systemd has not forgotten it yet")
        #expect(changes == ["systemctl daemon-reload"])
    }

    @Test func `a unit that is unknown, or that a package brings, is not removed`() async throws {
        try fake.files.remove(path)
        #expect(try await fake.check(SystemdUnit.Absent("old")) == .satisfied)
        #expect(try await fake.check(SystemdUnit.Absent("other")) == .satisfied)
        #expect(systemd["old.service"]?.active == "active")
    }

    @Test func `instances of a template are stopped`() async throws {
        fake.files.put("/etc/systemd/system/old@.service", "[Service]\nExecStart=/opt/old %i\n")
        try await fake.obeysLaw(SystemdUnit.Absent("old@.service"))
        #expect(
            changes == [
                "systemctl stop -- 'old@*.service'", "systemctl disable -- old@.service", "systemctl daemon-reload",
            ])
    }

    @Test func `a link to another unit goes, and a masked one is refused`() async throws {
        fake.files.put(path, linkTo: "/opt/old/old.service")
        try await fake.obeysLaw(SystemdUnit.Absent("old"))
        fake.files.put(path, linkTo: "/dev/null")
        let failure = await #expect(throws: Failure.self) { try await fake.check(SystemdUnit.Absent("old")) }
        #expect(failure?.advice == "Declare Service.Masked(\"old.service\").reverted().")
        await #expect(throws: Failure.self) { try await SystemdUnit.Absent("old").apply(on: fake.machine) }
        #expect(fake.files[path] != nil)
    }

    @Test func `a timer goes before its service`() {
        let host = Host("x", runs: Debian.self) {
            Timer.Absent("backup")
            SystemdUnit("backup.timer", "[Timer]\nOnCalendar=daily\n")
        }
        #expect(host.steps.prefix(2).map(\.property.name) == ["no unit backup.timer", "no unit backup.service"])
        #expect(host.conflicts.count == 1)
        #expect(SystemdUnit.Absent("a b").problems.count == 1)
    }
}
