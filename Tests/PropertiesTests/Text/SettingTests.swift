import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct SettingTests {
    private let fake = FakeMachine()

    @Test(arguments: [
        // The first line counts, whatever its case; others go.
        (Setting.Syntax.words, "port 22\nX y\nPort 2222\n", "Port 80\nX y\n"),
        // Below the comment with the default.
        (.words, "#Port 22\n#AddressFamily any\n", "#Port 22\nPort 80\n#AddressFamily any\n"),
        // Never in a section for some users.
        (.words, "X y\nMatch User git\n  Port 22\n", "X y\nPort 80\nMatch User git\n  Port 22\n"),
        (.words, "", "Port 80\n"),
        (.shell, "A=1\nPort=22\n", "A=1\nPort=80\n"),
        (.shell, "export Port=\"22\"\n", "export Port=80\n"),
        (.shell, "Port=22\n# Port=1\nPort=23\n", "# Port=1\nPort=80\n"),
        (.colon, "a: 1\n  Port: 22\n", "a: 1\n  Port: 80\n"),
        (.ini(section: nil), "Port=22\n[s]\nPort=22\n", "Port=80\n[s]\nPort=22\n"),
        (.ini(section: "s"), "Port=22\n[s]\na = 1\n\n[t]\n", "Port=22\n[s]\na = 1\nPort = 80\n\n[t]\n"),
        (.ini(section: "s"), "[s]\na=1\n", "[s]\na=1\nPort=80\n"),
        (.ini(section: "s"), "a = 1\n", "a = 1\n\n[s]\nPort = 80\n"),
        (.ini(section: "s"), "[s]\n;Port = 22\nb = 2\n", "[s]\n;Port = 22\nPort = 80\nb = 2\n"),
        // With the mark that makes a keycap of it, `#` is another Character.
        (.words, "#\u{FE0F}\u{20E3} Port 22\nPort 22\n", "#\u{FE0F}\u{20E3} Port 22\nPort 80\n"),
        (.ini(section: nil), "#\u{FE0F}\u{20E3} Port = 22\nPort=\u{301}\n", "#\u{FE0F}\u{20E3} Port = 22\nPort=80\n"),
        (.shell, "Port=\u{301}x\n", "Port=80\n"), (.colon, "Port:\u{301}x\n", "Port: 80\n"),
    ]) func `a value is set where it counts, and reverted`(
        _ syntax: Setting.Syntax, _ before: String, _ after: String
    ) async throws {
        fake.files.put("/etc/x", before)
        let setting = Setting("/etc/x", "Port", "80", syntax: syntax)
        try await fake.obeysLaw(setting)
        #expect(fake.files.text(at: "/etc/x") == after)
        try await fake.obeysLaw(setting.reverted())
        #expect(fake.files.text(at: "/etc/x") == before)
    }

    @Test(arguments: [
        (Setting.Syntax.words, "Port\t80\n"), (.words, "Port=80\n"), (.shell, "Port='80'\n"), (.shell, "Port=\"80\"\n"),
        (.colon, "Port:80\n"), (.ini(section: nil), "Port =80\n"),
    ]) func `an equal value in another form is kept`(_ syntax: Setting.Syntax, _ present: String) async throws {
        fake.files.put("/etc/x", present)
        #expect(try await fake.check(Setting("/etc/x", "Port", "80", syntax: syntax)) == .satisfied)
    }

    @Test func `a value is quoted for a shell`() async throws {
        fake.files.put("/etc/x", "")
        try await fake.obeysLaw(Setting("/etc/x", "OPTIONS", "-a 'b' $c", syntax: .shell))
        #expect(fake.files.text(at: "/etc/x") == "OPTIONS='-a '\\''b'\\'' $c'\n")
    }

    @Test func `a setting is removed and restored among other changes`() async throws {
        fake.files.put("/etc/x", "# Port 1\nPort 22\na b\n")
        let absent = Setting.Absent("/etc/x", "Port", syntax: .words)
        try await fake.obeysLaw(absent)
        #expect(fake.files.text(at: "/etc/x") == "# Port 1\na b\n")
        fake.files.put("/etc/x", "# Port 1\na b\nc d\n")
        try await fake.obeysLaw(absent.reverted())
        #expect(fake.files.text(at: "/etc/x") == "# Port 1\nPort 22\na b\nc d\n")
    }

    @Test func `two values of one setting conflict`() {
        let host = Host("x", runs: Debian.self) {
            Setting("/etc/x", "Port", "80", syntax: .words)
            Setting("/etc/x", "Port", "81", syntax: .words)
        }
        #expect(host.conflicts.count == 1)
    }

    @Test(arguments: [("", "1"), ("#Port", "1"), ("a b", "1"), ("Port", "1\n2"), ("Port", "")])
    func `invalid settings are problems`(_ key: String, _ value: String) {
        #expect(Setting("/etc/x", key, value, syntax: .words).problems.count == 1)
    }

    @Test(arguments: [
        ("a=\u{301}b", Setting.Syntax.words), ("a=\u{301}b", .ini(section: nil)), ("a:\u{301}b", .colon),
    ]) func `a separator in a name is a problem, whatever follows it`(_ key: String, _ syntax: Setting.Syntax) {
        #expect(Setting("/etc/x", key, "1", syntax: syntax).problems.count == 1)
        #expect(Setting.Absent("/etc/x", key, syntax: syntax).problems.count == 1)
    }
}
