import Propel
import Sandbox
import Testing
import Vocabulary

/// A host with one of each of the smaller properties.
@Suite(.serialized)
struct CatalogueTests {
    @Test(.machines, arguments: DebianRelease.allCases)
    func `a host with one of each converges, repairs drift and reverts`(_ suite: DebianRelease) async throws {
        // Each version of tar writes other bytes.
        let hash =
            suite == .bookworm
            ? "a054ed25cbf8cfa9b159527906e2ea96870825bc21ada0d98372af18ff004e7d"
            : "6087722347040e9603b9a313c04d3fe10e21b73a9730095335d4439ef0213322"
        let archive = "archive = \"\(hash)\""
        let machine = try await TestMachine.up(role: "catalogue", keys: archive, suite: suite)
        try await machine.ssh("mkdir -p /srv/media.old/a; echo b > /srv/media.old/a/b")
        let before = try await originals(of: machine)

        let plan = try await machine.configuration.propel(json: "plan", machine.name)
        #expect(plan.status == 2, "\(plan)")
        #expect(try plan.paths(.failed, .changed, .skipped).isEmpty, "\(plan)")
        let first = try await machine.configuration.propel(json: machine.name)
        #expect(first.status == 0, "\(first)")
        try first.expectDone(as: plan)
        try await expectNoChange(machine, "the second run")

        try await expectOtherToolsAgree(machine, suite)
        let report = try await machine.testinfra("catalogue_host.py")
        #expect(report.contains(" passed") && !report.contains("skipped"), "\(report)")
        try await expectDriftIsRepaired(machine)
        try await machine.reboot()
        try await expectNoChange(machine, "after a reboot")

        try machine.describe(role: "catalogue", keys: archive + "\nreverted = true")
        let revert = try await machine.configuration.propel(json: machine.name)
        #expect(revert.status == 0, "\(revert)")
        #expect(try await originals(of: machine) == before)
    }

    private func expectNoChange(_ machine: TestMachine, _ what: String) async throws {
        let run = try await machine.configuration.propel(json: machine.name)
        #expect(run.status == 0, "\(what): \(run)")
        #expect(try run.paths(.ok).count == run.properties.count, "\(what): \(run)")
        // One question answers for many properties; only a Command with a check starts its own.
        let programs = try run.programs
        #expect(try programs * 3 < run.properties.count, "\(what): \(programs) programs")
    }

    private func originals(of machine: TestMachine) async throws -> String {
        try await machine.ssh(
            """
            for f in /etc/facts /etc/issue.net /etc/seed.conf /etc/licence /etc/hosts.allow /etc/hosts \
                /etc/systemd/journald.conf /etc/login.defs /etc/apt/preferences.d/* /etc/cron.d/tidy \
                /usr/local/bin/app /opt/app /etc/logrotate.d/catalogue /etc/sudoers.d/catalogue \
                /etc/tmpfiles.d /etc/systemd/user/catalogue.service /etc/alternatives/awk /srv/venv; do
                stat -c '%n %F %a %u:%g' $f; [ ! -f $f ] || sha256sum $f
            done 2>&1; true
            """)
    }

