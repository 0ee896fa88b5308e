import Foundation
import Propel
import Subprocess
import SystemPackage
import Testing

/// A link that is cut, frozen or slow, at every phase of a run: each run ends as an undisturbed one.
@Suite(.serialized) struct LinkTests {
    /// Large, so that a link can be cut in the middle of it.
    private static let key = Array("key".utf8) + [UInt8](repeating: 7, count: 2_000_000)

    private static let only = [
        "directory /srv/app", "file /srv/app/.env", "file /srv/app/tls.key", "group deployers", "user anna",
    ].flatMap { ["--only", $0] }

    @Test(.machines) func `a run over a bad link ends as an undisturbed one`() async throws {
        let machine = try await TestMachine.up(role: "production", keys: "deployers = [\"anna\"]")
        let anna = try await DeployerKey("Anna Berg <anna@example.com>")
        try await machine.configuration.accredit(anna)
        try await machine.configuration.set("database-password", to: Array("open sesame".utf8), by: anna)
        try await machine.configuration.set("anna-password", to: Array("open sesame".utf8), by: anna)
        try await machine.configuration.set("tls-key", to: Self.key, by: anna)
        let relay = try LinkRelay(to: machine.sandbox.address)
        try machine.describeByAddress(
            role: "production", user: "root", address: "127.0.0.1", port: relay.port, keys: "deployers = [\"anna\"]")
        func run() async throws -> Answer {
            try await machine.configuration.propel(
                [machine.name, "--json", "--no-commit"] + Self.only, environment: anna.environment)
        }
        func expectSame(_ answer: Answer, as first: Answer, isReconnected: Bool = true) async throws {
            #expect(answer.status == 0, "\(answer)")
            #expect(try answer.statuses == first.statuses, "\(answer)")
            #expect(try answer.properties.count == first.properties.count, "nothing is told twice: \(answer)")
            #expect(answer.errors.contains("connecting again") == isReconnected, "\(answer)")
        }

        // In the upload: what has arrived is not sent again.
        let first = try await run()
        #expect(first.status == 0 && !first.errors.contains("connecting again"), "\(first)")
        let whole = try relay.count()
        try await machine.forget(enforcers: true)
        try relay.disturb(.up, after: whole.up / 3, by: .cut)
        try await expectSame(try await run(), as: first)
        #expect(try relay.count().up < whole.up * 5 / 4)

        // In the middle of a secret, which is sent again to the same run.
        try await machine.forget()
        try relay.disturb(.up, after: Self.key.count / 2, by: .cut)
        try await expectSame(try await run(), as: first)
        #expect(try await machine.startedRuns == 3)
        #expect(try await machine.ssh("stat -c %s /srv/app/tls.key") == "\(Self.key.count)")

        // Frozen there: the rest of the first copy arrives when the run has the second one.
        try await machine.forget()
        try relay.disturb(.up, after: Self.key.count / 2, by: .freeze)
        try await expectSame(try await run(), as: first)
        try relay.thaw()
        #expect(try await machine.startedRuns == 4)
        #expect(try await machine.ssh("stat -c %s /srv/app/tls.key") == "\(Self.key.count)")

        // Slow, and alive.
        try await machine.forget()
        try relay.slow(delay: 0.02, rate: 4_000_000)
        try await expectSame(try await run(), as: first, isReconnected: false)
        try relay.slow(delay: 0, rate: 0)

        try await expectOneRunOfALateRequest(machine, relay, run)
        try await expectNothingIsLostByCuts(machine, relay, run)
        try await expectAnArmedChangeIsConfirmed(machine, relay)
    }

    /// The connection of the run, and the one that confirms if it has begun, are cut while a guarded change waits.
    private func expectAnArmedChangeIsConfirmed(_ machine: TestMachine, _ relay: LinkRelay) async throws {
        try machine.describeByAddress(
            role: "access", user: "root", address: "127.0.0.1", port: relay.port, keys: "change = \"harmless\"")
        let before = try await machine.startedRuns
        // A login takes longer than the way to the machine and back.
        try relay.slow(delay: 0.1, rate: 0)
        async let answer = machine.configuration.propel(json: machine.name, "--no-commit")
        let asked = try await machine.ssh(
            """
            for look in $(seq 3000); do
              grep -qs '"kind":"confirm"' /var/lib/propel/runs/*/journal && { echo armed; exit; }
              sleep 0.02
            done
            """)
        try relay.cut()
        try relay.slow(delay: 0, rate: 0)
        let run = try await answer
        #expect(asked == "armed")
        #expect(run.status == 0 && run.errors.contains("connecting again"), "\(run)")
        #expect(try await machine.startedRuns == before + 1)
        #expect(try await machine.ssh("cat /etc/ssh/sshd_config.d/10-test.conf") == "MaxSessions 20")
        #expect(try await machine.ssh("ls -d /var/lib/propel/guard 2> /dev/null | wc -l") == "0")
    }

    /// The end of the request is frozen: the request is sent again over another connection, and arrives twice.
    private func expectOneRunOfALateRequest(
        _ machine: TestMachine, _ relay: LinkRelay, _ run: () async throws -> Answer
    ) async throws {
        _ = try relay.count()
        #expect(try await run().status == 0)
        let before = try await machine.startedRuns
        // After the request only the end of the connection is sent.
        try relay.disturb(.up, after: try relay.count().up - 600, by: .freeze)
        let answer = try await run()
        #expect(answer.status == 0 && answer.errors.contains("connecting again"), "\(answer)")
        try relay.thaw()
        try await machine.waitForNoRun()
        #expect(try await machine.startedRuns == before + 1)
    }

    /// Where a run has nothing to change, all phases are near each other.
    private func expectNothingIsLostByCuts(
        _ machine: TestMachine, _ relay: LinkRelay, _ run: () async throws -> Answer
    ) async throws {
        _ = try relay.count()
        let quiet = try await run()
        #expect(quiet.status == 0, "\(quiet)")
        let bytes = try relay.count()
        var runs = try await machine.startedRuns
        let places: [(LinkRelay.Side, Int)] = [
            (.up, 500), (.up, bytes.up * 3 / 4), (.up, bytes.up - 300), (.down, bytes.down * 3 / 4),
            (.down, bytes.down - 1000),
            (.down, bytes.down - 300),
        ]
        var ended = 0
        for (side, count) in places {
            try relay.disturb(side, after: count, by: .cut)
            let answer = try await run(), now = try await machine.startedRuns
            // Before the login nothing has begun, and a host that was not reached is not waited for.
            if answer.status == 3 {
                #expect(now == runs, "\(side) \(count): \(answer)")
            } else {
                #expect(answer.status == 0 && now == runs + 1, "\(side) \(count): \(answer)")
                #expect(try answer.statuses == quiet.statuses, "\(side) \(count): \(answer)")
                ended += 1
            }
            runs = now
        }
        #expect(ended >= 3, "most of the places are after the login")
    }
}

extension TestMachine {
    /// Undoes what a run has done.
    fileprivate func forget(enforcers: Bool = false) async throws {
        try await ssh(
            "rm -rf /srv/app\(enforcers ? " /var/lib/propel/enforcers" : ""); userdel -rf anna 2> /dev/null; "
                + "groupdel deployers 2> /dev/null; true")
    }

    /// The number of runs that the machine remembers and that have begun.
    fileprivate var startedRuns: Int {
        get async throws {
            Int(try await ssh("cat /var/lib/propel/runs/*/journal | grep -c '\"kind\":\"started\"'")) ?? 0
        }
    }
}
