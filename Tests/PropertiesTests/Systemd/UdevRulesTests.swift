import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct UdevRulesTests {
    private let fake = FakeMachine()
    private static let rule = #"SUBSYSTEM=="tty", ATTRS{idVendor}=="10c4", SYMLINK+="zigbee""#
    private let rules = UdevRules("99-zigbee", rule)

    init() {
        fake.hasInstalled("udev")
        fake.files.put(directory: "/etc/udev")
    }

    @Test func `rules are put in place, read, and taken back`() async throws {
        fake.files.put("/run/udev/control", "")
        fake.commands.program("udevadm")
        let host = Host("test", runs: Debian.self) { rules }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.changed] == 2 && run[.failed] == 0)
        #expect(fake.files.text(at: "/etc/udev/rules.d/99-zigbee.rules") == Self.rule + "\n")
        #expect(fake.commands.log == ["udevadm control --reload", "udevadm trigger"])
        try await fake.obeysLaw(rules.reverted())
        #expect(fake.files["/etc/udev/rules.d/99-zigbee.rules"] == nil)
    }

    @Test func `without udev the file is all`() async throws {
        let host = Host("test", runs: Debian.self) { rules }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0 && fake.commands.log.isEmpty)
    }

    @Test(arguments: [
        "# a comment\n\n" + rule + "\n", #"ACTION=="add", KERNEL=="sd?", RUN+="/bin/sh -c 'echo \"x\"'""#,
        "SUBSYSTEM==\"usb\", \\\n  MODE=\"0660\", GROUP:=\"plugdev\"\n", #"ENV{A}!=i"x", ATTR{queue/scheduler}="none""#,
        #"LABEL="end""#, #"IMPORT{program}=e"a\tb" , GOTO="end""#,
    ]) func `rules of any kind are taken`(_ text: String) {
        #expect(UdevRules("a", text).problems.isEmpty)
    }

    @Test(arguments: [
        "", "# only\n", "tty", #"SUBSYSTEM="tty"#, #"SUBSYSTEM=tty"#, #"ATTRS{idVendor=="1""#, #"=="x""#,
        #"SUBSYSTEM=="tty", "x""#, #"SUBSYSTEM=="tty" MODE~="1""#,
    ]) func `what is no rule is a problem, and writes nothing`(_ text: String) async throws {
        #expect(UdevRules("a", text).problems.count == 1)
        await #expect(throws: Failure.self) { try await UdevRules("a", text).apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }

    @Test(arguments: ["", "a/b", ".a", "a b"]) func `an invalid name is a problem`(_ id: String) {
        #expect(UdevRules(id, Self.rule).problems.count == 1)
    }
}
