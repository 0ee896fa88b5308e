import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct CronJobTests {
    private let fake = FakeMachine()

    @Test func `a job is a file of cron`() async throws {
        fake.files.put(directory: "/etc/cron.d")
        let job = Properties.Cron("backup", "30 3 * * *", "date +%F", user: "pi", environment: ["MAILTO": "anna"])
        try await fake.obeysLaw(job)
        #expect(
            fake.files.text(at: "/etc/cron.d/backup")
                == "MAILTO=anna\nPATH=\(Invocation.searchPath)\n30 3 * * * pi date +\\%F\n")
    }

    @Test func `a search path that is declared counts`() async throws {
        fake.files.put(directory: "/etc/cron.d")
        try await fake.obeysLaw(Properties.Cron("x", "@daily", "true", environment: ["PATH": "/opt/app/bin"]))
        #expect(fake.files.text(at: "/etc/cron.d/x") == "PATH=/opt/app/bin\n@daily root true\n")
    }

    /// The first % that is not escaped ends the command, and what follows is its input (crontab(5)).
    @Test(arguments: ["date +%F_%H:%M", "%", "%%", "echo 100% of 5%", "%a%", "true"])
    func `every percent sign is escaped`(_ command: String) async throws {
        fake.files.put(directory: "/etc/cron.d")
        try await fake.obeysLaw(Properties.Cron("x", "@daily", command))
        let line = fake.files.text(at: "/etc/cron.d/x")?.split(separator: "\n").last.map(String.init)
        #expect(line == "@daily root " + command.replacing("%", with: "\\%"))
    }

    @Test func `a percent sign is escaped with a combining mark after it too`() {
        let bytes = Array("@daily root echo \\%\u{301}x\n".utf8)
        let text = Properties.Cron("x", "@daily", "echo %\u{301}x").file.content.bytes
        #expect(text?.suffix(bytes.count).elementsEqual(bytes) == true)
    }

    @Test(arguments: ["@reboot", "*/5 0-6,20 1 jan mon"]) func `usual schedules are valid`(_ schedule: String) {
        #expect(Properties.Cron("x", schedule, "true").problems.isEmpty)
    }

    @Test(arguments: ["", "daily", "@never", "1 2 3 4", "* * * * ;"]) func `other schedules are problems`(
        _ schedule: String
    ) {
        #expect(Properties.Cron("x", schedule, "true").problems.count == 1)
    }

    @Test func `names that cron ignores and newlines are problems`() {
        #expect(Properties.Cron("a.b", "@daily", "true").problems.count == 1)
        #expect(Properties.Cron("a", "@daily", "true\nfalse").problems.count == 1)
    }

    @Test func `a job is removed and comes back`() async throws {
        let absent = Properties.Cron.Absent("backup"), text = "0 3 * * * root /opt/old\n"
        fake.files.put("/etc/cron.d/other", text)
        #expect(try await fake.check(absent) == .satisfied)
        fake.files.put("/etc/cron.d/backup", text)
        #expect(try await fake.obeysLaw(absent).reason == "remove a file of \(text.utf8.count) bytes")
        #expect(try fake.files.list("/etc/cron.d") == ["other"])
        try await fake.obeysLaw(absent.reverted())
        #expect(fake.files.text(at: "/etc/cron.d/backup") == text)
        let host = Host("x", runs: Debian.self) {
            Properties.Cron("backup", "@daily", "true")
            absent
        }
        #expect(host.conflicts.map(\.subject) == ["the path /etc/cron.d/backup"])
    }

    @Test(arguments: ["", "a.b", "../passwd"]) func `an invalid name of an absent job is a problem`(
        _ name: String
    ) async throws {
        #expect(Properties.Cron.Absent(name).problems.count == 1)
        await #expect(throws: Failure.self) { try await Properties.Cron.Absent(name).apply(on: fake.machine) }
    }
}
