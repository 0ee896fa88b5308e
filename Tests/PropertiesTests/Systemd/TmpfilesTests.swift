import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct TmpfilesTests {
    private let fake = FakeMachine()
    private let app = Tmpfiles("app", "d /run/app 0750 pi pi", "e %T/app - - - 30d")

    @Test func `lines are judged, put in place and made`() async throws {
        fake.commands.program("systemd-tmpfiles")
        let host = Host("test", runs: Debian.self) { app }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.changed] == 2 && run[.failed] == 0)
        #expect(fake.files.text(at: "/etc/tmpfiles.d/app.conf") == "d /run/app 0750 pi pi\ne %T/app - - - 30d\n")
        #expect(
            fake.commands.log == [
                "systemd-tmpfiles --create --prefix=/nonexistent/propel /etc/tmpfiles.d/.app.conf.propel",
                "systemd-tmpfiles --create /etc/tmpfiles.d/app.conf",
            ])
        try await fake.obeysLaw(app.reverted())
        #expect(fake.files["/etc/tmpfiles.d"] == nil)
    }

    @Test func `lines that systemd refuses are not put in place`() async throws {
        fake.commands.program("systemd-tmpfiles", status: 65, errors: "Syntax error")
        await #expect(throws: CommandFailure.self) { try await app.apply(on: fake.machine) }
        #expect(fake.files["/etc/tmpfiles.d/app.conf"] == nil)
    }

    @Test(arguments: ["", "d", "d run/app", "d /run/a\nL /etc/passwd"]) func `an invalid line is a problem`(
        _ line: String
    ) {
        #expect(Tmpfiles("app", line).problems.count == 1)
    }

    @Test func `a name is one of a file, and there are lines`() {
        #expect(Tmpfiles("a/b", "d /run/app").problems.count == 1 && Tmpfiles("a").problems.count == 1)
    }
}
