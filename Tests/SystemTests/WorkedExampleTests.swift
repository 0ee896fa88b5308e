import Propel
import Sandbox
import Testing
import Vocabulary

/// The roles of this repository that are examples of whole servers.
@Suite(.serialized)
struct WorkedExampleTests {
    @Test(.machines) func `a small server on the Internet converges, and other programs agree`() async throws {
        let anna = try await DeployerKey("Anna Berg <anna@example.com>")
        let machine = try await TestMachine.up(
            role: "vps", keys: "names = [\"site.example.com\"]\nbackup = \"/var/restic\"", suite: .trixie)
        try await machine.configuration.accredit(anna)
        try await machine.configuration.set("restic-password", to: Array("canary-7f3a".utf8), by: anna)
        try await expectToConverge(machine, anna)

        #expect(
            try await machine.ssh("sshd -T | grep -iE '^(passwordauthentication|permitrootlogin) ' | sort")
                == "passwordauthentication no\npermitrootlogin without-password")
        try await machine.ssh("set -e; nft list table inet propel | grep -q 'dport.*443'; fail2ban-client status sshd")
        // From outside, through the firewall.
        let page = try await Configuration.run(
            "curl",
            [
                "--silent", "--insecure", "--max-time", "10", "--resolve",
                "site.example.com:443:\(machine.sandbox.address)", "https://site.example.com/",
            ])
        #expect(page.contains("Hello from \(machine.name)"))
        try await machine.ssh(
            "set -e; restic-system snapshots | grep -q /etc; nginx -t; visudo -c")
        #expect(
            try await machine.ssh("systemctl is-active restic-system.timer fail2ban nginx") == "active\nactive\nactive")
        #expect(
            try await machine.ssh("grep -rl canary-7f3[a] /etc/systemd /var/log /proc/*/cmdline 2>/dev/null; true")
                == "")
    }

    @Test(.machines) func `an application with its database converges, and follows its code`() async throws {
        let anna = try await DeployerKey("Anna Berg <anna@example.com>")
        let machine = try await TestMachine.up(role: "application", keys: "code = \"git://127.0.0.1/app.git\"")
        try await machine.ssh(
            """
            apt-get -qq update && apt-get -qq install -y git > /dev/null
            git init -q -b main /srv/git/app.git && cd /srv/git/app.git && echo one > index.html && git add . &&
            git -c user.name=a -c user.email=a@example.com commit -q -m one
            systemd-run --quiet git daemon --base-path=/srv/git --export-all --listen=127.0.0.1
            """)
        try await machine.configuration.accredit(anna)
        try await machine.configuration.set("app-database-password", to: Array("canary-92bc".utf8), by: anna)
        try await expectToConverge(machine, anna)

        #expect(
            try await machine.ssh("PGPASSWORD=canary-92bc psql -h localhost -U app -Atc 'SELECT current_user' app")
                == "app")
        #expect(try await machine.ssh("stat -c '%U %a' /srv/app/code /etc/app.env") == "app 755\nroot 640")

        try await machine.ssh(
            """
            cd /srv/git/app.git && echo two > index.html &&
            git -c user.name=a -c user.email=a@example.com commit -q -a -m two
            """)
        let plan = try await machine.configuration.propel(
            ["plan", machine.name, "--json"], environment: anna.environment)
        #expect(try plan.paths(.wouldChange).contains("app/checkout /srv/app/code"), "\(plan)")
        let update = try await machine.configuration.propel([machine.name, "--json"], environment: anna.environment)
        #expect(update.status == 0, "\(update)")
        try update.expectDone(as: plan)
        #expect(try await machine.ssh("cat /srv/app/code/index.html") == "two")
    }

    /// A plan, a run that does what it says, and a run that changes nothing and needs no key.
    private func expectToConverge(_ machine: TestMachine, _ anna: DeployerKey) async throws {
        let plan = try await machine.configuration.propel(
            ["plan", machine.name, "--json"], environment: anna.environment)
        #expect(plan.status == 2, "\(plan)")
        #expect(try plan.paths(.failed, .changed, .skipped).isEmpty, "\(plan)")
        let first = try await machine.configuration.propel([machine.name, "--json"], environment: anna.environment)
        #expect(first.status == 0, "\(first)")
        try first.expectDone(as: plan)
        let second = try await machine.configuration.propel(
            [machine.name, "--json"], environment: ["GNUPGHOME": "/nowhere"])
        #expect(second.status == 0, "\(second)")
        #expect(try second.paths(.ok).count == second.properties.count, "\(second)")
    }
}
