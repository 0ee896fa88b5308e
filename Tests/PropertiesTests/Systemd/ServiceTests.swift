import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct ServiceTests {
    let fake = FakeMachine()

    private func changes() -> [String] { fake.commands.log.filter { !$0.hasPrefix("systemctl show") } }

    @Test func `enables and starts`() async throws {
        _ = FakeSystemd(fake, ["docker.service": .init()])
        #expect(try await fake.obeysLaw(Service("docker")).reason == "enable; start (it is inactive)")
        #expect(changes() == ["systemctl enable -- docker.service", "systemctl start -- docker.service"])
    }

    @Test func `disables and stops`() async throws {
        _ = FakeSystemd(fake, ["bluetooth.service": .init(active: "active", file: "enabled")])
        #expect(
            try await fake.obeysLaw(Service("bluetooth", isRunning: false, isEnabled: false)).reason == "disable; stop")
        #expect(changes() == ["systemctl disable -- bluetooth.service", "systemctl stop -- bluetooth.service"])
    }

    @Test func `asks for all announced units at once`() async throws {
        _ = FakeSystemd(
            fake,
            [
                "a.service": .init(active: "active", file: "enabled"),
                "b.timer": .init(active: "active", file: "enabled"),
            ])
        let services = [Service("a"), Service("b.timer"), Service("none")]
        for service in services { service.announce(to: fake.machine) }
        #expect(try await services[0].check(on: fake.machine) == .satisfied)
        #expect(try await services[1].check(on: fake.machine) == .satisfied)
        #expect(try await services[2].check(on: fake.machine) == .unknown(until: "there is a unit none.service"))
        #expect(
            fake.commands.log == [
                "systemctl show --property=\(SystemdUnits.properties) -- a.service b.timer none.service"
            ])
    }

    @Test func `a start limit that was reached is reset`() async throws {
        let systemd = FakeSystemd(fake, ["docker.service": .init(file: "enabled", isAtStartLimit: true)])
        try await fake.obeysLaw(Service("docker"))
        #expect(
            changes() == [
                "systemctl start -- docker.service", "systemctl reset-failed -- docker.service",
                "systemctl start -- docker.service",
            ])
        systemd["docker.service"]?.isAtStartLimit = true
        try await Service.Restart("docker").perform(on: fake.machine)
        #expect(
            changes().suffix(2) == ["systemctl reset-failed -- docker.service", "systemctl restart -- docker.service"])
    }

    @Test func `two services on one port conflict`() throws {
        let host = Host("test", runs: Debian.self) {
            Service("nginx", ports: [80, 443])
            Service("apache2", ports: [80])
            Service("dns", ports: [Port(53, transport: "udp"), 53])
        }
        let conflict = try #require(host.conflicts.first)
        #expect(host.conflicts.count == 1)
        #expect(conflict.subject == "the port 80/tcp")
    }

    @Test func `a unit is known by its aliases`() async throws {
        _ = FakeSystemd(fake, ["a.service": .init(active: "active", file: "enabled")])
        Service("a").announce(to: fake.machine)
        #expect(try await Service("alias-a").check(on: fake.machine) == .satisfied)
    }

    @Test(arguments: [
        ("docker", "docker.service"), ("fstrim.timer", "fstrim.timer"), ("php8.2-fpm", "php8.2-fpm.service"),
        ("getty@tty1", "getty@tty1.service"), ("a.services", "a.services.service"),
    ])
    func `a unit without a type is a service`(name: String, full: String) { #expect(Service(name).unit == full) }

    @Test(arguments: ["a b", "../x", "a\n", "-h", "", "ü"])
    func `an invalid name reaches no program`(name: String) async throws {
        _ = FakeSystemd(fake)
        await #expect(throws: Failure.self) { try await fake.check(Service(name)) }
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `a unit that is not there may still come`() async throws {
        _ = FakeSystemd(fake, ["ghost.service": .init(load: "not-found", file: "")])
        #expect(try await fake.check(Service("docker")) == .unknown(until: "there is a unit docker.service"))
        #expect(try await fake.check(Service("ghost")) == .unknown(until: "there is a unit ghost.service"))
        #expect(try await fake.check(Service("docker", isRunning: false, isEnabled: false)) == .satisfied)
    }

    @Test func `a unit may be absent if that is declared`() async throws {
        _ = FakeSystemd(fake, ["a.service": .init()])
        let service = Service("none", mayBeAbsent: true)
        #expect(try await fake.check(service) == .satisfied)
        #expect(try await fake.check(Service("none", isRunning: nil, mayBeAbsent: true)) == .satisfied)
        #expect(try await fake.obeysLaw(Service("a", mayBeAbsent: true)).reason == "enable; start (it is inactive)")
    }

    @Test func `a unit is masked before its package brings it`() async throws {
        _ = FakeSystemd(fake)
        fake.files.put(directory: "/etc/systemd/system")
        #expect(try await fake.obeysLaw(Service.Masked("apache2")).reason == "mask")
        #expect(changes() == ["systemctl mask -- apache2.service"])
    }

    @Test func `a masked unit fails only if it should run`() async throws {
        _ = FakeSystemd(fake, ["a.service": .init(load: "masked", file: "masked")])
        await #expect(throws: Failure.self) { try await fake.check(Service("a")) }
        #expect(try await fake.check(Service("a", isRunning: false, isEnabled: false)) == .satisfied)
    }

    @Test func `a unit without an install section is neither enabled nor disabled`() async throws {
        _ = FakeSystemd(fake, ["a.service": .init(active: "active", file: "static")])
        #expect(try await fake.check(Service("a")) == .satisfied)
        try await fake.obeysLaw(Service("a", isRunning: false, isEnabled: false))
        #expect(changes() == ["systemctl stop -- a.service"])
    }

    @Test func `a unit that only enables others is neither enabled nor disabled`() async throws {
        _ = FakeSystemd(fake, ["a.service": .init(active: "active", file: "indirect")])
        #expect(try await fake.check(Service("a")) == .satisfied)
        #expect(try await fake.check(Service("a", isRunning: nil, isEnabled: false)) == .satisfied)
    }

    @Test func `a script of init starts at boot by its links`() async throws {
        _ = FakeSystemd(fake, ["old.service": .init(active: "active", file: "generated")])
        fake.files.put("/etc/init.d/old", "#!/bin/sh\n", mode: 0o755)
        fake.files.put("/etc/rc2.d/S01older", linkTo: "../init.d/older")
        fake.files.put("/etc/rc5.d/S03old", linkTo: "../init.d/old")
        #expect(try await fake.check(Service("old")) == .satisfied)
        try fake.files.remove("/etc/rc5.d/S03old")
        fake.files.put("/etc/rc5.d/S01old", linkTo: "../init.d/old")
        #expect(try await fake.obeysLaw(Service("old", isEnabled: false)).reason == "disable")
        #expect(try await fake.obeysLaw(Service("old")).reason == "enable")
    }

    @Test func `what a generator made is neither enabled nor disabled`() async throws {
        _ = FakeSystemd(fake, ["srv.mount": .init(active: "active", file: "generated")])
        #expect(try await fake.check(Service("srv.mount", isEnabled: false)) == .satisfied)
        #expect(try await fake.check(Service("srv.mount")) == .satisfied)
    }

    @Test func `an alias is enabled by the name of its unit`() async throws {
        _ = FakeSystemd(fake, ["ssh.service": .init(active: "active", aliases: ["sshd.service"])])
        try await fake.obeysLaw(Service("sshd"))
        try await fake.obeysLaw(Service("sshd", isEnabled: false))
        #expect(changes() == ["systemctl enable -- ssh.service", "systemctl disable -- ssh.service"])
    }

    @Test func `only one of both may be declared`() async throws {
        _ = FakeSystemd(fake, ["a.service": .init()])
        #expect(try await fake.obeysLaw(Service("a", isRunning: nil)).reason == "enable")
        #expect(try await fake.obeysLaw(Service("a", isEnabled: nil)).reason == "start (it is inactive)")
        #expect(Service("a", isRunning: nil).name == "a.service enabled")
        #expect(Service("a", isRunning: nil, isEnabled: nil).problems.count == 1)
        await #expect(throws: Failure.self) { try await fake.check(Service("b", isRunning: nil, isEnabled: nil)) }
    }

    @Test func `a template is refused, and named`() async throws {
        #expect(
            Service("backup@").problems == [
                "backup@.service is a template, of which only instances run\n  Name one: Service(\"backup@NAME.service\")."
            ])
        #expect(Service("getty@tty1").problems.isEmpty)
    }

    @Test func `a masked unit cannot be enabled`() async throws {
        _ = FakeSystemd(fake, ["a.service": .init(load: "masked", file: "masked")])
        let failure = await #expect(throws: Failure.self) {
            try await fake.check(Service("a", isRunning: nil, isEnabled: true))
        }
        #expect(failure?.message == "a.service is masked")
    }

    @Test func `masks and unmasks`() async throws {
        _ = FakeSystemd(fake, ["a.service": .init(active: "active", file: "enabled")])
        fake.files.put(directory: "/etc/systemd/system")
        #expect(try await fake.obeysLaw(Service.Masked("a")).reason == "mask; stop")
        #expect(changes() == ["systemctl mask -- a.service", "systemctl stop -- a.service"])
        #expect(try await fake.obeysLaw(Service.Masked("a").reverted()).reason == "unmask")
        fake.files.put("/etc/systemd/system/a.service", "[Service]\n")
        await #expect(throws: Failure.self) { try await fake.check(Service.Masked("a")) }
        #expect(try await fake.obeysLaw(Service.Masked("backup@")).reason == "mask")
    }

    @Test func `masked and running conflict`() {
        let host = Host("test", runs: Debian.self) {
            Service("a")
            Service.Masked("a")
        }
        #expect(host.conflicts.count == 1)
    }

    @Test func `systemd reads a changed unit before it starts it`() async throws {
        _ = FakeSystemd(fake, ["a.service": .init(file: "enabled", needsReload: true)])
        try await fake.obeysLaw(Service("a"))
        #expect(changes() == ["systemctl daemon-reload", "systemctl start -- a.service"])
    }

    @Test func `a failure to start shows the journal`() async throws {
        _ = FakeSystemd(fake, ["a.service": .init(file: "enabled", started: "inactive")])
        let failure = await #expect(throws: Failure.self) { try await Service("a").apply(on: fake.machine) }
        #expect(failure?.message == "cannot start a.service")
        #expect(failure?.command == "systemctl start -- a.service")
        #expect(failure?.output == ["first line", "last line"])
    }

    // `systemctl start` of a simple service ends with 0 as soon as the program has begun.
    @Test(arguments: ["failed", "activating"])
    func `a service that ends as soon as it has begun is a failure`(state: String) async throws {
        _ = FakeSystemd(fake, ["a.service": .init(file: "enabled", started: state)])
        // Its state of before the start is known to the run by then.
        Service("a").announce(to: fake.machine)
        #expect(try await Service("a").check(on: fake.machine).reason == "start (it is inactive)")
        var failure = await #expect(throws: Failure.self) { try await Service("a").apply(on: fake.machine) }
        #expect(failure?.message == "a.service was started, but is \(state) now")
        #expect(failure?.output == ["first line", "last line"])
        failure = await #expect(throws: Failure.self) { try await Service.Restart("a").perform(on: fake.machine) }
        #expect(failure?.message == "a.service was started, but is \(state) now")
    }

    @Test func `restarts after a reload where one is needed`() async throws {
        let systemd = FakeSystemd(fake, ["a.service": .init(active: "active", needsReload: true)])
        try await Service.Restart("a").perform(on: fake.machine)
        #expect(changes() == ["systemctl daemon-reload", "systemctl restart -- a.service"])
        #expect(systemd["a.service"]?.active == "active")
        try await Service.Reload("a").perform(on: fake.machine)
        #expect(changes().last == "systemctl reload-or-restart -- a.service")
    }
}
