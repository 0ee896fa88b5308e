import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct KeyboardTests {
    @Test func `the settings are changed in place, and loaded`() async throws {
        let fake = FakeMachine()
        fake.hasInstalled("keyboard-configuration", "console-setup")
        for program in ["setupcon", "udevadm"] { fake.commands.program(program) }
        let before = "# KEYBOARD\nXKBMODEL=\"pc105\"\nXKBLAYOUT=\"us\"\nBACKSPACE=\"guess\"\n"
        fake.files.put("/etc/default/keyboard", before)
        let host = Host("test", runs: Debian.self) { Keyboard("de", variant: "nodeadkeys") }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0 && run[.changed] == 3)
        let text = try #require(fake.files.text(at: "/etc/default/keyboard"))
        #expect(text.contains("XKBMODEL=\"pc105\"\n") && text.contains("BACKSPACE=\"guess\"\n"))
        for (key, value) in [("XKBLAYOUT", "de"), ("XKBVARIANT", "nodeadkeys")] {
            #expect(try await fake.check(Setting("/etc/default/keyboard", key, value, syntax: .shell)) == .satisfied)
        }
        #expect(
            fake.commands.log == [
                "setupcon --save-only",
                "udevadm trigger --subsystem-match=input --action=change",
            ])
        let back = Host("test", runs: Debian.self) { Keyboard("de", variant: "nodeadkeys").reverted() }
        // Both settings, and what loads them.
        for changed in [3, 0] {
            fake.machine.forgetFacts()
            let run = await Engine(host: back, machine: fake.machine) { _ in }.enforce()
            #expect(run[.failed] == 0 && run[.changed] == changed)
        }
        #expect(try fake.files.text("/etc/default/keyboard") == before && fake.commands.log.count == 4)
    }
}
