import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct LogrotateTests {
    private let fake = FakeMachine()

    init() {
        fake.files.put(directory: "/etc/logrotate.d")
        fake.commands.program("logrotate")
    }

    @Test func `a rotation is a file that logrotate accepts`() async throws {
        let rotation = Logrotate(
            "app", "/var/log/app/*.log", "/var/log/with space.log", every: .day, keep: 14,
            maximumSize: .mebibytes(1), create: "0640 app adm", as: "app app",
            after: "\nsystemctl kill --signal=HUP app.service\n")
        try await fake.obeysLaw(rotation)
        #expect(
            fake.files.text(at: "/etc/logrotate.d/app") == """
                "/var/log/app/*.log"
                "/var/log/with space.log"
                {
                    daily
                    rotate 14
                    missingok
                    notifempty
                    maxsize 1048576
                    compress
                    delaycompress
                    create 0640 app adm
                    su app app
                    sharedscripts
                    postrotate
                        systemctl kill --signal=HUP app.service
                    endscript
                }

                """)
        #expect(fake.commands.log == ["logrotate --debug --state=/dev/null /etc/logrotate.d/.app.propel"])
        try await fake.obeysLaw(rotation.reverted())
        #expect(try fake.files.list("/etc/logrotate.d").isEmpty)
    }

    @Test func `the defaults are weekly and four`() {
        #expect(
            Logrotate("app", "/var/log/app.log", compresses: false, copiesAndTruncates: true).file.content
                == """
                "/var/log/app.log"
                {
                    weekly
                    rotate 4
                    missingok
                    notifempty
                    copytruncate
                }

                """)
    }

    @Test func `what logrotate refuses is not put in place`() async throws {
        fake.commands.program("logrotate", status: 1, errors: "error: bad")
        await #expect(throws: CommandFailure.self) { try await Logrotate("app", "/a").apply(on: fake.machine) }
        #expect(try fake.files.list("/etc/logrotate.d").isEmpty)
    }

    @Test(arguments: [
        Logrotate("a.b", "/a"), Logrotate("", "/a"), Logrotate("a"), Logrotate("a", "a.log"), Logrotate("a", "/a\"{"),
        Logrotate("a", "/a", keep: -1), Logrotate("a", "/a", create: "0640 a\n}"), Logrotate("a", "/a", as: ""),
        Logrotate("a", "/a", after: "x\n endscript\n"), Logrotate("a", "/a", after: " "),
    ])
    func `an invalid rotation is a problem`(_ rotation: Logrotate) { #expect(rotation.problems.count == 1) }
}
