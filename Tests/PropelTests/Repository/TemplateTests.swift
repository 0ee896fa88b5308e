import PropelTesting
import RecordedOperations
import Testing

@testable import Propel

@Suite(.recorded) struct TemplateTests {
    /// Lines of files that people have, none of which is a placeholder.
    static let foreign = [
        // Shells, make, systemd, nginx, Apache, cron.
        "export PATH=\"${HOME}/bin:$PATH\" # $1 $@ $$ $(id -u) ${x@Q} \"${a[@]}\"", "CFLAGS = $(shell echo) $@ $< $^",
        "ExecStart=/usr/bin/app %i %% %h --at=%t/app.sock", "proxy_set_header Host $host; # $http_x",
        "RewriteRule ^(.*)$ https://%{HTTP_HOST}/$1 [R=301,L]", "@reboot root /usr/bin/true", "*/5 * * * * mail a@b.c",
        // Jinja, Go templates, ERB, tmux, SQL, Kubernetes.
        "{{ .Values.name }} {% for x in y %}{{ x|e }}{% endfor %} {{- end -}}", "<%= @name %> #{name} ${{ secrets.X }}",
        "set -g status-left '#{pane_title} #(date)'", "SELECT @@version, @@global.sql_mode, @@session.x;",
        // AppArmor, PAM, Perl, PowerShell, autoconf, git.
        "@{HOME}/** rw, @{PROC}/@{pid}/stat r,", "EXAMPLE DEFAULT=@{HOME} OVERRIDE=${x}", "push @{$list}, @_; @{name}",
        "@{ Name = 'x' }", "prefix=@prefix@ @DEFS@", "@@ -1,2 +3 @@ context", "git reset HEAD@{1} @{upstream} @@{u}",
        // Addresses, banners, and marks without a name.
        "root@example.com,a@b", "@@@@@@@@@@@@ banner @@@@@@@@@@@@", "@@", "@", "@@ name @@", "@@1x@@", "@@a.b@@",
        "@@name@",
        "@@a b@@", "", "\u{0}\u{1}binary@@\u{0}",
    ]

    @Test(arguments: foreign) func `what others use is left alone`(_ line: String) {
        let text = TemplateText(Array(line.utf8))
        #expect(text.placeholders.isEmpty)
        #expect(text.parts == (line.isEmpty ? [] : [.bytes(Array(line.utf8))]))
    }

    private func filled(_ text: String, _ values: [String: Content]) throws -> String? {
        try TemplateText(Array(text.utf8)).filled(with: values).bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        ("server_name @@domain@@;\n", "server_name a.example;\n"), ("@@domain@@", "a.example"),
        ("@@domain@@@@port@@", "a.example80"), ("@@@domain@@", "@a.example"), ("root@@@domain@@\n", "root@a.example\n"),
        ("@@@@domain@@", "@@domain@@"), ("@@@@domain@@@@domain@@", "@@domain@@a.example"),
        ("@@@@nobody@@ @@port@@", "@@nobody@@ 80"), ("x@@_a-1@@y", "x@@port@@y"), ("@@domain@@@", "a.example@"),
        ("a\r\n@@port@@\r\n", "a\r\n80\r\n"), ("@@@@ @@port@@", "@@@@ 80"),
    ]) func `placeholders are replaced once`(_ text: String, _ expected: String) throws {
        #expect(try filled(text, ["domain": "a.example", "port": "80", "_a-1": "@@port@@"]) == expected)
    }

    @Test func `bytes that are not text stay`() throws {
        let bytes: [UInt8] = [0xFF, 0xFE, 0, 10] + Array("@@a@@".utf8) + [0xC3]
        #expect(try TemplateText(bytes).filled(with: ["a": "x"]).bytes == [0xFF, 0xFE, 0, 10, 0x78, 0xC3])
    }

    @Test func `a placeholder without a value is found with its line`() {
        let template = Template("files/a.conf", ["domain": "x"])
        let problems = template.problems(in: Array("@@domain@@\n\nport @@port@@\nport @@port@@\n".utf8))
        #expect(problems.count == 2)
        #expect(problems[0].hasPrefix("files/a.conf:3: no value for @@port@@\n"))
        #expect(problems[1].hasPrefix("files/a.conf:4: "))
        #expect(throws: Failure.self) { try TemplateText(Array("@@port@@".utf8)).filled(with: [:]) }
    }

    @Test func `a value without a placeholder is found`() {
        let template = Template("files/a.conf", ["domain": "x", "Domain": "y"])
        #expect(
            template.problems(in: Array("@@domain@@".utf8)) == ["files/a.conf has no @@Domain@@: its value is not used"]
        )
        #expect(Template("a", ["a b": "x"]).problems(in: [])[0].hasPrefix("invalid name of a value “a b”"))
        #expect(Template("a", ["1": "x"]).problems(in: [])[0].hasPrefix("invalid name"))
        #expect(Template("a").problems(in: Array("plain".utf8)).isEmpty)
    }

    @Test func `a large template is refused`() {
        let bytes = [UInt8](repeating: 10, count: Template.sizeLimit + 1)
        #expect(Template("files/a").problems(in: bytes)[0].hasPrefix("files/a has \(bytes.count) bytes"))
    }

    @Test func `a content knows the secrets, facts and files of a template`() {
        let content = Content(
            Template(
                "files/a", ["b": "\(Secret("two"))\(Fact.codename)", "a": "\(Secret("one"))", "c": Content(from: "x")]))
        #expect(content.secrets.map(\.name) == ["one", "two"])
        #expect(content.facts == [.codename])
        #expect(content.sources.map(\.path) == ["files/a", "x"])
        #expect(content.bytes == nil && !content.isResolved)
        #expect(content.fingerprint != Content(Template("files/a", ["b": "1"])).fingerprint)
        #expect(!content.fingerprint.contains("redacted"))
    }

    @Test func `a template is filled with facts and secrets on the machine`() async throws {
        let fake = FakeMachine().run(withRepository: ["files/a": "deb x @@codename@@\npassword=@@password@@\n"])
        let content = Content(
            Template("files/a", ["codename": "\(Fact.codename)", "password": "\(Secret("db"))"]))
        let resolved = try await content.resolved(on: fake.machine)
        #expect(resolved.isResolved)
        #expect(resolved.fingerprint == Content("deb x bookworm\npassword=\(Secret("db"))\n").fingerprint)
    }
}
