import Propel
import TOML
import Testing

@testable import HostsConf

@Suite struct SettingTests {
    func set(_ key: String = "tag", of host: String = "a.b", to value: String? = "v2", in text: String) throws -> String
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
    func `only the value changes`(_ text: String, _ expected: String) throws {
        #expect(try Array(set(in: text).utf8) == Array(expected.utf8))
    }

    @Test(arguments: ["", "a\"b", "a\\b", "line\nline\r\t", "\u{1}\u{7F}", "ключ \u{1F600}", "# ] = '", "e\u{301}"])
    func `any string can be set`(_ value: String) throws {
        for start in ["[a]\n", "[a]\n\"my key\" = 1\n"] {
            let text = try set("my key", of: "a", to: value, in: start)
            #expect(
                try Document(parsing: text).root == Document(parsing: "[a]\n\"my key\" = \(Writing.string(value))").root
            )
            #expect(try set("my key", of: "a", to: value, in: text) == text)
        }
    }

    @Test(arguments: [
        ("[\"a.b\"]\nrole = 'r'\n  tag = 'v1' # now\nx = 1\n", "[\"a.b\"]\nrole = 'r'\nx = 1\n"),
        ("[\"a.b\"]\ntag = '''\nv1\n'''\n\n[x]\ntag = 'v0'\n", "[\"a.b\"]\n\n[x]\ntag = 'v0'\n"),
        ("[\"a.b\"]\r\ntag = 'v1'\r\nx = 1\r\n", "[\"a.b\"]\r\nx = 1\r\n"),
        ("[\"a.b\"]\nx = 1\ntag = 'v1'", "[\"a.b\"]\nx = 1"), ("[\"a.b\"]\r\ntag = 'v1'", "[\"a.b\"]"),
        ("[\"a.b\"]\nx = 1\n", "[\"a.b\"]\nx = 1\n"),
    ])
    func `a key can be removed with its line`(_ text: String, _ expected: String) throws {
        #expect(try Array(set(to: nil, in: text).utf8) == Array(expected.utf8))
    }

    @Test func `an unknown host is an error`() {
        let error = #expect(throws: HostsConf.UnknownHost.self) { try set(of: "a.c", in: "[fleet]\n[\"a.b\"]\n[x]\n") }
        #expect(error?.known == ["a.b", "x"])
        #expect(error?.nearest == ["a.b"])
    }

    @Test(arguments: ["[\"a.b\"]\n[\"a.b\".tag]\n", "[\"a.b\"]\ntag.x = 1\n"])
    func `a table in its place is an error`(_ text: String) {
        #expect(throws: HostsConf.CannotSet.self) { try set(in: text) }
    }

    @Test func `a broken file is an error`() {
        #expect(throws: HostsConf.Errors.self) { try set(in: "[\"a.b\"]\ntag = v1\n") }
        #expect(throws: HostsConf.CannotSet.self) { try set(to: "a\0b", in: "[\"a.b\"]\n") }
    }

    // MARK: - The tag of a stack

    @Test(arguments: [
        // In each place where it may stand.
        (
            "[a]\ntags = { shop = 'v1', wiki = \"1\" } # both\nx = 1\n",
            "[a]\ntags = { shop = \"v2\", wiki = \"1\" } # both\nx = 1\n"
        ),
        ("[a]\ntags = { wiki = \"1\" }\n", "[a]\ntags = { wiki = \"1\", shop = \"v2\" }\n"),
        ("[a]\ntags = {}\n", "[a]\ntags = { shop = \"v2\" }\n"),
        ("[a]\ntags.wiki = '1'\ntags.shop = 'v1' # it\n", "[a]\ntags.wiki = '1'\ntags.shop = \"v2\" # it\n"),
        ("[a]\ntags.wiki = '1'\n", "[a]\ntags.wiki = '1'\ntags.shop = \"v2\"\n"),
        ("[a]\n[a.tags]\nshop = 'v1' # it\n", "[a]\n[a.tags]\nshop = \"v2\" # it\n"),
        ("[a]\n[a.tags]\nwiki = '1'\n[b]\n", "[a]\n[a.tags]\nwiki = '1'\nshop = \"v2\"\n[b]\n"),
        ("[a]\nrole = 'r'\n\n[b]\n", "[a]\nrole = 'r'\ntags = { shop = \"v2\" }\n\n[b]\n"),
        // It has the value already.
        ("[a]\ntags = {shop='v2'}\n", "[a]\ntags = {shop='v2'}\n"),
    ])
    func `the tag of a stack is set where it stands`(_ text: String, _ expected: String) throws {
        let changed = try HostsConf.setting(tagOf: "shop", of: "a", to: "v2", in: text)
        #expect(changed == expected)
        #expect(HostsConf.stackTags(of: "a", in: changed)["shop"] == "v2")
    }

    @Test(arguments: [
        ("[a]\ntags = { shop = 'v1', wiki = \"1\" }\n", "[a]\ntags = { wiki = \"1\" }\n"),
        ("[a]\nx = 1\ntags = { shop = 'v1' }\n", "[a]\nx = 1\n"),
        ("[a]\ntags.shop = 'v1'\nx = 1\n", "[a]\nx = 1\n"), ("[a]\n", "[a]\n"),
        ("[a]\n[a.tags]\nshop = 'v1'\nwiki = '1'\n", "[a]\n[a.tags]\nwiki = '1'\n"),
    ])
    func `the tag of a stack can be removed`(_ text: String, _ expected: String) throws {
        #expect(try HostsConf.setting(tagOf: "shop", of: "a", to: nil, in: text) == expected)
    }

    @Test func `tags that are no table of strings are refused`() {
        for value in ["\"v1\"", "{ shop = 1 }", "{ shop = \"\" }", "[\"v1\"]"] {
            #expect(throws: HostsConf.Errors.self, "\(value)") {
                try HostsConf(
                    parsing: "[a]\nrole = \"r\"\ntags = \(value)\n", roles: [Role("r", runs: Debian.self) { _ in }])
            }
        }
    }

    @Test func `a host has the tags of its stacks`() throws {
        let conf = try HostsConf(
            parsing: "[a]\nrole = \"r\"\ntag = \"v1\"\ntags = { shop = \"v2\" }\n",
            roles: [Role("r", runs: Debian.self) { _ in }])
        let entry = try conf.host(named: "a").entry
        #expect(entry.tag(of: "shop") == "v2" && entry.tag(of: "wiki") == "v1" && entry.keys.isEmpty)
    }
}
