import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct UnattendedUpgradesTests {
    private let fake = FakeMachine()

    init() {
        fake.files.put(directory: "/etc/apt/apt.conf.d")
        fake.commands.program("apt-config")
    }

    private func text(_ upgrades: Apt.UnattendedUpgrades) async throws -> String? {
        try await fake.obeysLaw(Apt.UnattendedUpgrades.Settings(upgrades: upgrades))
        return fake.files.text(at: "/etc/apt/apt.conf.d/99propel-unattended-upgrades")
    }

    @Test func `the origins of the package stay unless others are declared`() async throws {
        #expect(
            try await text(.init()) == """
                APT::Periodic::Update-Package-Lists "1";
                APT::Periodic::Unattended-Upgrade "1";
                Unattended-Upgrade::Automatic-Reboot "false";
                Unattended-Upgrade::Remove-Unused-Dependencies "false";

                """)
    }

    @Test func `origins, mail and the time of a restart are declared`() async throws {
        let upgrades = Apt.UnattendedUpgrades(
            origins: [.pattern("origin=Docker")], rebootAt: "03:30", mail: "a@example.com", excluding: ["linux-"],
            autoremove: true)
        #expect(
            try await text(upgrades) == """
                APT::Periodic::Update-Package-Lists "1";
                APT::Periodic::Unattended-Upgrade "1";
                #clear Unattended-Upgrade::Origins-Pattern;
                #clear Unattended-Upgrade::Allowed-Origins;
                Unattended-Upgrade::Origins-Pattern:: "origin=Docker";
                Unattended-Upgrade::Package-Blacklist:: "linux-";
                Unattended-Upgrade::Mail "a@example.com";
                Unattended-Upgrade::MailReport "on-change";
                Unattended-Upgrade::Automatic-Reboot "true";
                Unattended-Upgrade::Automatic-Reboot-Time "03:30";
                Unattended-Upgrade::Remove-Unused-Dependencies "true";

                """)
        #expect(fake.commands.log.contains { $0.hasPrefix("apt-config --config-file=/etc/apt/apt.conf.d/.") })
    }

    @Test func `the settings of the package count again`() async throws {
        let upgrades = Apt.UnattendedUpgrades(mail: "a@example.com")
        _ = try await text(upgrades)
        let host = Host("test", runs: Debian.self) { upgrades.reverted() }
        fake.machine.forgetFacts()
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0 && run[.changed] == 1)
        #expect(try fake.files.list("/etc/apt/apt.conf.d").isEmpty)
    }

    @Test func `what apt refuses is not put in place`() async throws {
        fake.commands.program("apt-config", status: 100, errors: "E: Syntax error")
        await #expect(throws: CommandFailure.self) {
            try await Apt.UnattendedUpgrades.Settings(upgrades: .init()).apply(on: fake.machine)
        }
        #expect(try fake.files.list("/etc/apt/apt.conf.d").isEmpty)
    }

    @Test(arguments: ["3:30", "24:00", "03:60", "03:30\"", "", "03:30:00", "soon"])
    func `an invalid time is a problem`(_ time: String) {
        #expect(Apt.UnattendedUpgrades.Settings(upgrades: .init(rebootAt: time)).problems.count == 1)
    }

    @Test func `a quote ends no setting`() {
        #expect(Apt.UnattendedUpgrades.Settings(upgrades: .init(mail: "a\"; b")).problems.count == 1)
        #expect(Apt.UnattendedUpgrades.Settings(upgrades: .init(excluding: [""])).problems.count == 1)
    }

    @Test func `the package, its settings and the timers are one property`() {
        let host = Host("x", runs: Debian.self) { Apt.UnattendedUpgrades() }
        #expect(host.steps.count == 4)
        #expect(host.conflicts.isEmpty)
    }
}
