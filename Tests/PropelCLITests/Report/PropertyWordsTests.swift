import Propel
import Testing

@testable import PropelCLI

@Suite struct PropertyWordsTests {
    @Test(
        arguments: [
            (.changed, "user ben", "create", "created: user ben"),
            (.wouldChange, "people/user ben", "create", "would create: people/user ben"),
            (
                .changed, "authorized keys of ben", "create; mode of /home/ben/.ssh 0755 → 0700",
                "created: authorized keys of ben: mode of /home/ben/.ssh 0755 → 0700"
            ),
            (.wouldChange, "file /x", "mode 0644 → 0600", "would change: file /x: mode 0644 → 0600"),
            (.changed, "apt: git", "install git", "installed: git"),
            (
                .wouldChange, "network time/apt: systemd-timesyncd", "install systemd-timesyncd",
                "would install: systemd-timesyncd: for network time"
            ),
            (.changed, "no user ben", "remove the user ben", "changed: no user ben: remove the user ben"),
            (
                .unknown, "x running", "cannot tell until there is a unit x",
                "later: x running: decided when unit x is there"
            ),
            (
                .unknown, "x", "cannot tell until docker.io is installed",
                "later: x: decided when docker.io is installed"
            ),
            (
                .unknown, "x", "cannot tell before the properties are applied",
                "later: x: decided when the properties are applied"
            ),
            (.skipped, "x", "requires y, which failed", "skipped: x: requires y, which failed"),
            (.ok, "x", "", "ok: x"),
        ] as [(PropertyReport.Status, String, String, String)])
    func `status and reason become a verb`(
        _ status: PropertyReport.Status, _ path: String, _ detail: String, _ expected: String
    ) {
        let words = PropertyWords(PropertyReport(path: path, status: status, detail: detail, place: "x:1"))
        let parts = [words.verb, words.subject, words.reason].filter { !$0.isEmpty }
        #expect(parts.joined(separator: ": ") == expected)
        #expect(words.verb.count <= PropertyWords.verbWidth)
    }

    @Test func `an action runs`() {
        #expect(PropertyWords(PropertyReport(path: "restart x", status: .changed)).verb == "ran")
        #expect(PropertyWords(PropertyReport(path: "restart x", status: .wouldChange)).verb == "would run")
    }
}
