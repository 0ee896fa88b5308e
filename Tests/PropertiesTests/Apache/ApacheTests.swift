import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct ApacheTests {
    private let fake = FakeMachine()

    init() { Self.prepare(fake) }

    /// Debian's Apache: a link says what is enabled, and `ssl` needs `mime`.
    private static func prepare(_ fake: FakeMachine) {
        fake.hasInstalled("apache2")
        _ = FakeSystemd(fake, ["apache2.service": .init(active: "active", file: "enabled")])
        for name in ["mods-available/rewrite.load", "mods-available/ssl.load", "mods-available/mime.load"] {
            fake.files.put(FilePath("/etc/apache2/\(name)"), "LoadModule\n")
        }
        fake.files.put("/etc/apache2/sites-available/000-default.conf", "<VirtualHost>\n")
        fake.files.put("/etc/apache2/conf-available/security.conf", "ServerTokens Prod\n")
        for directory in ["mods-enabled", "sites-enabled", "conf-enabled"] {
            fake.files.put(directory: FilePath("/etc/apache2/\(directory)"))
        }
        fake.files.put(
            "/etc/apache2/sites-enabled/000-default.conf", linkTo: "../sites-available/000-default.conf")
        for (kind, directory, type) in [("mod", "mods", "load"), ("site", "sites", "conf"), ("conf", "conf", "conf")] {
            @Sendable func path(_ name: String, _ state: String) -> FilePath {
                FilePath("/etc/apache2/\(directory)-\(state)/\(name).\(type)")
            }
            fake.commands.program("a2en\(kind)") { command in
                let wanted = command.arguments.last ?? ""
                for name in wanted == "ssl" ? ["mime", "ssl"] : [wanted] {
                    fake.files.put(path(name, "enabled"), linkTo: "../\(directory)-available/\(name).\(type)")
                }
                return .printing()
            }
            fake.commands.program("a2dis\(kind)") { command in
                try fake.files.remove(path(command.arguments.last ?? "", "enabled"))
                return .printing()
            }
        }
        fake.commands.program("apache2ctl")
    }

    @Test func `modules are enabled with what they need, and reverted`() async throws {
        let modules = Apache.Module("rewrite", "ssl")
        #expect(try await fake.obeysLaw(modules).reason == "enable rewrite; enable ssl")
        #expect(
            fake.commands.log == [
                "a2enmod --quiet rewrite", "apache2ctl configtest", "a2enmod --quiet ssl", "apache2ctl configtest",
            ])
        #expect(try await fake.check(Apache.Module("mime")) == .satisfied)
        #expect(try await fake.obeysLaw(modules.reverted()).reason == "disable rewrite; disable ssl")
        #expect(fake.files["/etc/apache2/mods-enabled/ssl.load"] == nil)
        #expect(fake.commands.log.contains("systemctl restart -- apache2.service"))
    }

    @Test func `a revert does not start an Apache that is stopped`() async throws {
        try await fake.obeysLaw(Apache.Module("rewrite"))
        _ = FakeSystemd(fake, ["apache2.service": .init()])
        fake.machine.forgetFacts()
        try await fake.obeysLaw(Apache.Module("rewrite").reverted())
        #expect(fake.files["/etc/apache2/mods-enabled/rewrite.load"] == nil)
        #expect(!fake.commands.log.contains { $0.hasPrefix("systemctl restart") })
    }

    @Test func `a site is disabled, and comes back`() async throws {
        let site = Apache.Site("000-default", isEnabled: false)
        #expect(try await fake.obeysLaw(site).reason == "disable 000-default")
        #expect(try await fake.obeysLaw(site.reverted()).reason == "enable 000-default")
        #expect(
            try fake.machine.files.destination(ofLink: "/etc/apache2/sites-enabled/000-default.conf")
                == "../sites-available/000-default.conf")
    }

    @Test func `a site that a property before it makes is waited for`() async throws {
        #expect(try await fake.check(Apache.Site("shop")).isUnknown)
        #expect(try await fake.check(Apache.Site("shop", isEnabled: false)) == .satisfied)
        fake.files.put("/etc/apache2/sites-available/shop.conf", "<VirtualHost>\n")
        try await fake.obeysLaw(Apache.Site("shop"))
    }

    @Test func `what Apache does not accept is not left behind`() async throws {
        fake.commands.program("apache2ctl", status: 1, errors: "AH00526: Syntax error\n")
        await #expect(throws: CommandFailure.self) {
            try await Apache.Configuration("security").apply(on: fake.machine)
        }
        #expect(fake.files["/etc/apache2/conf-enabled/security.conf"] == nil)
        await #expect(throws: CommandFailure.self) {
            try await Apache.Site("000-default", isEnabled: false).apply(on: fake.machine)
        }
        #expect(fake.files["/etc/apache2/sites-enabled/000-default.conf"] != nil)
    }

    @Test func `a change of a module restarts Apache, one of a part of the configuration reloads it`() async throws {
        let host = Host("x", runs: Debian.self) {
            Apache.Module("rewrite")
            Apache.Configuration("security")
        }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0 && run[.skipped] == 0)
        #expect(fake.commands.log.contains("systemctl restart -- apache2.service"))
        #expect(fake.commands.log.contains("systemctl reload-or-restart -- apache2.service"))
        let second = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(second[.changed] == 0)
    }

    @Test func `enabled and disabled conflict`() {
        let host = Host("x", runs: Debian.self) {
            Apache.Module("status", "info")
            Apache.Module("status", isEnabled: false)
        }
        #expect(host.conflicts.count == 1)
    }

    @Test(arguments: ["", "-f", "../x", "a b", "*"]) func `an invalid name is a problem`(_ name: String) async throws {
        #expect(Apache.Module(name).problems.count == 1)
        #expect(Apache.Site(name).problems.count == 1)
        #expect(Apache.Module().problems.count == 1)
        await #expect(throws: Failure.self) { try await Apache.Module(name).apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }

    @Test(arguments: Fault.allCases)
    func `the next run finishes what was cut`(_ fault: Fault) async throws {
        try await FakeMachine.verify(Apache.Module("rewrite", "ssl"), survives: fault) {
            let fake = FakeMachine()
            Self.prepare(fake)
            return fake
        }
    }
}
