import Foundation
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
        let anna = try await DeployerKey("Anna Berg <anna@example.com>", passphrase: "")
        let machine = try await TestMachine.up(role: "catalogue", suite: suite)
        try await machine.configuration.accredit(anna)
        try await machine.configuration.set("catalogue-password", to: Array("canary-tulip\n".utf8), by: anna)
        let keys = """
            archive = "\(hash)"
            interface-address = "\(machine.sandbox.address)/24"
            nameserver = "\(try await machine.ssh("awk '/^nameserver/ { print $2; exit }' /etc/resolv.conf"))"
            """
        try machine.describe(role: "catalogue", keys: keys)
        try await machine.ssh("mkdir -p /srv/media.old/a; echo b > /srv/media.old/a/b")
        let before = try await originals(of: machine)
        try await machine.ssh(Self.leftovers)

        let plan = try await propel(machine, ["plan", machine.name])
        #expect(plan.status == 2, "\(plan)")
        #expect(try plan.paths(.failed, .changed, .skipped).isEmpty, "\(plan)")
        let first = try await propel(machine, [machine.name], by: anna)
        #expect(first.status == 0, "\(first)")
        try first.expectDone(as: plan)
        try await expectNoChange(machine, "the second run")

        try await expectOtherToolsAgree(machine, suite)
        let report = try await machine.testinfra("catalogue_host.py")
        #expect(report.contains(" passed") && !report.contains("skipped"), "\(report)")
        for drifts in Self.drifts(of: suite) { try await expectRepaired(drifts, machine, anna) }
        try await expectTheBranchIsFollowed(machine)
        try await expectTheRunRestarts(machine, anna)

        try machine.describe(role: "catalogue", keys: keys + "\nreverted = true")
        let revert = try await propel(machine, [machine.name], by: anna)
        #expect(revert.status == 0, "\(revert)")
        #expect(try await originals(of: machine) == before)
        try await expectNothingIsLeft(machine, suite)
        for answer in [plan, first, revert] { #expect(!answer.description.contains("canary")) }
    }

    func propel(
        _ machine: TestMachine, _ arguments: [String], by key: DeployerKey? = nil
    ) async throws -> Answer {
        try await machine.configuration.propel(
            arguments + ["--json"], environment: key?.environment ?? ["GNUPGHOME": "/nowhere"])
    }

    private func expectTheBranchIsFollowed(_ machine: TestMachine) async throws {
        try await machine.ssh(
            "git -C /srv/www/app.git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m two")
        let plan = try await propel(machine, ["plan", machine.name]), run = try await propel(machine, [machine.name])
        #expect(plan.status == 2 && run.status == 0, "\(plan)\n\(run)")
        try run.expectDone(as: plan)
        #expect(try await machine.ssh("git -C /srv/site log -1 --format=%s") == "two")
        try await expectNoChange(machine, "after a commit")
    }

    /// A restart that is required is made, and after it all is as declared.
    private func expectTheRunRestarts(_ machine: TestMachine, _ anna: DeployerKey) async throws {
        let question = "cat /proc/sys/kernel/random/boot_id", before = try await machine.ssh(question)
        try await machine.ssh("touch /run/reboot-required")
        let run = try await propel(machine, [machine.name], by: anna)
        #expect(run.status == 0, "\(run)")
        #expect(try await machine.ssh(question) != before)
        try await machine.waitForUnits()
        try await expectNoChange(machine, "after a restart")
    }

    func expectNoChange(_ machine: TestMachine, _ what: String) async throws {
        let run = try await propel(machine, [machine.name])
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
                /etc/tmpfiles.d /etc/systemd/user/catalogue.service /etc/alternatives/awk /srv/venv /etc/issue \
                /etc/resolv.conf /etc/systemd/network/* /etc/apt/apt.conf.d/* /etc/ssh/ssh_config.d/* \
                /etc/cron.daily/dpkg* /etc/systemd/system/files.service.d; do
                stat -c '%n %F %a %u:%g' $f; [ ! -f $f ] || sha256sum $f
            done 2>&1
            dpkg --print-foreign-architectures; cat /proc/sys/net/core/somaxconn
            """)
    }

    /// Manual changes are found, planned and repaired, and nothing else is.
    private func expectRepaired(_ drifts: [Drift], _ machine: TestMachine, _ anna: DeployerKey) async throws {
        let before = try await told(of: drifts, machine)
        try await machine.ssh("set -e\n" + drifts.map(\.change).joined(separator: "\n"))
        for (drift, states) in zip(drifts, zip(before, try await told(of: drifts, machine))) {
            #expect(states.0 != states.1, "\(drift.change) changes what is told")
        }
        let what = drifts.map(\.change).joined(separator: "; "),
            plan = try await propel(machine, ["plan", machine.name])
        #expect(plan.status == 2, "\(what): \(plan)")
        let repair = try await propel(machine, [machine.name], by: anna)
        #expect(repair.status == 0, "\(what): \(repair)")
        try repair.expectDone(as: plan)
        for (drift, states) in zip(drifts, zip(before, try await told(of: drifts, machine))) {
            #expect(states.0 == states.1, "\(drift.change) is repaired")
        }
        try await expectNoChange(machine, what)
    }

    /// What other programs tell of the state that each drift changes.
    private func told(of drifts: [Drift], _ machine: TestMachine) async throws -> [String] {
        let mark = "== next"
        let answers = try await machine.ssh(
            drifts.map { "{ \($0.judge); } 2>&1; echo; echo '\(mark)'" }.joined(separator: "\n"))
        return answers.components(separatedBy: mark).dropLast().map { $0 }
    }
}
