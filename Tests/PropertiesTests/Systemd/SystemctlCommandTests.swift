import Testing

@testable import Properties

@Suite struct SystemctlCommandTests {
    @Test func `argument lists`() {
        let commands = [
            SystemctlCommand.start("a.service", isBlocking: false), SystemctlCommand.stop(["a.swap", "b.service"]),
            SystemctlCommand.control(.reloadOrRestart, "a.service"), SystemctlCommand.enable("a.service", now: true),
            SystemctlCommand.disable("a.service"), SystemctlCommand.daemonReload,
            SystemctlCommand.resetFailed("a.service"), SystemctlCommand.show("Id,Names", ["a.service", "b.timer"]),
            SystemctlCommand.value(of: "Result", "a.service"), SystemctlCommand.journal(of: "a.service", lines: 3),
            SystemctlCommand.verify("/run/a.service"), SystemctlCommand.verify("/run/a.service", isRecursive: true),
        ]
        #expect(
            commands.map(\.description) == [
                "systemctl start --no-block -- a.service", "systemctl stop -- a.swap b.service",
                "systemctl reload-or-restart -- a.service", "systemctl enable --now -- a.service",
                "systemctl disable -- a.service", "systemctl daemon-reload", "systemctl reset-failed -- a.service",
                "systemctl show --property=Id,Names -- a.service b.timer",
                "systemctl show --property=Result --value -- a.service",
                "journalctl --no-pager --quiet --output=cat --lines=3 --unit=a.service",
                "systemd-analyze verify --man=no --recursive-errors=no /run/a.service",
                "systemd-analyze verify --man=no /run/a.service",
            ])
    }
}
