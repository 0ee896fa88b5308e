import Testing

@testable import Propel

@Suite struct FormerRunsTests {
    private func journal(_ name: String, in directory: TemporaryDirectory, _ lines: [String]) throws -> FilePath {
        let path = directory.path.appending(name)
        try LocalFileSystem().replace(path, with: Array(lines.joined(separator: "\n").utf8), mode: 0o600)
        return path
    }

    private func line(_ path: String, _ status: PropertyReport.Status, _ seconds: Double) -> String {
        Event.property(PropertyReport(path: path, status: status, seconds: seconds)).json.description
    }

    @Test func `the usual time is the median of the runs that applied it`() throws {
        let directory = try TemporaryDirectory()
        let journals = [
            try journal("1", in: directory, [line("a", .changed, 10), line("b", .ok, 1), line("b", .failed, 2)]),
            try journal("2", in: directory, [line("a", .changed, 90)]),
            // The run was killed in the middle of a line.
            try journal("3", in: directory, [line("a", .changed, 20), #"{"kind":"property","path":"a","#]),
            directory.path.appending("missing"),
        ]
        let runs = FormerRuns(journals: journals)
        #expect(runs.usualSeconds(of: "a") == 20)
        #expect(runs.usualSeconds(of: "b") == nil, "a check that found nothing to do says nothing")
        #expect(FormerRuns(journals: Array(journals[1...2])).usualSeconds(of: "a") == 55)
    }
}
