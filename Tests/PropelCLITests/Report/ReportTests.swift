import Propel
import Sandbox
import Testing

@testable import PropelCLI

@Suite struct ReportTests {
    private let show = ShowReport(
        host: "web", role: "web", tag: "v2", platform: "Debian",
        properties: [
            .init(
                name: "people", place: "Sources/Hosts/Web.swift:3", actions: ["restart x"],
                requirements: [.init(name: "apt: git", actions: [], requirements: [], members: [])],
                members: [
                    .init(name: "user ben", place: nil, actions: [], requirements: [], members: [])
                ])
        ],
        secrets: [.init(name: "password", context: "role web"), .init(name: "key", context: nil)],
        ports: [.init(port: "80/tcp", path: "site/nginx")])

    @Test func `show draws a tree`() {
        #expect(
            show.text.lines.joined() == """
                web  role web, tag v2, runs Debian
                  people  Sources/Hosts/Web.swift:3
                    on change: restart x
                    requires
                      apt: git
                    user ben
                secrets: password (for role web), key (missing)
                ports: 80/tcp (site/nginx)
                """)
    }

    @Test func `show names the hosts whose entries the role reads`() throws {
        var show = self.show
        show.fleetHosts = ["db1", "web2"]
        #expect(show.text.lines.joined().hasSuffix("\nreads the entries of: db1, web2"))
        #expect(try #require(show.json.first)["reads"] == ["db1", "web2"])
    }

    @Test func `show has the same tree as JSON`() throws {
        let line = try #require(show.json.first)
        #expect(show.json.count == 1 && line["version"] == 1 && line["kind"] == "properties")
        let group = line["properties"]?.array?.first
        #expect(group?["name"] == "people" && group?["place"] == "Sources/Hosts/Web.swift:3")
        #expect(group?["requires"]?.array?.first?["name"] == "apt: git")
        #expect(group?["members"]?.array?.first?["name"] == "user ben")
        #expect(line["secrets"] == [["name": "password", "for": "role web"], ["name": "key", "for": .null]])
        #expect(line["ports"] == [["port": "80/tcp", "path": "site/nginx"]])
    }

    @Test func `a new repository is named, with a command that a shell takes`() throws {
        let report = InitReport(
            folder: "/home/anna/my machines", givenFolder: "my machines", hosts: ["demo.sandbox", "web1"],
            isCommitted: true)
        #expect(report.text.lines.joined().hasSuffix("Try it: cd 'my machines' && ./propel demo.sandbox"))
        let line = try #require(report.json.first)
        #expect(line["kind"] == "repository" && line["folder"] == "/home/anna/my machines")
        #expect(line["hosts"] == ["demo.sandbox", "web1"] && line["committed"] == true)
    }

    @Test func `a compose file is printed byte for byte`() {
        let file = "services:\n  app:\n    image: \"x\"\n"
        let report = ComposeReport(host: "a", stack: "shop", file: file)
        #expect(report.text.verbatim == file && report.text.lines.isEmpty)
        #expect(
            report.json == [["version": 1, "kind": "compose", "host": "a", "stack": "shop", "file": .string(file)]])
    }

    @Test func `an empty list says how to add to it, on standard error`() {
        let reports: [any Report] = [
            SecretListReport(rows: []), SandboxListReport(rows: []), KeyListReport(keys: [], own: []),
            HistoryReport(host: "a", isSandbox: false, entries: []),
        ]
        for report in reports {
            #expect(report.json.isEmpty && report.text.lines.isEmpty)
            #expect(!report.text.notes.isEmpty)
        }
        #expect(
            HistoryReport(host: "a", isSandbox: true, entries: []).text.notes.joined()
                == "a is a sandbox: its deployments are not recorded in git")
    }

    @Test func `sandboxes are a table`() {
        let report = SandboxListReport(rows: [
            .init(name: "demo", state: "running", release: "bookworm", address: "10.77.0.2"),
            .init(name: "half", state: "incomplete"),
        ])
        #expect(
            report.text.lines.joined() == """
                NAME  STATE       RELEASE   ADDRESS
                demo  running     bookworm  10.77.0.2
                half  incomplete  -         -
                """)
        #expect(report.json.map { $0["name"] } == ["demo", "half"])
    }

    @Test func `each line of JSON has a kind and the version`() {
        let reports: [any Report] = [
            show, SandboxDownReport(names: ["a"]), SandboxShellReport(name: "a", command: ["ssh", "a"]),
            SandboxUpReport(sandbox: .init(name: "a", state: "running"), user: "root", givenName: "a"),
            RunReport(outcomes: [], mode: .plan, seconds: 1),
        ]
        for line in reports.flatMap(\.json) {
            #expect(line["version"] == 1 && line["kind"]?.string?.isEmpty == false, "\(line)")
        }
    }
}
