import Propel
import Testing

@testable import PropelCLI

@Suite struct RunsReportTests {
    private let report = RunsReport(
        host: "web1",
        runs: [
            RunRecord(
                id: "20250131T130000Z-2", deployer: "ben\n@pc", operation: "backup", ending: .rolledBack, seconds: 61,
                counts: RunSummary(counts: [.failed: 1])),
            RunRecord(
                id: "20250131T120000Z-1", only: ["web", "apt"], ending: .converged, seconds: 0.25,
                counts: RunSummary(counts: [.ok: 3, .changed: 2])),
        ])

    @Test func `a run is one line`() {
        #expect(
            report.text.lines.joined() == #"""
                RUN                 BEGUN                 BY        RESULT                     TIME    CHANGED  FAILED
                20250131T130000Z-2  2025-01-31T13:00:00Z  ben\n@pc  rolled back (backup)       61.0 s  0        1
                20250131T120000Z-1  2025-01-31T12:00:00Z  -         converged (only web, apt)  250 ms  2        0
                """#)
    }

    @Test func `a run whose changes were put back says so`() {
        let counts = RunSummary(counts: [.failed: 1])
        let report = RunsReport(
            host: "web1", runs: [RunRecord(id: "20250131T120000Z-1", ending: .putBack, counts: counts)])
        #expect(report.text.lines.joined().contains("put back"))
        #expect(report.json.first?["result"] == "put-back")
        let nothing = HostRuns.nothingToJoin(on: "web1", last: report.runs[0])
        #expect(nothing.contains("began at 2025-01-31T12:00:00Z: put back."))
    }

    @Test func `the JSON of a run has every member, also those that are not known`() throws {
        let line = try #require(report.json.last)
        #expect(line["kind"] == "run" && line["version"] == 1 && line["host"] == "web1")
        #expect(line["run"] == "20250131T120000Z-1" && line["begun"] == "2025-01-31T12:00:00Z")
        #expect(line["deployer"] == .null && line["operation"] == .null && line["only"] == ["web", "apt"])
        #expect(line["result"] == "converged" && line["seconds"] == 0.25 && line["counts"]?["changed"] == 2)
        #expect(report.json.first?["result"] == "rolled-back")
    }

    @Test func `without runs it says how to make one`() {
        let empty = RunsReport(host: "web1", runs: [])
        #expect(empty.text.lines.isEmpty && empty.json.isEmpty)
        #expect(empty.text.notes.joined() == "web1 remembers no run: `propel web1` makes one")
    }
}
