import Propel
import SSHTransport
import Testing

@testable import PropelCLI

@Suite struct ReportTextTests {
    private func shown(
        _ report: PropertyReport, of host: String = "a", isVerbose: Bool = false, hosts: [String] = ["a"],
        width: Int? = nil
    ) -> String {
        ReportText(isVerbose: isVerbose, hosts: hosts).property(report, of: host).joined(width: width)
    }

    @Test func `an unchanged property is shown in a verbose report only`() {
        let report = PropertyReport(path: "file /etc/motd", status: .ok, place: "Sources/Hosts/Demo.swift:7")
        #expect(shown(report) == "")
        #expect(shown(report, isVerbose: true) == "ok            file /etc/motd")
    }

    @Test func `a change shows its reason, its time and its diff`() {
        let report = PropertyReport(
            path: "file /etc/motd", status: .changed, seconds: 2.345, detail: "other content",
            diff: "@@ -1 +1 @@\n-old\n+new", place: "Sources/Hosts/Demo.swift:7")
        #expect(
            shown(report) == """
                changed       file /etc/motd: other content  (2.3 s)
                      @@ -1 +1 @@
                      -old
                      +new
                """)
    }

    @Test func `what somebody changed on the machine is told apart`() {
        var report = PropertyReport(path: "file /etc/motd", status: .wouldChange, detail: "other content", place: "x:1")
        #expect(shown(report) == "would change  file /etc/motd: other content")
        report.isDrift = true
        #expect(shown(report) == "would change  file /etc/motd: other content  (not as the last run left it)")
    }

    @Test func `a new file is a number of lines unless the report is verbose`() {
        let report = PropertyReport(
            path: "file /etc/motd", status: .wouldChange, detail: "create", diff: "@@ -1 +1 @@\n+one\n+two",
            place: "Sources/Hosts/Demo.swift:7")
        #expect(shown(report) == "would create  file /etc/motd  +2 lines")
        #expect(
            shown(report, isVerbose: true) == """
                would create  file /etc/motd
                      +one
                      +two
                """)
    }

    @Test func `all lines of a new file count, also those that the diff leaves out`() {
        let diff = Diff(from: [], to: Array((1...300).map { "\($0)\n" }.joined().utf8) + Array("end".utf8))
        let report = PropertyReport(path: "file /x", status: .changed, detail: "create", diff: diff.text, place: "x:1")
        #expect(shown(report) == "created       file /x  +301 lines")
    }

    @Test(arguments: [
        "+ssh-ed25519 AAAAC3Nza anna@laptop", "+no-pty ssh-rsa AAAAB3Nza ben", "+-----BEGIN OPENSSH PRIVATE KEY-----",
    ])
    func `a new file with a key is never shown`(_ line: String) {
        let report = PropertyReport(
            path: "authorized keys of anna", status: .changed, detail: "create", diff: "@@ -1 +1 @@\n\(line)",
            place: "x:1")
        for isVerbose in [false, true] {
            #expect(shown(report, isVerbose: isVerbose) == "created       authorized keys of anna  +1 line")
        }
    }

    @Test func `a new private file is a number of bytes`() {
        let diff = Diff(private: [], Array("secret".utf8)).text
        let report = PropertyReport(path: "file /x", status: .changed, detail: "create", diff: diff, place: "x:1")
        #expect(shown(report, isVerbose: true) == "created       file /x  6 bytes, not shown")
    }

    @Test func `a failure shows place, command, status, output and advice`() {
        let failure = Failure(
            "apt-get failed", command: "apt-get install x", ending: "exit status 100", output: ["E: one", "E: two"],
            advice: "Do this.")
        let report = PropertyReport(
            path: "apt: x", status: .failed, detail: failure.message, failure: failure,
            place: "Sources/Hosts/Demo.swift:7")
        #expect(
            shown(report) == """
                FAILED        apt: x
                      why       apt-get failed
                      declared  Sources/Hosts/Demo.swift:7
                      command   apt-get install x
                      ended     exit status 100
                      output    E: one
                                E: two
                      next      Do this.
                """)
    }

    @Test func `each line names its host if there are several, those of a diff too`() {
        let report = PropertyReport(
            path: "x", status: .changed, detail: "other content", diff: "@@ -1 +1 @@\n+new", place: "x:1")
        #expect(
            shown(report, hosts: ["a", "long"]) == """
                a     changed       x: other content
                a           @@ -1 +1 @@
                a           +new
                """)
    }

    @Test func `lines are wrapped between words, with an indent and the host's name`() {
        let report = PropertyReport(
            path: "restic.timer running, enabled", status: .unknown,
            detail: "cannot tell until there is a unit restic.timer", place: "x:1")
        #expect(
            shown(report, of: "web", hosts: ["web", "db"], width: 50) == """
                web  later         restic.timer running, enabled:
                web                decided when unit restic.timer
                web                is there
                """)
    }

    @Test func `a host cannot forge lines or control the terminal`() {
        let forged = "x\nchanged       file /etc/shadow\r\n\u{1B}[2J\u{9B}31m\u{1B}]0;title\u{7}\u{202E}\u{2028}\t"
        let failure = Failure(forged, command: forged, ending: forged, output: [forged], advice: forged)
        let reports = PropertyReport.Status.allCases.flatMap { status in
            [
                PropertyReport(path: forged, status: status, place: "x:1"),
                PropertyReport(path: "x", status: status, detail: forged, place: "x:1"),
                PropertyReport(path: "x", status: status, detail: "create; \(forged)", place: "x:1"),
                PropertyReport(path: "apt: x", status: status, detail: "install \(forged)", place: "x:1"),
                PropertyReport(path: "x", status: status, detail: "cannot tell until \(forged)", place: "x:1"),
                PropertyReport(path: "x", status: status, diff: forged, place: "x:1"),
                PropertyReport(
                    path: "x", status: status, detail: "create", diff: "@@ -1 +1 @@\n+\(forged)", place: "x:1"),
                PropertyReport(
                    path: "x", status: status, detail: "create", diff: "content not shown: 0 bytes → \(forged)",
                    place: "x:1"),
                PropertyReport(path: "x", status: status, place: forged),
                PropertyReport(path: "x", status: status, failure: failure, place: forged),
            ]
        }
        for report in reports { expectHarmless(shown(report, isVerbose: true), "\(report)", lines: 1) }

        let text = ReportText(isVerbose: true, hosts: ["a"])
        expectHarmless(text.warning(forged, of: "a").joined(), "warning", lines: 1)
        let outcome = Outcome(
            host: "a", result: .failed, counts: RunSummary(counts: [:]), seconds: 1, failure: failure, failed: [forged])
        expectHarmless(text.failure(outcome).joined(), "outcome", lines: 1)
        let summary = RunReport(outcomes: [outcome], mode: .enforce, seconds: 1)
        expectHarmless(summary.text.lines.joined(), "summary", lines: 2)

        let events: [Event] = [
            .started(run: forged, host: forged, system: forged, steps: 3), .applying(path: forged),
            .progress(path: forged, words: forged), .needs(secrets: [forged]),
        ]
        let progress = events.map(HostRun.Progress.event) + [.doing(forged)]
        for step in progress {
            var state = LiveState(hosts: ["a"], now: .now)
            state.report(step, of: "a", now: .now)
            for line in LiveFrame(state).lines(width: 80, height: 24) { expectHarmless(line, "\(step)", lines: 1) }
        }
    }

    /// Expects that only the first `lines` lines begin at the left edge, where the words of a report stand.
    private func expectHarmless(_ text: String, _ comment: String, lines: Int) {
        let unsafe = text.unicodeScalars.filter { scalar in
            scalar != "\n"
                && (scalar.properties.generalCategory == .control || ["\u{202E}", "\u{2028}"].contains(scalar))
        }
        #expect(unsafe.isEmpty, "\(comment): \(text.debugDescription)")
        let rest = text.split(separator: "\n").dropFirst(lines)
        #expect(rest.allSatisfy { $0.hasPrefix("      ") }, "\(comment): \(text)")
    }

    @Test func `what was sent is shown in a verbose report`() {
        let whole = Upload(size: 4_215_036, compression: .xz)
        let base = String(repeating: "0123456789abcdef", count: 4)
        let difference = Upload(size: 191_400, compression: .xz, base: base)
        func shown(_ upload: Upload, isVerbose: Bool = true, hosts: [String] = ["a"]) -> String {
            ReportText(isVerbose: isVerbose, hosts: hosts).sent(upload, to: "a").joined()
        }
        #expect(shown(whole) == "sent 4.2 MB (xz)")
        #expect(shown(difference) == "sent 191 kB: the difference to the enforcer 0123456789ab (xz)")
        #expect(shown(Upload(size: 13_921_936, compression: nil)) == "sent 13.9 MB (uncompressed)")
        #expect(shown(whole, hosts: ["a", "b"]) == "a  sent 4.2 MB (xz)")
        #expect(shown(whole, isVerbose: false) == "")
        #expect(ReportText.activity(.sent(whole)) == "sent 4.2 MB (xz)")

        var outcome = Outcome(host: "a", result: .converged, counts: RunSummary(counts: [:]), seconds: 1)
        #expect(outcome.json["sent"] == nil, "the machine had it")
        outcome.upload = difference
        #expect(outcome.json["sent"] == ["bytes": 191_400, "compression": "xz", "base": .string(base)])
        outcome.upload = Upload(size: 1, compression: nil)
        #expect(outcome.json["sent"] == ["bytes": 1, "compression": nil, "base": nil])
    }

    @Test func `durations are readable`() {
        #expect(ReportText.duration(0.0421) == "42 ms")
        #expect(ReportText.duration(9.87) == "9.9 s")
        #expect(ReportText.duration(125) == "2 min 5 s")
    }
}

extension [StyledLine] {
    /// The lines as a terminal without colours shows them.
    func joined(width: Int? = nil) -> String {
        flatMap { $0.wrapped(to: width) }.map { $0.text(isColored: false) }.joined(separator: "\n")
    }
}
