import Testing

@testable import HostsConf

/// The content of a file, and its errors.
struct Refusal: Sendable, CustomTestStringConvertible {
    let text: String
    let errors: [String]
    init(_ text: String, _ errors: String...) {
        self.text = text
        self.errors = errors
    }
    var testDescription: String { text.debugDescription }
}

@Suite struct ErrorTests {
    @Test func `all problems are reported in the order of the lines`() {
        #expect(
            problems(
                in: """
                    [fleet]
                    require-clean = ["*", "ap"]
                    requires-signed = []

                    [app]
                    role = "prod"
                    port = 70000
                    tga = "v1"

                    [demo]
                    role = "demo"
                    sandbox = true
                    address = "10.0.0.1"
                    suite = "bullseye"
                    colour = "red"
                    """) == [
                    "hosts.conf:2: require-clean names the unknown host “ap”: did you mean “app”?",
                    "hosts.conf:3: unknown key “requires-signed” in [fleet]: did you mean “require-signed”?",
                    "hosts.conf:6: unknown role “prod”: did you mean “production”?",
                    "hosts.conf:7: port is 70000: use 1 to 65535",
                    "hosts.conf:8: unknown key “tga”: did you mean “tag”?",
                    "hosts.conf:13: address is not for a sandbox: remove it, or sandbox = true",
                    #"hosts.conf:14: unknown suite “bullseye”: use "bookworm" or "trixie""#,
                    "hosts.conf:15: unknown key “colour” for the role “demo”: the keys are address, architecture, "
                        + "become, connect-timeout, from, host-keys, identity, port, proxy-jump, role, sandbox, "
                        + "suite, tag, tags, user",
                ])
    }

    /// One entry of role `pi` with one more line, the third.
    @Test(arguments: [
        Refusal(#"port = "22""#, #"port is "22", but must be a number without quotes: port = 22"#),
        Refusal("port = 0", "port is 0: use 1 to 65535"),
        Refusal("port = 22.0", "port is 22.0, but must be a whole number: use 1 to 65535"),
        Refusal("connect-timeout = 0", "connect-timeout is 0: use 1 to 3600 seconds"),
        Refusal("tag = 2", #"tag is 2, but must be a string: tag = "2""#),
        Refusal(#"tag = """#, "tag is empty: give it a value or remove it"),
        Refusal("user = true", #"user is true, but must be a string: user = "true""#),
        Refusal(
            #"user = "-oProxyCommand=x""#,
            "invalid user “-oProxyCommand=x”: it begins with “-”, which ssh would take for an option"),
        Refusal(#"user = "a b""#, "invalid user “a b”: it contains a space"),
        Refusal(
            #"address = "-oProxyCommand=id""#,
            "invalid address “-oProxyCommand=id”: it begins with “-”, which ssh would take for an option"),
        Refusal(
            #"address = "a;id""#,
            "invalid address “a;id”: it contains “;”; use letters, digits, “.”, “-”, “_” and “:”"),
        Refusal(
            #"address = "a\u001b[2J""#,
            #"invalid address “a\u{1B}[2J”: it contains a control character; use letters, digits, “.”, “-”, “_” and “:”"#
        ),
        Refusal(#"address = """#, "address is empty: give it a value or remove it"),
        Refusal(#"become = "su""#, #"unknown become “su”: use "none", "sudo" or "doas""#),
        Refusal(
            #"proxy-jump = "a,`id`""#,
            "invalid proxy-jump “a,`id`”: host “`id`”: it contains “`”; use letters, digits, “.”, “-”, “_” and “:”"
        ),
        Refusal(#"proxy-jump = "a,,b""#, "invalid proxy-jump “a,,b”: a host is missing beside a comma"),
        Refusal(
            #"proxy-jump = "-l@b""#,
            "invalid proxy-jump “-l@b”: user “-l”: it begins with “-”, which ssh would take for an option"),
        Refusal("identity = [1]", "identity is a list, but must be a string or a list of strings"),
        Refusal(
            #"identity = "~/.ssh/id.pub""#,
            "invalid identity “~/.ssh/id.pub”: it is the public key: name the private one, ~/.ssh/id"),
        Refusal("identity = \"-\u{301}x\"", "invalid identity “-\u{301}x”: it begins with “-”: write ./-\u{301}x"),
        Refusal(
            #"host-keys = "SHA256:abc""#,
            "invalid host key “SHA256:abc”: it is a fingerprint; use the whole key, as ssh-keyscan prints it"),
        Refusal(
            #"host-keys = "ssh-ed25519 AAAA""#,
            "invalid host key “ssh-ed25519 AAAA”: it is damaged or incomplete; copy the whole key"),
        Refusal(
            #"host-keys = "pi ssh-ed25519 AAAA""#,
            "invalid host key “pi ssh-ed25519 AAAA”: it begins with the name of a host; remove that"),
        Refusal(
            #"host-keys = "@cert-authority x""#,
            "invalid host key “@cert-authority x”: it has a marker; certificate authorities belong in known_hosts"),
        Refusal(#"sandbox = "yes""#, #"sandbox is "yes", but must be true or false"#),
        Refusal(#"suite = "trixie""#, "suite is only for sandboxes: add sandbox = true, or remove suite"),
        Refusal(
            "sandbox = true\nproxy-jump = \"b\"",
            "4: proxy-jump is not for a sandbox: remove it, or sandbox = true"),
        Refusal(
            "swap = 2026-01-02",
            #"swap has the value 2026-01-02, which no role can read: put it in quotes: "2026-01-02""#),
        Refusal("swap = [1, nan]", #"swap has the value nan, which no role can read: put it in quotes: "nan""#),
        Refusal("Port = 22", "unknown key “Port” for the role “pi”: did you mean “port”?"),
        Refusal("host_keys = []", "unknown key “host_keys” for the role “pi”: did you mean “host-keys”?"),
        Refusal("swapp = 1", "unknown key “swapp” for the role “pi”: did you mean “swap”?"),
        Refusal(
            "[a.local]\nrole = \"pi\"",
            #"unknown key “local” for the role “pi”: the keys are address, architecture, become, connect-timeout, from, host-keys, identity, labels, port, proxy-jump, role, sandbox, suite, swap, tag, tags, user (for a host of that name, write ["a.local"])"#
        ),
    ])
    func `a problem of one key is reported`(_ refusal: Refusal) {
        let expected = refusal.errors.map { "hosts.conf:" + ($0.hasPrefix("4: ") ? $0 : "3: \($0)") }
        #expect(problems(in: "[a]\nrole = \"pi\"\n" + refusal.text) == expected)
    }

    @Test(arguments: [
        Refusal(
            "[a]\ntag = 'x'",
            #"hosts.conf:1: “a” has no role: add role = "…"; the roles are demo, open, pi, production"#),
        Refusal("[a]\nrole = ''", "hosts.conf:2: role is empty: the roles are demo, open, pi, production"),
        Refusal(
            "[a]\nrole = 'xyzzy'", "hosts.conf:2: unknown role “xyzzy”: the roles are demo, open, pi, production"),
        Refusal("[a]\nrole = 'Demo'", "hosts.conf:2: unknown role “Demo”: did you mean “demo”?"),
        Refusal("[a]\nrole = 7", #"hosts.conf:2: role is 7, but must be a string: role = "7""#),
        Refusal(
            "[pi.local]\nrole = 'demo'\nport = 0",
            #"hosts.conf:1: a host name with a dot must be in quotes: ["pi.local"]"#,
            "hosts.conf:3: port is 0: use 1 to 65535"),
        Refusal(
            "['a b']\nrole = 'demo'",
            "hosts.conf:1: invalid host name “a b”: it contains a space; use letters, digits, “.”, “-”, “_” and “:”"
        ),
        Refusal(
            "['-oProxyCommand=id']\nrole = 'demo'",
            "hosts.conf:1: invalid host name “-oProxyCommand=id”: it begins with “-”, which ssh would take for an "
                + "option"
        ),
        Refusal(
            #"["a\nb"]"# + "\nrole = 'demo'",
            #"hosts.conf:1: invalid host name “a\nb”: it contains a control character; use letters, digits, “.”, “-”, “_” and “:”"#
        ),
        Refusal("['']\nrole = 'demo'", "hosts.conf:1: the name of the host is empty"),
        Refusal(
            "['a/../b']\nrole = 'demo'",
            "hosts.conf:1: invalid host name “a/../b”: it contains “/”; use letters, digits, “.”, “-”, “_” and “:”"
        ),
        Refusal(
            "[Pi]\nrole = 'demo'\n[pi]\nrole = 'demo'",
            "hosts.conf:3: the host “pi” is already in line 1 as “Pi”: rename or remove one of them (ssh ignores "
                + "case)"),
        Refusal("[[a]]\nrole = 'demo'", "hosts.conf:1: a host is a single table: write [a]"),
        Refusal(
            "role = 'demo'",
            #"hosts.conf:1: “role” does not belong to a host: add a header such as ["demo.sandbox"] above it"#),
        Refusal("'a.b' = { role = 'demo' }", #"hosts.conf:1: the host “a.b” needs a header: write ["a.b"]"#),
        Refusal(
            "['a.b'.labels]\nx = 1",
            #"hosts.conf:1: this table belongs to the host “a.b”, which has no entry: add ["a.b"]"#),
        Refusal(
            "[fleet]\nrequire-clean = 1",
            #"hosts.conf:2: require-clean is 1, but must be a list of hosts, or "*" for all"#),
        Refusal(
            "[fleet]\nrequire-signed = [\n  '*',\n  'x',  # gone\n]",
            "hosts.conf:4: require-signed names the unknown host “x”: there are no hosts"),
        Refusal(
            "[a]\nrole = 'pi'\nhost-keys = [\n  '\(ed25519)',\n\n  'nonsense',\n]",
            "hosts.conf:6: invalid host key “nonsense”: it does not begin with a key type: ssh-ed25519, "
                + "ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, ssh-rsa, "
                + "sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com"
        ),
        Refusal("[a]\nrole = 'open'\nx = \"a\\u0000b\"", #"hosts.conf:3:5: \u0000 is not allowed here: remove it"#),
        Refusal(
            "[a]\nrole = 'open'\n# \0 hidden\nrole = 1",
            "hosts.conf:3:3: control character U+0000 in a comment: control characters other than tab are not allowed"),
    ])
    func `a problem of the file is reported`(_ refusal: Refusal) {
        #expect(problems(in: refusal.text) == refusal.errors)
    }

    @Test func `nesting that is too deep is a syntax error`() {
        let found = problems(in: "[a]\nrole = 'open'\nx = " + String(repeating: "[", count: 100_000))
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("hosts.conf:3:") == true)
    }

    @Test(arguments: [
        (
            "[a]\nrole = 'open'\naddress = '10.0.0.1'\n[b]\nrole = 'open'\naddress = '10.0.0.1'",
            "6: “b” has the address of “a” in line 1, “10.0.0.1”"
        ),
        (
            "[a]\nrole = 'open'\naddress = 'pi.lan'\n['pi.lan']\nrole = 'open'",
            "4: “pi.lan” has the address of “a” in line 1"
        ),
        (
            "[a]\nrole = 'open'\naddress = 'Pi.'\nport = 22\n[b]\nrole = 'open'\naddress = 'pi'",
            "7: “b” has the address of “a”"
        ),
        (
            "[a]\nrole = 'open'\naddress = 'x'\nproxy-jump = 'j'\n[b]\nrole = 'open'\nproxy-jump = 'j'\naddress = 'x'",
            "8: “b” has the address of “a”"
        ),
    ])
    func `two hosts with the same address are refused`(_ text: String, _ message: String) {
        let found = problems(in: text)
        #expect(found.count == 1 && found.first?.hasPrefix("hosts.conf:\(message)") == true, "\(found)")
    }

    @Test(arguments: [
        "[a]\nrole = 'open'\naddress = '10.0.0.1'\n[b]\nrole = 'open'\naddress = '10.0.0.2'",
        "[a]\nrole = 'open'\naddress = 'x'\n[b]\nrole = 'open'\naddress = 'x'\nport = 2222",
        "[a]\nrole = 'open'\naddress = 'x'\n[b]\nrole = 'open'\naddress = 'x'\nproxy-jump = 'j'",
        "[a]\nrole = 'open'\nsandbox = true\n[b]\nrole = 'open'\naddress = 'a'",
    ])
    func `other ports and jump hosts are other machines`(_ text: String) { #expect(problems(in: text) == []) }

    @Test func `a key that resembles another is allowed if the role declares it`() throws {
        #expect(problems(in: "[a]\nrole = 'production'\nports = [1]") == [])
        #expect(
            problems(in: "[a]\nrole = 'open'\nports = [1]")
                == ["hosts.conf:3: unknown key “ports” for the role “open”: did you mean “port”?"])
    }

    @Test(arguments: [
        Refusal("[a]\nrole = demo\n", #"hosts.conf:2:8: “demo” is not a value: put strings in quotes: "demo""#),
        Refusal("[a]\nrole \"demo\"\n", #"hosts.conf:2:6: expected “=” after the key, found “"”"#),
        Refusal(
            "[a\nrole = 'demo'\n", "hosts.conf:1:3: expected “]” after the name of the table, found the end of the line"
        ),
        Refusal(
            "[a]\nrole = 'demo\n",
            "hosts.conf:2:13: string without a closing quote: add '"
        ),
        Refusal("[a]\nl = [1, 2\nrole = 'demo'\n", "hosts.conf:3:1: expected “,” or “]” in the list, found “r”"),
        Refusal("[a]\nrole =\n", "hosts.conf:2:7: expected a value, found the end of the line"),
        Refusal(
            "[a]\nrole = \"\\q\"\n",
            #"hosts.conf:2:9: “q” after a backslash is not an escape: write \\ for a backslash, or put the string in single quotes"#
        ),
        Refusal("[a]\nrole = v1.2\n", #"hosts.conf:2:8: “v1.2” is not a value: put strings in quotes: "v1.2""#),
        Refusal(
            "[a]\nrole = true-north\n",
            #"hosts.conf:2:8: “true-north” is not a value: put strings in quotes: "true-north""#),
        Refusal("[a]\nport = 22x\n", #"hosts.conf:2:8: “22x” is not a value: put strings in quotes: "22x""#),
        Refusal(
            "[a]\nx = 1\n[*.example.com]\n",
            "hosts.conf:3:2: expected a name, found “*”: put names with characters other than letters, digits, “-” "
                + "and “_” in quotes"
        ),
        Refusal(
            "[ é.local]\n",
            "hosts.conf:1:3: expected a name, found “é”: put names with characters other than letters, digits, “-” "
                + "and “_” in quotes"
        ),
        Refusal(
            "[a]\nx = [1,\n  1979-05-27Tn7:32:00Z]\n",
            "hosts.conf:3:3: invalid date or time “1979-05-27Tn7:32:00Z”: write it like 1979-05-27, 07:32:00 or "
                + "1979-05-27T07:32:00Z, or put a string in quotes"
        ),
        Refusal("[a]\nx = [1, }\n", "hosts.conf:2:9: expected a value, found “}”"),
        Refusal("[a]\nx = { y = , z = 1 }\n", "hosts.conf:2:11: expected a value, found “,”"),
        Refusal(
            "[\n]\n",
            "hosts.conf:1:2: expected a name, found the end of the line"
        ),
        // The first error is the one that is reported.
        Refusal("[a]\ny 1\n[*]\n", "hosts.conf:2:3: expected “=” after the key, found “1”"),
        Refusal(
            "[a]\nx = 99999999999999999999",
            "hosts.conf:2:5: invalid number “99999999999999999999”: it does not fit into 64 bits"),
        Refusal(
            "[a]\nrole = 'x' tag = 'y'\n",
            "hosts.conf:2:12: expected the end of the line, found “t”"),
        Refusal(
            "[a]\nrole = 'x'\n\n[a]\nrole = 'y'\n",
            "hosts.conf:4:2: table [a] already begins in line 1: put its keys together there"
        ),
        Refusal(
            "[a]\nrole = 'x'\nrole = 'y'\n",
            "hosts.conf:3:1: “role” is already set in line 2: keep one of the two"
        ),
    ])
    func `a syntax error names the position and the expected token`(_ refusal: Refusal) {
        #expect(problems(in: refusal.text) == refusal.errors)
    }
}
