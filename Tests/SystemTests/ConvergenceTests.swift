import Vocabulary
import Propel
import Sandbox
import Testing

/// From a freshly booted machine to a converged one, and back.
@Suite(.serialized)
struct ConvergenceTests {
    @Test(.machines, arguments: DebianRelease.allCases)
    func `a fresh machine converges, repairs drift, reboots and reverts`(_ suite: DebianRelease) async throws {
        // A size that tells this machine's swap from another's: /proc/swaps is the kernel's, not the machine's.
        let keys = suite == .bookworm ? "swap = \"24 MiB\"" : "swap = \"28 MiB\""
        let machine = try await TestMachine.up(keys: keys, suite: suite)
        let before = try await Originals(of: machine)

        let plan = try await machine.configuration.propel(json: "plan", machine.name)
        #expect(plan.status == 2, "\(plan)")
        #expect(try plan.paths(.failed, .changed, .skipped).isEmpty)
        #expect(try await Originals(of: machine) == before, "a plan changes nothing")

        let first = try await machine.configuration.propel(json: machine.name)
        #expect(first.status == 0, "\(first)")
        try first.expectDone(as: plan)

        let second = try await machine.configuration.propel(json: machine.name)
        #expect(second.status == 0, "\(second)")
        #expect(try second.paths(.ok).count == second.properties.count, "\(second)")
        #expect(try second.properties.count >= 15)
        try expectEveryLineIsComplete(second)
        try await expectOneLogin(machine)
        #expect(try await machine.configuration.propel("plan", machine.name).status == 0)

        try await expectOtherToolsAgree(machine)
        try await expectDriftIsRepaired(machine)
        try await expectRebootKeepsAll(machine)
        try await expectARevertRestores(before, machine)
    }

    /// Each line of the JSON report is complete, and the last one is the summary.
    private func expectEveryLineIsComplete(_ run: Answer) throws {
        let lines = try run.lines
        for line in lines { #expect(line["version"] == 1, "\(line)") }
        for line in lines where line["kind"] == "property" {
            for key in ["host", "path", "status", "seconds", "detail", "diff"] {
                #expect(line[key] != nil, "\(key) in \(line)")
            }
        }
        let summary = try #require(lines.last)
        #expect(summary["kind"] == "summary")
        #expect(summary["counts"]?["ok"]?.integer == (try run.properties.count))
        #expect(summary["exit"] == 0)
    }

    /// A run logs in once.
    private func expectOneLogin(_ machine: TestMachine) async throws {
        let count = "journalctl --quiet --unit=ssh --grep='^Accepted' | wc -l"
        let before = try #require(Int(try await machine.ssh(count)))
        #expect(try await machine.configuration.propel(machine.name).status == 0)
        // The run's, and that of the question itself.
        #expect(try await machine.ssh(count) == String(before + 2))
    }

    /// Independent tools agree.
    private func expectOtherToolsAgree(_ machine: TestMachine) async throws {
        #expect(try await machine.ssh("locale -a").contains("en_GB.utf8"))
        #expect(try await machine.ssh("date +%Z").hasPrefix("CE"))
        #expect(try await machine.ssh("swapon --show=NAME,PRIO --noheadings").contains("/swapfile"))
        try await machine.ssh("findmnt --verify --tab-file /etc/fstab")
        #expect(try await machine.ssh("id -nG anna").split(separator: " ").contains("docker"))
        #expect(try await machine.ssh("visudo -c").contains("parsed OK"))
        #expect(try await machine.ssh("su anna -c 'sudo -n id -u'") == "0")
        #expect(try await machine.ssh("dpkg --audit") == "")
        #expect(try await machine.ssh("docker info --format '{{.LoggingDriver}}'") == "json-file")
        #expect(try await machine.ssh("systemctl is-active docker demo-hello.timer") == "active\nactive")
        #expect(try await machine.ssh("ls -A /var/lib/propel/pending 2>/dev/null | wc -l") == "0")
        // Nothing is left half-written.
        #expect(try await machine.ssh("find / -xdev -name '.*.propel' | wc -l") == "0")
        #expect(
            try await machine.ssh("stat -c %a /var/lib/propel /var/lib/propel/enforcers").split(separator: "\n") == [
                "700", "700",
            ])
    }

    /// Each manual change is found, reported and repaired.
    private func expectDriftIsRepaired(_ machine: TestMachine) async throws {
        let drifts: [(String, by: String)] = [
            ("motd", "echo hacked > /etc/motd"),
            ("timezone", "ln -sf /usr/share/zoneinfo/Asia/Tokyo /etc/localtime"),
            ("swap", "swapoff /swapfile"),
            ("shell", "usermod -s /bin/sh anna"),
            ("keys", "sed -i d /home/anna/.ssh/authorized_keys"),
            ("sudoers", "chmod 0600 /etc/sudoers.d/anna"),
            ("package", "apt-get -qq remove -y tree"),
            ("docker", "systemctl disable --now docker.socket docker.service 2>&1"),
            ("unit", "echo >> /etc/systemd/system/demo-hello.service"),
            ("locale", "echo LANG=C.UTF-8 > /etc/default/locale"),
            ("host name", "hostname other"),
            ("time", "systemctl disable systemd-timesyncd 2>&1"),
            ("fstab", "sed -i /swapfile/d /etc/fstab"),
            ("daemon.json", "echo '{}' > /etc/docker/daemon.json"),
            ("group", "gpasswd -d anna docker"),
            ("unwanted package", "apt-get -qq install -y telnet"),
        ]
        for (what, drift) in drifts {
            try await machine.ssh(drift)
            let plan = try await machine.configuration.propel(json: "plan", machine.name)
            #expect(plan.status == 2, "\(what): \(plan)")
            let planned = try plan.paths(.wouldChange)
            #expect(!planned.isEmpty, "\(what): \(plan)")
            let others = try plan.properties.filter { $0.status == .wouldChange && $0.place != nil && !$0.isDrift }
            #expect(others == [], "\(what): nobody has changed the description\n\(plan)")
            let repair = try await machine.configuration.propel(json: machine.name)
            #expect(repair.status == 0, "\(what): \(repair)")
            #expect(try repair.paths(.changed).isSuperset(of: planned), "\(what): planned \(planned)\n\(repair)")
            try repair.expectDone(as: plan)
            let after = try await machine.configuration.propel(json: machine.name)
            #expect(try after.paths(.ok).count == after.properties.count, "\(what): \(after)")
        }
    }

    private func expectRebootKeepsAll(_ machine: TestMachine) async throws {
        try await machine.reboot()
        let after = try await machine.configuration.propel(json: machine.name)
        #expect(after.status == 0)
        #expect(try after.paths(.ok).count == after.properties.count, "\(after)")
    }

    private func expectARevertRestores(_ before: Originals, _ machine: TestMachine) async throws {
        try machine.describe(keys: "swap = false\nwelcome = false")
        let revert = try await machine.configuration.propel(json: machine.name)
        #expect(revert.status == 0, "\(revert)")
        #expect(try revert.paths(.changed).count == 2, "\(revert)")
        #expect(try await Originals(of: machine) == before)
        #expect(try await machine.configuration.propel("plan", machine.name).status == 0)
    }

    /// The content of the files that the demo role changes and can revert.
    private struct Originals: Equatable {
        let files: String

        init(of machine: TestMachine) async throws {
            files = try await machine.ssh(
                "for f in /etc/fstab /etc/motd /swapfile; do stat -c '%n %a %u:%g' $f && sha256sum $f; done 2>&1; true")
        }
    }
}
