import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct NtpTests {
    let target = FakeMachine()

    /// systemd with systemd-timesyncd, in a container or not.
    private func bootSystemd(
        active: String = "inactive", file: String = "disabled", load: String = "loaded", isContainer: Bool = false,
        looked: Bool = false
    ) {
        struct State { var active: String, file: String, looked: Bool }
        let state = StateBox(active: active, file: file, looked: looked)
        target.commands.program("systemctl") { command in
            let arguments = command.arguments
            return state.value.withLock { state in
                switch arguments[0] {
                case "show":
                    return .printing(
                        """
                        Id=systemd-timesyncd.service
                        Names=systemd-timesyncd.service
                        LoadState=\(load)
                        ActiveState=\(state.active)
                        UnitFileState=\(state.file)
                        NeedDaemonReload=no
                        ConditionResult=\(state.active == "active" ? "yes" : "no")
                        ConditionTimestampMonotonic=\(state.looked ? "1234" : "0")

                        """)
                case "enable": state.file = "enabled"
                case "start":
                    state.looked = true
                    if !isContainer { state.active = "active" }
                default: return .failing()
                }
                return .printing()
            }
        }
    }

    private final class StateBox: Sendable {
        let value: Mutex<(active: String, file: String, looked: Bool)>
        init(active: String, file: String, looked: Bool) { value = Mutex((active, file, looked)) }
    }

    @Test func `is enabled and runs`() async throws {
        bootSystemd()
        #expect(try await target.obeysLaw(Timesyncd()).reason == "enable; start (it is inactive)")
    }

    @Test func `in a container the unit is enabled and not started`() async throws {
        bootSystemd(isContainer: true)
        #expect(try await target.obeysLaw(Timesyncd()).reason == "enable; start (it is inactive)")
        #expect(target.commands.log.contains("systemctl start -- systemd-timesyncd.service"))
    }

    @Test func `a condition that was never evaluated is no excuse`() async throws {
        bootSystemd(file: "enabled", isContainer: true)
        #expect(try await target.obeysLaw(Timesyncd()).reason == "start (it is inactive)")
    }

    @Test func `a failed service is not kept from running`() async throws {
        bootSystemd(active: "failed", file: "enabled", isContainer: true, looked: true)
        #expect(try await target.check(Timesyncd()).reason == "start (it is failed)")
    }

    @Test func `the check is undetermined before the package is installed`() async throws {
        bootSystemd(file: "", load: "not-found")
        #expect(try await target.check(Timesyncd()).isUnknown)
    }

    @Test func `writes the servers`() async throws {
        target.files.put(directory: "/etc/systemd/timesyncd.conf.d")
        let before = target.files.snapshot
        let servers = TimesyncServers(servers: ["0.de.pool.ntp.org", "2001:db8::1"], fallback: ["ntp.example.org"])
        try await target.obeysLaw(servers)
        #expect(
            target.files.text(at: "/etc/systemd/timesyncd.conf.d/propel.conf")
                == "[Time]\nNTP=0.de.pool.ntp.org 2001:db8::1\nFallbackNTP=ntp.example.org\n")
        try await target.obeysLaw(servers.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test(arguments: ["", "a b", "a\nFallbackNTP=evil", "a;b", "#a", "bücher.example"])
    func `an invalid server is refused`(_ server: String) async throws {
        target.files.put(directory: "/etc/systemd/timesyncd.conf.d")
        for servers in [
            TimesyncServers(servers: [server], fallback: []), TimesyncServers(servers: [], fallback: [server]),
        ] {
            await #expect(throws: Failure.self) { try await target.check(servers) }
            await #expect(throws: Failure.self) { try await servers.apply(on: target.machine) }
        }
        #expect(target.files.writes.isEmpty)
    }

    @Test func `consists of package servers and service`() {
        let host = Host("x", runs: Debian.self) { Ntp(servers: "ntp.example.org") }
        #expect(
            host.steps.map { $0.names.last } == [
                "apt: systemd-timesyncd", "directory /etc/systemd/timesyncd.conf.d", "time servers",
                "systemd-timesyncd.service enabled, and running where its conditions allow it",
            ])
        #expect(host.steps[2].actions.map(\.name) == ["restart systemd-timesyncd.service"])
        #expect(host.conflicts.isEmpty)
    }

    @Test func `without servers those of an earlier run go`() async throws {
        target.files.put(directory: "/etc/systemd/timesyncd.conf.d")
        try await target.obeysLaw(TimesyncServers(servers: ["a"], fallback: []))
        let host = Host("x", runs: Debian.self) { Ntp() }
        #expect(
            host.steps.map { $0.names.last } == [
                "apt: systemd-timesyncd", "no time servers",
                "systemd-timesyncd.service enabled, and running where its conditions allow it",
            ])
        try await host.steps[1].property.apply(on: target.machine)
        #expect(target.files["/etc/systemd/timesyncd.conf.d/propel.conf"] == nil)
    }
}
