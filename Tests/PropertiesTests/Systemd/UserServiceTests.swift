import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct UserServiceTests {
    private static let text = "[Service]\nExecStart=/bin/true\n\n[Install]\nWantedBy=default.target\n"

    private func changes(_ manager: FakeUserManager) -> [String] {
        manager.fake.commands.log.filter { !$0.contains("systemctl --user show") }
    }

    @Test func `the user lingers, and the unit is enabled and started`() async throws {
        let manager = FakeUserManager(["sync.service": .init()])
        let change = try await manager.fake.obeysLaw(UserService("sync", of: "pi"))
        #expect(change.reason == "let pi linger, start the service manager of pi, enable, start")
        #expect(
            changes(manager) == [
                "loginctl enable-linger pi", "systemctl start -- user@1000.service",
                "runuser --user pi -- systemctl --user enable -- sync.service",
                "runuser --user pi -- systemctl --user start -- sync.service",
            ])
        #expect(try await manager.fake.obeysLaw(UserService("sync", of: "pi", isRunning: false)).reason == "stop")
        #expect(
            try await manager.fake.obeysLaw(UserService("sync", of: "pi", isRunning: nil, isEnabled: false)).reason
                == "disable")
    }

    @Test func `lingering that is gone is unmet, though the unit runs`() async throws {
        let manager = FakeUserManager(["sync.service": .init(active: "active", file: "enabled")])
        manager.fake.files.put(FakeUserManager.socket, "")
        #expect(try await manager.fake.obeysLaw(UserService("sync", of: "pi")).reason == "let pi linger")
    }

    /// After the last session of a user who no longer lingers.
    @Test func `a service manager that is about to end is started again`() async throws {
        let manager = FakeUserManager(["sync.service": .init(active: "inactive", file: "enabled")])
        manager.fake.files.put(FakeUserManager.socket, "")
        manager.fake.files.put(FakeUserManager.ending, "")
        let change = try await manager.fake.obeysLaw(UserService("sync", of: "pi"))
        #expect(change.reason == "let pi linger, start the service manager of pi, enable, start")
        #expect(
            changes(manager) == [
                "loginctl enable-linger pi", "systemctl start -- user@1000.service",
                "runuser --user pi -- systemctl --user start -- sync.service",
            ])
    }

    @Test func `nothing is restarted and nothing told while the service manager is about to end`() async throws {
        let manager = FakeUserManager(["sync.service": .init(active: "active", file: "enabled")])
        let fake = manager.fake
        fake.commands.program("systemd-analyze")
        fake.files.put(directory: "/etc/systemd")
        fake.files.put(FakeUserManager.socket, "")
        let unit = UserUnit("sync", Self.text)
        try await fake.obeysLaw(unit)
        fake.files.put(FakeUserManager.ending, "")
        try await UserService.Restart("sync", of: "pi").perform(on: fake.machine)
        #expect(!changes(manager).contains { $0.contains("restart") })
        try await fake.obeysLaw(unit.reverted())
        #expect(fake.files["/etc/systemd/user"] == nil)
    }

    @Test func `the service manager reads a unit before it restarts it`() async throws {
        let manager = FakeUserManager(["sync.service": .init(active: "active", file: "enabled", needsReload: true)])
        manager.fake.files.put(FakeUserManager.socket, "")
        try await UserService.Restart("sync", of: "pi").perform(on: manager.fake.machine)
        #expect(
            changes(manager).filter { $0.hasPrefix("runuser") } == [
                "runuser --user pi -- systemctl --user daemon-reload",
                "runuser --user pi -- systemctl --user restart -- sync.service",
            ])
    }

    @Test func `one question asks for all units of a user`() async throws {
        let manager = FakeUserManager([
            "a.service": .init(active: "active", file: "enabled"),
            "b.timer": .init(active: "active", file: "enabled"),
        ])
        let fake = manager.fake
        fake.files.put(FakeUserManager.socket, "")
        fake.files.put("/var/lib/systemd/linger/pi", "")
        let services = [UserService("a", of: "pi"), UserService("b.timer", of: "pi")]
        for service in services { service.announce(to: fake.machine) }
        for service in services { #expect(try await service.check(on: fake.machine) == .satisfied) }
        #expect(fake.commands.log.count == 1)
    }

    @Test func `a unit whose file has just come is read first`() async throws {
        let manager = FakeUserManager(["sync.service": .init(load: "not-found", file: "")])
        let fake = manager.fake
        fake.files.put(FakeUserManager.socket, "")
        fake.files.put("/var/lib/systemd/linger/pi", "")
        #expect(
            try await fake.check(UserService("sync", of: "pi")) == .unknown(until: "there is a unit sync.service of pi")
        )
        fake.files.put("/etc/systemd/user/sync.service", Self.text)
        #expect(try await fake.check(UserService("sync", of: "pi")).reason == "enable, start")
        let failure = await #expect(throws: Failure.self) {
            try await UserService("sync", of: "pi").apply(on: fake.machine)
        }
        #expect(failure?.message == "pi has no unit sync.service")
        #expect(
            changes(manager) == [
                "systemctl start -- user@1000.service", "runuser --user pi -- systemctl --user daemon-reload",
            ])
    }

    @Test func `a service that does not start shows the journal`() async throws {
        let manager = FakeUserManager(["sync.service": .init(started: "failed")])
        let failure = await #expect(throws: Failure.self) {
            try await UserService("sync", of: "pi").apply(on: manager.fake.machine)
        }
        #expect(failure?.message == "sync.service of pi was started, but does not run")
        #expect(failure?.output == ["first line", "last line"])
    }

    @Test func `a user who comes later, and invalid names`() async throws {
        let fake = FakeUserManager().fake
        #expect(try await fake.check(UserService("a", of: "anna")) == .unknown(until: "there is a user anna"))
        #expect(UserService("a b", of: "anna").problems.count == 1 && UserService("a", of: "-x").problems.count == 1)
        #expect(UserService("a", of: "anna", isRunning: nil, isEnabled: nil).problems.count == 1)
    }

    @Test func `a unit is verified, put in place, and removed for all users`() async throws {
        let manager = FakeUserManager(["sync.service": .init(active: "active", file: "enabled")])
        let fake = manager.fake
        fake.commands.program("systemd-analyze")
        fake.files.put(directory: "/etc/systemd")
        fake.files.put(FakeUserManager.socket, "")
        let unit = UserUnit("sync", Self.text)
        try await fake.obeysLaw(unit)
        #expect(fake.files.text(at: "/etc/systemd/user/sync.service") == Self.text)
        #expect(fake.commands.log.contains { $0.hasPrefix("systemd-analyze verify") })
        try await fake.obeysLaw(unit.reverted())
        #expect(fake.files["/etc/systemd/user"] == nil)
        #expect(
            changes(manager).suffix(2) == [
                "runuser --user pi -- systemctl --user disable --now -- sync.service",
                "runuser --user pi -- systemctl --user daemon-reload",
            ])
    }

    @Test func `a unit that systemd refuses is not put in place`() async throws {
        let fake = FakeMachine()
        fake.files.put(directory: "/etc/systemd")
        fake.commands.program("systemd-analyze", status: 1, errors: "sync.service:2: Missing '='.")
        await #expect(throws: Failure.self) { try await UserUnit("sync", "[Service]\nX\n").apply(on: fake.machine) }
        #expect(fake.files["/etc/systemd/user"] == nil)
    }
}
