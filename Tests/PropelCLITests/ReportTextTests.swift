import Propel
import Testing

@testable import PropelCLI

/// What people read.
@Suite struct ReportTextTests {
    private let text = ReportText(terminal: .plain, isVerbose: false, hosts: ["a"])

    @Test func whatIsUnchangedIsNotShownUnlessAskedFor() {
        let report = PropertyReport(path: "file /etc/motd", status: .ok)
        #expect(text.property(report, of: "a") == nil)
        let verbose = ReportText(terminal: .plain, isVerbose: true, hosts: ["a"])
        #expect(verbose.property(report, of: "a") == "ok           file /etc/motd")
    }

    @Test func aChangeShowsItsReasonItsTimeAndItsDiff() {
        let report = PropertyReport(
            path: "file /etc/motd", status: .changed, seconds: 2.345, detail: "other content",
            diff: "@@ -1 +1 @@\n-old\n+new")
        #expect(
            text.property(report, of: "a") == """
                changed      file /etc/motd: other content  (2.3 s)
                      @@ -1 +1 @@
                      -old
                      +new
                """)
    }

    @Test func aFailureShowsEverythingThatHelps() {
        let failure = Failure(
            "apt-get failed", command: "apt-get install x", ending: "exit status 100", output: ["E: one", "E: two"],
            advice: "Do this.")
        let report = PropertyReport(
            path: "apt: x", status: .failed, detail: failure.message, failure: failure,
            place: "Sources/Hosts/Demo.swift:7")
        #expect(
            text.property(report, of: "a") == """
                FAILED       apt: x
                      why       apt-get failed
                      declared  Sources/Hosts/Demo.swift:7
                      command   apt-get install x
                      ended     exit status 100
                      output    E: one
                                E: two
                      next      Do this.
                """)
    }

    @Test func severalHostsAreToldApart() {
        let several = ReportText(terminal: .plain, isVerbose: false, hosts: ["a", "long"])
        let line = several.property(PropertyReport(path: "x", status: .changed), of: "a")
        #expect(line == "a     changed      x")
    }

    @Test func aMachineCannotMoveTheCursor() {
        let report = PropertyReport(
            path: "x\u{1B}[2J", status: .changed, detail: "\u{9B}31m\r", diff: "+\u{1B}]0;title\u{7}")
        let line = text.property(report, of: "a") ?? ""
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || 0x7F...0x9F ~= $0.value })
    }

    @Test func theRecapTellsEachHost() {
        let recap = text.recap(
            [
                Outcome(
                    host: "web.example.com", result: .converged, counts: RunSummary(counts: [.ok: 12, .changed: 3]),
                    seconds: 8.21),
                Outcome(host: "pi", result: .unreachable, counts: RunSummary(counts: [:]), seconds: 10),
                Outcome(
                    host: "db", result: .failed, counts: RunSummary(counts: [.ok: 1, .failed: 1]), seconds: 130,
                    failed: ["apt: x"]),
            ], mode: .enforce, seconds: 130)
        #expect(
            recap == """
                host                  ok  changed   failed  skipped        time  result
                web.example.com       12        3        0        0       8.2 s  converged
                pi                     0        0        0        0      10.0 s  unreachable
                db                     1        0        1        0  2 min 10 s  failed: apt: x
                3 hosts in 2 min 10 s
                """)
    }

    @Test func durationsAreReadable() {
        #expect(ReportText.duration(0.0421) == "42 ms")
        #expect(ReportText.duration(9.87) == "9.9 s")
        #expect(ReportText.duration(125) == "2 min 5 s")
    }

    @Test func clippingKeepsToOneLineAndItsWidth() {
        #expect("abcdef".clipped(to: 4) == "abc…")
        #expect("ab\ncd".clipped(to: 10) == "ab")
    }
}
