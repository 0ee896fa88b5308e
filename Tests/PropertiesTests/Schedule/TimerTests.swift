import PropelTesting
import Properties
import Testing

@Suite struct TimerTests {
    @Test func `a timer is two units`() throws {
        let timer = Timer(
            "backup", onCalendar: "daily", "/usr/local/bin/backup --all", user: "app", randomizedDelay: .minutes(10),
            settings: "ProtectSystem=strict\n")
        let host = Host("x", runs: Debian.self) { timer }
        let units = host.steps.compactMap { $0.property as? SystemdUnit }
        #expect(
            units.map(\.text) == [
                """
                [Unit]
                Description=backup, started by its timer

                [Service]
                Type=oneshot
                ExecStart=/usr/local/bin/backup --all
                User=app
                ProtectSystem=strict

                """,
                """
                [Unit]
                Description=Times of backup

                [Timer]
                OnCalendar=daily
                Persistent=yes
                RandomizedDelaySec=600

                [Install]
                WantedBy=timers.target

                """,
            ])
        #expect(host.steps.last?.property.name == "backup.timer running, enabled")
    }
}
