import Propel
import Testing

@testable import PropelCLI

@Suite struct RunReportTests {
    private let outcomes = [
        Outcome(
            host: "web.example.com", result: .converged, counts: RunSummary(counts: [.ok: 12, .changed: 3]),
            seconds: 8.21),
        Outcome(host: "pi", result: .unreachable, counts: RunSummary(counts: [:]), seconds: 10),
        Outcome(
            host: "db", result: .failed, counts: RunSummary(counts: [.ok: 1, .failed: 2]), seconds: 130,
            failed: ["apt: x", "cron/file /etc/cron.d/nightly"]),
    ]

    @Test func `the table has a row for each host`() {
        #expect(
            RunReport(outcomes: outcomes, mode: .enforce, seconds: 130).text.lines.joined() == """
                host                  ok  changed   failed  skipped        time  result
                web.example.com       12        3        0        0       8.2 s  converged
                pi                     0        0        0        0      10.0 s  unreachable
                db                     1        0        2        0  2 min 10 s  failed: apt: x, cron/file \
                /etc/cron.d/nightly
                3 hosts in 2 min 10 s
                """)
    }

    @Test func `failed properties go below a row that is too wide`() {
        let summary = RunReport(outcomes: [outcomes[2]], mode: .enforce, seconds: 130, width: 70)
        #expect(
            summary.text.lines.joined(width: 70) == """
                host       ok  changed   failed  skipped        time  result
                db          1        0        2        0  2 min 10 s  failed
                      apt: x, cron/file /etc/cron.d/nightly
                """)
    }

    @Test func `a change that went back is told from a rollback`() {
        for (isRolledBack, words) in [(true, "rolled back: ssh"), (false, "put back: ssh")] {
            let outcome = Outcome(
                host: "a", result: .rolledBack, counts: RunSummary(counts: [.failed: 1]), seconds: 1, failed: ["ssh"],
                isRolledBack: isRolledBack)
            let lines = RunReport(outcomes: [outcome], mode: .enforce, seconds: 1).text.lines.joined()
            #expect(lines.hasSuffix(words), "\(lines)")
        }
    }

    @Test func `a plan counts what is decided later`() {
        let plan = Outcome(
            host: "a", result: .changesFound, counts: RunSummary(counts: [.wouldChange: 1, .unknown: 8]), seconds: 1)
        #expect(
            RunReport(outcomes: [plan], mode: .plan, seconds: 1).text.lines.joined() == """
                host       ok  would change    later   failed  skipped        time  result
                a           0             1        8        0        0       1.0 s  would change
                """)
    }

    @Test func `what is left for a person stands at the end`() {
        var counts = RunSummary(counts: [.changed: 1])
        counts.followUps = ["log in again as anna", "restart\nthe machine"]
        let outcome = Outcome(host: "a", result: .converged, counts: counts, seconds: 1)
        #expect(
            RunReport(outcomes: [outcome], mode: .enforce, seconds: 1).text.lines.joined().hasSuffix(
                "\nleft to do:\n  a: log in again as anna\n  a: restart\\nthe machine"))
    }

    @Test func `what is no longer declared stands at the end, with the line that removes it`() {
        var counts = RunSummary(counts: [.ok: 1])
        counts.forgotten = [Forgotten(name: "package htop", removal: "Apt.Absent(\"htop\")")]
        let outcome = Outcome(host: "a", result: .converged, counts: counts, seconds: 1)
        #expect(
            RunReport(outcomes: [outcome], mode: .enforce, seconds: 1).text.lines.joined().hasSuffix(
                """

                no longer declared, and still there:
                  a: package htop  Apt.Absent("htop")
                  Declare the line that removes it, or remove it with `propel a --remove NAME`.
                """))
        let report = ForgottenReport(host: "a", forgotten: counts.forgotten)
        #expect(
            report.json == [
                .line(
                    "forgotten",
                    [
                        "host": "a", "name": "package htop", "removal": "Apt.Absent(\"htop\")",
                    ])
            ])
        #expect(report.text.lines.joined().contains("package htop  Apt.Absent(\"htop\")"))
        #expect(ForgottenReport(host: "a", forgotten: []).text.lines.isEmpty)
    }

    @Test func `the line of JSON has the status of each host and the exit status`() throws {
        let line = try #require(RunReport(outcomes: outcomes, mode: .enforce, seconds: 130).json.first)
        #expect(line["kind"] == "summary" && line["version"] == 1 && line["exit"] == 1)
        #expect(line["hosts"]?["pi"] == "unreachable" && line["counts"]?["ok"] == 13)
        #expect(line["counts"]?["would-change"] == 0 && line["counts"]?["unknown"] == 0)
    }

    @Test func `the status is that of the worst outcome`() {
        let order: [(Outcome.Result, PropelCLI.ExitStatus)] = [
            (.interrupted, .interrupted), (.failed, .failed), (.rolledBack, .rolledBack), (.unreachable, .unreachable),
            (.locked, .locked), (.notTried, .failed), (.changesFound, .changesFound), (.converged, .converged),
        ]
        for (index, (result, status)) in order.enumerated() {
            for (other, _) in order[index...] {
                let outcomes = [other, result].map {
                    Outcome(host: "a", result: $0, counts: RunSummary(counts: [:]), seconds: 1)
                }
                #expect(PropelCLI.ExitStatus.summing(outcomes) == status, "\(result) and \(other)")
            }
        }
    }
}
