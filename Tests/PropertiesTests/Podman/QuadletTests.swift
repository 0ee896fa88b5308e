import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct QuadletTests {
    private let fake = FakeMachine()
    private let text = "[Container]\nImage=ghcr.io/example/app:1.4\n"
    private var quadlet: Podman.Quadlet { Podman.Quadlet("app.container", text) }

    init() {
        fake.commands.program("systemctl")
        fake.files.put(directory: "/etc/containers")
        fake.files.put(directory: "/run")
    }

    @Test func `systemd reads a quadlet and its removal`() async throws {
        let before = fake.files.snapshot
        try await fake.obeysLaw(quadlet)
        #expect(fake.files.text(at: "/etc/containers/systemd/app.container") == text)
        #expect(fake.commands.log == ["systemctl daemon-reload"])
        try await fake.obeysLaw(quadlet.reverted())
        #expect(fake.commands.log == ["systemctl daemon-reload", "systemctl daemon-reload"])
        #expect(fake.files.snapshot == before)
    }

    @Test func `a file that systemd has not read is read by the next run`() async throws {
        fake.commands.program("systemctl", status: 1, errors: "no bus\n")
        await #expect(throws: CommandFailure.self) { try await quadlet.apply(on: fake.machine) }
        fake.commands.program("systemctl")
        #expect(try await fake.obeysLaw(quadlet).reason == "systemd has not read it yet")
        #expect(try await fake.check(quadlet) == .satisfied)
    }

    @Test(arguments: [
        "app", "app.service", "../app.container", "app.container/limits.conf", ".container", "a b.container", "",
    ]) func `a name of which podman makes nothing is a problem`(_ name: String) {
        #expect(Podman.Quadlet(name, text).problems.count == 1)
    }

    @Test func `a drop-in is a quadlet too, and a file without a section is refused`() {
        #expect(Podman.Quadlet("app.container.d/limits.conf", "[Service]\nLimitNOFILE=65536\n").problems.isEmpty)
        #expect(Podman.Quadlet("app.container", "Image=app\n").problems.count == 1)
    }
}
