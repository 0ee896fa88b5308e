import Foundation
import Propel
import Sandbox
import Testing
import Vocabulary

/// Databases and backups, with real servers.
@Suite(.serialized)
struct StoreTests {
    private static let passwords = [
        "shop-password": "canary-shop'\"\\1", "wiki-password": "canary-wiki'\"\\2", "restic-password": "canary-restic",
    ]

    @Test(.machines, arguments: [DebianRelease.trixie])
    func `databases and backups converge, and their drift is repaired`(_ suite: DebianRelease) async throws {
        let anna = try await DeployerKey("Anna Berg <anna@example.com>", passphrase: "")
        let machine = try await TestMachine.up(role: "stores", suite: suite)
        try await machine.configuration.accredit(anna)
        for (name, password) in Self.passwords {
            try await machine.configuration.set(name, to: Array("\(password)\n".utf8), by: anna)
        }

        let plan = try await propel(machine, ["plan", machine.name])
        #expect(plan.status == 2, "\(plan)")
        #expect(try plan.paths(.failed, .changed, .skipped).isEmpty, "\(plan)")
        let first = try await propel(machine, [machine.name], by: anna)
        #expect(first.status == 0, "\(first)")
        try first.expectDone(as: plan)
        try await expectNoChange(machine, "the second run")
        for answer in [plan, first] { #expect(!answer.description.contains("canary")) }

        try await expectOtherToolsAgree(machine)
        try await expectDriftIsRepaired(machine, anna)
        try await machine.reboot()
        try await expectNoChange(machine, "after a reboot")
    }

    private func propel(
        _ machine: TestMachine, _ arguments: [String], by key: DeployerKey? = nil
    ) async throws -> Answer {
        try await machine.configuration.propel(
            arguments + ["--json"], environment: key?.environment ?? ["GNUPGHOME": "/nowhere"])
    }

    /// Without any plaintext.
    private func expectNoChange(_ machine: TestMachine, _ what: String) async throws {
        let run = try await propel(machine, [machine.name])
        #expect(run.status == 0, "\(what): \(run)")
        #expect(try run.paths(.ok).count == run.properties.count, "\(what): \(run)")
    }

    private func expectOtherToolsAgree(_ machine: TestMachine) async throws {
        // The servers know the passwords, though they never saw them.
        #expect(
            try await machine.ssh(
                """
                export PGPASSWORD="$(printf '%s' 'canary-shop'\\''"\\1')"
                psql -h 127.0.0.1 -U shop -d shop -Atc 'SELECT current_user, count(*) FROM pg_extension'
                """) == "shop|2")
        #expect(
            try await machine.ssh(
                """
                export MYSQL_PWD="$(printf '%s' 'canary-wiki'\\''"\\2')"
                mariadb -u wiki -BN my_wiki -e 'CREATE TABLE t(a INT); INSERT INTO t VALUES (7); SELECT a FROM t'
                """) == "7")
        #expect(
            try await machine.ssh("runuser -u postgres -- psql -Atc 'SHOW shared_buffers; SHOW work_mem'")
                == "64MB\n8MB")
        #expect(try await machine.ssh("mariadb -BNe 'SELECT @@max_connections'") == "50")
        #expect(
            try await machine.ssh(
                "grep -rlE 'canary-(shop|wiki|restic)' /var/log /etc /var/lib/propel | grep -vE '/etc/(restic|borg)'; true"
            ) == "")

        try await machine.ssh(
            "systemctl start restic-system-check borg-etc-check; systemctl is-active restic-system.timer")
        #expect(
            try await machine.ssh(
                """
                restic-system restore latest --target /srv/restored --include /etc/hostname > /dev/null
                cmp /etc/hostname /srv/restored/etc/hostname && restic-system dump latest /var/backups/shop.sql \
                    | grep -c 'CREATE EXTENSION IF NOT EXISTS pg_trgm'
                """) == "1")
        #expect(try await machine.ssh("borg-etc list --short | wc -l; ls /srv/borg/config") == "1\n/srv/borg/config")
    }

    /// Each manual change is found, planned and repaired, and nothing else is. Those of a group are of separate
    /// properties.
    private func expectDriftIsRepaired(_ machine: TestMachine, _ anna: DeployerKey) async throws {
        let postgres = "runuser -u postgres -- psql -v ON_ERROR_STOP=1 -qc"
        let groups = [
            [
                "\(postgres) \"ALTER ROLE shop PASSWORD 'other'\"",
                "\(postgres) 'ALTER DATABASE shop OWNER TO postgres'",
                "\(postgres) 'DROP EXTENSION pg_trgm' shop",
                "\(postgres) 'GRANT TEMPORARY ON DATABASE shop TO PUBLIC'",
                "echo \"work_mem = '1MB'\" > $(echo /etc/postgresql/*/main/conf.d/propel.conf)",
                "mariadb -e \"ALTER USER wiki@localhost IDENTIFIED BY 'other'\"",
                "touch -d '3 days ago' /var/lib/propel/last-backups/restic-system",
            ],
            [
                "\(postgres) 'ALTER ROLE shop SUPERUSER NOLOGIN'", "\(postgres) 'CREATE TABLE extra (a int)' shop",
                "sed -i '/10.9.0.0/d' /etc/postgresql/*/main/pg_hba.conf",
                "mariadb -e \"ALTER USER backup@localhost IDENTIFIED BY 'other'\"",
                "mariadb -e 'REVOKE INSERT ON `my\\_wiki`.* FROM wiki@localhost'",
                "rm /usr/local/sbin/restic-system",
            ],
            [
                "\(postgres) 'REVOKE reports FROM shop'", "mariadb -e 'ALTER DATABASE my_wiki CHARACTER SET latin1'",
                "sed -i s/50/60/ /etc/mysql/mariadb.conf.d/zz-propel.cnf",
                "systemctl disable --now borg-etc.timer 2>&1", "touch /usr/local/sbin/restic-former",
                "touch /usr/local/sbin/borg-former", "\(postgres) 'CREATE ROLE former SUPERUSER LOGIN'",
                "runuser -u postgres -- createdb --owner=former former", "mariadb -e 'CREATE USER former@localhost'",
                "mariadb -e 'CREATE DATABASE former; CREATE TABLE former.t(a INT)'",
            ],
        ]
        for drifts in groups {
            let what = drifts.joined(separator: "; ")
            try await machine.ssh("set -e\n" + drifts.joined(separator: "\n"))
            let plan = try await propel(machine, ["plan", machine.name])
            #expect(plan.status == 2, "\(what): \(plan)")
            #expect(try plan.paths(.wouldChange, .unknown).count >= drifts.count, "\(what): \(plan)")
            let repair = try await propel(machine, [machine.name], by: anna)
            #expect(repair.status == 0, "\(what): \(repair)")
            try repair.expectDone(as: plan)
            try await expectNoChange(machine, what)
        }
        #expect(
            try await machine.ssh(
                """
                runuser -u postgres -- psql -Atc "SELECT datname FROM pg_database WHERE datname = 'former'" -c \
                    "SELECT rolname FROM pg_roles WHERE rolname = 'former'"
                mariadb -BNe "SHOW DATABASES LIKE 'former'; SELECT user FROM mysql.user WHERE user = 'former'"
                ls /usr/local/sbin; ls /var/backups/postgresql /var/backups/mariadb | grep -c former
                """) == "borg-etc\nrestic-system\n2")
        // Of one day the newest is kept; newer versions keep the oldest of all too.
        let kept = try await machine.ssh("restic-system snapshots --json | grep -o short_id | wc -l")
        #expect(["1", "2"].contains(kept), "\(kept)")
    }
}
