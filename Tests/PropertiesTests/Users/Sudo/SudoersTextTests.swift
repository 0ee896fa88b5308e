import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct SudoersTextTests {
    private let fake = FakeMachine(invoker: "pi")

    init() {
        fake.files.put("/etc/sudoers", "root ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n", mode: 0o440)
        fake.files.put("/etc/sudoers.d/010_pi-nopasswd", "pi ALL=(ALL) NOPASSWD: ALL\n", mode: 0o440)
        fake.commands.program("visudo")
    }

    @Test func `rules, aliases and defaults are one file`() async throws {
        let before = fake.files.snapshot
        let text = "Defaults timestamp_timeout=15\nCmnd_Alias APP = /usr/bin/systemctl restart app\n%ops ALL=(root) APP"
        let file = Sudoers.Text("ops", text)
        try await fake.obeysLaw(file)
        #expect(fake.files.text(at: "/etc/sudoers.d/ops") == text + "\n")
        #expect(fake.files["/etc/sudoers.d/ops"]?.status.mode == 0o440)
        #expect(fake.commands.log == ["visudo --check --file=/etc/sudoers.d/.ops.propel"])
        try await fake.obeysLaw(file.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `what visudo refuses is not put in place`() async throws {
        fake.commands.program("visudo", status: 1, errors: "parse error near line 1")
        await #expect(throws: CommandFailure.self) {
            try await Sudoers.Text("ops", "nonsense").apply(on: fake.machine)
        }
        #expect(fake.files["/etc/sudoers.d/ops"] == nil)
    }

    @Test func `a rule among others that would lock out is refused`() async throws {
        let file = Sudoers.Text("ops", "ben ALL=(root) /usr/bin/true\npi ALL=(ALL) ALL\n")
        let failure = await #expect(throws: Failure.self) { try await fake.check(file) }
        #expect(failure?.message.contains("sudo would ask pi for a password") == true)
        await #expect(throws: Failure.self) { try await file.apply(on: fake.machine) }
        #expect(fake.files["/etc/sudoers.d/ops"] == nil)
    }

    @Test func `a rule that a later file outranks is refused`() async throws {
        fake.files.put("/etc/sudoers.d/90-cloud-init-users", "ben ALL=(ALL) NOPASSWD:ALL\n", mode: 0o440)
        let file = Sudoers.Text("50-ops", "anna ALL=(ALL) ALL\nben ALL=(ALL) ALL\n")
        let failure = await #expect(throws: Failure.self) { try await fake.check(file) }
        #expect(failure?.message.hasPrefix("/etc/sudoers.d/90-cloud-init-users") == true)
    }

    @Test func `a name that sudo ignores and an empty file are problems`() {
        #expect(Sudoers.Text("a.b", "x").problems.count == 1 && Sudoers.Text("a", " \n").problems.count == 1)
    }
}