    private func expectOtherToolsAgree(_ machine: TestMachine, _ suite: DebianRelease) async throws {
        let name = try await machine.ssh("hostname"), architecture = try await machine.ssh("dpkg --print-architecture")
        #expect(
            try await machine.ssh("cat /etc/facts")
                == "\(suite.rawValue) \(try await machine.ssh("uname -m")) \(architecture) \(name)")
        #expect(try await machine.ssh("cat /etc/release-notes") == (suite == .bookworm ? "12" : "later"))
        #expect(
            try await machine.ssh("stat -c '%a %U:%G' /srv/media/new/films/a /srv/media/new /srv/container")
                == "664 media:media\n2775 media:media\n750 UNKNOWN:UNKNOWN")
        #expect(try await machine.ssh("ls -d /srv/media.old /etc/never /etc/issue.net 2>/dev/null; true") == "")
        #expect(try await machine.ssh("getent hosts node2").contains("192.0.2.2"))
        #expect(try await machine.ssh("app; /opt/app/bin/app") == "app 2.1\napp 2.1")
        #expect(try await machine.ssh("git -C /srv/release describe --tags") == "v1")
        #expect(
            try await machine.ssh("sshd -T | grep -iE '^(x11forwarding|maxauthtries)' | sort")
                == "maxauthtries 5\nx11forwarding no")
        try await machine.ssh("set -e; sshd -t; nft --check --file /etc/propel/firewall.nft; fail2ban-client -t")
        #expect(try await machine.ssh("nft list chain inet propel input | grep -c 'policy drop'") == "1")
        #expect(try await machine.ssh("fail2ban-client status sshd | grep -c 'Journal matches'") == "1")
        #expect(
            try await machine.ssh("getent hosts db1; ssh-keygen -F git.example.com -f /etc/ssh/ssh_known_hosts | wc -l")
                == "192.0.2.5       db1.example.com db1\n2")
        try await machine.ssh(
            "set -e; findmnt --verify; findmnt /srv/shared; findmnt /srv/films; systemctl is-active count.timer files")
        try await machine.ssh(
            "systemd-analyze verify /etc/systemd/system/count.timer /etc/systemd/system/count.service")
        #expect(try await machine.ssh("apt-cache policy snapd | grep Candidate") == "  Candidate: (none)")
        #expect(try await machine.ssh("dpkg --audit") == "")
        #expect(try await machine.ssh("find / -xdev -name '.*.propel' | wc -l") == "0")
        try await expectTheSystemAgrees(machine)
    }

    private func expectTheSystemAgrees(_ machine: TestMachine) async throws {
        #expect(
            try await machine.ssh("apt-mark showhold; ls /usr/sbin/policy-rc.d 2>&1 | grep -c 'No such'") == "vnstat\n1"
        )
        #expect(try await machine.ssh("journalctl --quiet --unit=vnstat | wc -l") == "0")
        #expect(try await machine.ssh("update-alternatives --query awk | grep ^Status") == "Status: manual")
        try await machine.ssh("set -e; visudo --check; logrotate --debug /etc/logrotate.d/catalogue")
        #expect(
            try await machine.ssh("stat -c '%a %U' /run/catalogue; stat -c %U /srv/catalogue") == "750 media\nmedia")
        let user = "runuser -u media -- env XDG_RUNTIME_DIR=/run/user/$(id -u media)"
        #expect(
            try await machine.ssh("\(user) systemctl --user is-active catalogue; loginctl show-user media -P Linger")
                == "active\nyes")
        #expect(try await machine.ssh("stat -c '%a %U' ~media/.ssh/id_ed25519") == "600 media")
        try await machine.ssh("set -e; ssh-keygen -l -f ~media/.ssh/id_ed25519.pub; /srv/venv/bin/pip --version")
    }

    /// Each manual change is found, planned and repaired, and nothing else is.
    private func expectDriftIsRepaired(_ machine: TestMachine) async throws {
        let drifts = [
            "echo x > /etc/facts", "echo x > /etc/issue.net", "rm /etc/licence", "chmod 0600 /srv/media/new/films/a",
            "chown root /srv/media/new", "chown root: /srv/container", "mkdir -p /srv/media.old/new",
            "sed -i /sshd/d /etc/hosts.allow", "sed -i /node2/d /etc/hosts", "echo '192.0.2.9 old' >> /etc/hosts",
            "sed -i s/^MaxLevelWall.*/MaxLevelWall=emerg/ /etc/systemd/journald.conf",
            "sed -i 's/^UMASK.*/UMASK 022/' /etc/login.defs", "rm /etc/apt/preferences.d/*",
            "rm /etc/cron.d/tidy", "systemctl disable --now count.timer 2>&1", "rm /etc/ssh/sshd_config.d/*.conf",
            "nft delete table inet propel", "nft insert rule inet propel input tcp dport 81 accept",
            "systemctl disable propel-firewall 2>&1", "sed -i /db1/d /etc/hosts", "rm /etc/ssh/ssh_known_hosts",
            "rm /etc/fail2ban/jail.d/zz-propel.local", "umount /srv/shared", "sed -i /shared/d /etc/fstab",
            "echo >> /usr/local/bin/app", "rm -r /opt/app",
            "apt-mark unhold vnstat", "update-alternatives --auto awk", "rm /etc/logrotate.d/catalogue",
            "echo '# x' >> /etc/sudoers.d/catalogue", "ln -sfn /etc /srv/catalogue", "rm ~media/.ssh/id_ed25519.pub",
            "echo man-db man-db/auto-update boolean true | debconf-set-selections",
            "loginctl disable-linger media", "echo >> /etc/systemd/user/catalogue.service",
            "git -C /srv/www/app.git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m two",
        ]
        for drift in drifts {
            try await machine.ssh(drift)
            let plan = try await machine.configuration.propel(json: "plan", machine.name)
            #expect(plan.status == 2, "\(drift): \(plan)")
            let repair = try await machine.configuration.propel(json: machine.name)
            #expect(repair.status == 0, "\(drift): \(repair)")
            try repair.expectDone(as: plan)
            try await expectNoChange(machine, drift)
        }
    }
}
