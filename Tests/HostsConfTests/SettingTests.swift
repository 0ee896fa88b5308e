import Testing

@testable import HostsConf

@Suite struct Setting {
    func set(_ key: String = "tag", of host: String = "a.b", to value: String = "v2", in text: String) throws -> String
    {
        try HostsConf.setting(key, of: host, to: value, in: text)
    }

    @Test(arguments: [
        // Replaced in its place: comments, order, blanks and the neighbours stay.
        (
            "# top\n[x]\ntag = 'v0'\n\n[\"a.b\"]  # the app\nrole = \"r\"\n  tag\t= 'v1'   # keep\nport = 22\n",
            "# top\n[x]\ntag = 'v0'\n\n[\"a.b\"]  # the app\nrole = \"r\"\n  tag\t= \"v2\"   # keep\nport = 22\n"
        ),
        ("['a.b']\ntag = '''\nv1\n'''#c\nx = 1", "['a.b']\ntag = \"v2\"#c\nx = 1"),
        ("[\"a.b\"]\n\"tag\" = 7\n", "[\"a.b\"]\n\"tag\" = \"v2\"\n"),
        // Added behind the last key of the table.
        (
            "[\"a.b\"]\nrole = \"r\" # role\n\n# the next\n[x]\n",
            "[\"a.b\"]\nrole = \"r\" # role\ntag = \"v2\"\n\n# the next\n[x]\n"
        ),
        ("[\"a.b\"]\n  role = \"r\"\n", "[\"a.b\"]\n  role = \"r\"\n  tag = \"v2\"\n"),
        ("[\"a.b\"]\nrole = \"r\"", "[\"a.b\"]\nrole = \"r\"\ntag = \"v2\""),
        ("[\"a.b\"]\r\nrole = \"r\"\r\n[x]\r\n", "[\"a.b\"]\r\nrole = \"r\"\r\ntag = \"v2\"\r\n[x]\r\n"),
        ("[\"a.b\"] # none\n\n[x]\ntag = 'v0'\n", "[\"a.b\"] # none\ntag = \"v2\"\n\n[x]\ntag = 'v0'\n"),
        ("[\"a.b\"]", "[\"a.b\"]\ntag = \"v2\""),
        (
            "[\"a.b\"]\nk = [\n  1,\n]\n[\"a.b\".sub]\ntag = 'other'\n",
            "[\"a.b\"]\nk = [\n  1,\n]\ntag = \"v2\"\n[\"a.b\".sub]\ntag = 'other'\n"
        ),
        ("[\"a.b\".sub]\ntag = 'other'\n[\"a.b\"]\n", "[\"a.b\".sub]\ntag = 'other'\n[\"a.b\"]\ntag = \"v2\"\n"),
        ("\u{FEFF}[\"a.b\"]\ntag = 'é'\n# é\n", "\u{FEFF}[\"a.b\"]\ntag = \"v2\"\n# é\n"),
        // It looks like the key and is text.
        (
            "[\"a.b\"]\nnote = \"\"\"\ntag = 'v1'\n[x]\n\"\"\"\n",
            "[\"a.b\"]\nnote = \"\"\"\ntag = 'v1'\n[x]\n\"\"\"\ntag = \"v2\"\n"
        ),
        // It has the value already.
        ("[\"a.b\"]\ntag = 'v2' # as it was\n", "[\"a.b\"]\ntag = 'v2' # as it was\n"),
    ])
    func changesNothingElse(_ text: String, _ expected: String) throws {
        #expect(try Array(set(in: text).utf8) == Array(expected.utf8))
    }

    @Test(arguments: ["", "a\"b", "a\\b", "line\nline\r\t", "\u{1}\u{7F}", "ключ \u{1F600}", "# ] = '"])
    func anyTextComesBack(_ value: String) throws {
        for start in ["[a]\n", "[a]\n\"my key\" = 1\n"] {
            let text = try set("my key", of: "a", to: value, in: start)
            #expect(try TOMLTree.parse(text)["a"] == .table(["my key": .string(value)]))
            #expect(try set("my key", of: "a", to: value, in: text) == text)
        }
    }

    @Test func unknownHost() {
        let error = #expect(throws: HostsConf.UnknownHost.self) { try set(of: "a.c", in: "[fleet]\n[\"a.b\"]\n[x]\n") }
        #expect(error?.known == ["a.b", "x"])
        #expect(error?.nearest == ["a.b"])
    }

    @Test(arguments: ["[\"a.b\"]\n[\"a.b\".tag]\n", "[\"a.b\"]\ntag.x = 1\n"])
    func tableInItsPlace(_ text: String) {
        #expect(throws: HostsConf.CannotSet.self) { try set(in: text) }
    }

    @Test func brokenFileIsRefused() {
        #expect(throws: HostsConf.Errors.self) { try set(in: "[\"a.b\"]\ntag = v1\n") }
        #expect(throws: HostsConf.CannotSet.self) { try set(to: "a\0b", in: "[\"a.b\"]\n") }
    }
}
