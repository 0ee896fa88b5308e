import Testing

@testable import HostsConf

/// A document and the errors that it gives.
struct Refusal: Sendable, CustomTestStringConvertible {
    let text: String
    let errors: [String]
    init(_ text: String, _ errors: String...) {
        self.text = text
        self.errors = errors
    }
    var testDescription: String { text.debugDescription }
}

@Suite struct ErrorMessages {
    @Test func allAreReportedInTheOrderOfTheLines() {
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
                    #"hosts.conf:2: require-clean names an unknown host "ap"; did you mean "app"?"#,
                    #"hosts.conf:3: unknown key "requires-signed" in [fleet]; did you mean "require-signed"?"#,
                    #"hosts.conf:6: unknown role "prod"; did you mean "production"?"#,
                    #"hosts.conf:7: port must be 1 to 65535, not 70000"#,
                    #"hosts.conf:8: unknown key "tga"; did you mean "tag"?"#,
                    #"hosts.conf:13: a sandbox settles its address itself; leave out address, or sandbox = true"#,
                    #"hosts.conf:14: suite must be "bookworm" or "trixie", not "bullseye""#,
                    #"hosts.conf:15: unknown key "colour" for the role "demo"; the keys are: address, architecture, become, connect-timeout, from, host-keys, identity, port, proxy-jump, role, sandbox, suite, tag, user"#,
                ])
    }

    /// One entry of role `pi` with one more line, the third.
    @Test(arguments: [
        Refusal(#"port = "22""#, "port must be a whole number, without quotes: port = 22"),
        Refusal("port = 0", "port must be 1 to 65535, not 0"),
        Refusal("port = 22.0", "port must be a whole number, not a number"),
        Refusal("connect-timeout = 0", "connect-timeout must be 1 to 3600 seconds, not 0"),
        Refusal("tag = 2", "tag must be a string, in quotes, not a whole number"),
        Refusal(#"tag = """#, "tag is empty"),
        Refusal("user = true", "user must be a string, in quotes, not true or false"),
        Refusal(
            #"user = "-oProxyCommand=x""#,
            #"user "-oProxyCommand=x" begins with a dash, which ssh would take for an option"#),
        Refusal(#"user = "a b""#, #"user "a b" contains a space"#),
        Refusal(
            #"address = "-oProxyCommand=id""#,
            #"address "-oProxyCommand=id" begins with a dash, which ssh would take for an option"#),
        Refusal(
            #"address = "a;id""#,
            #"address "a;id" contains ";"; a host name has letters, digits, ".", "-", "_" and ":""#),
        Refusal(
            #"address = "a\u001b[2J""#,
            #"address "a\u{1B}[2J" contains a control character; a host name has letters, digits, ".", "-", "_" and ":""#
        ),
        Refusal(#"address = """#, "address is empty"),
        Refusal(#"become = "su""#, #"become must be "none" or "sudo" or "doas", not "su"; did you mean "sudo"?"#),
        Refusal(
            #"proxy-jump = "a,`id`""#,
            #"proxy-jump "a,`id`" has a host that contains "`"; a host name has letters, digits, ".", "-", "_" and ":""#
        ),
        Refusal(#"proxy-jump = "a,,b""#, #"proxy-jump "a,,b" has a host that is empty"#),
        Refusal(
            #"proxy-jump = "-l@b""#,
            #"proxy-jump "-l@b" has a user that begins with a dash, which ssh would take for an option"#),
        Refusal("identity = [1]", "identity must be a string or a list of strings, not a list"),
        Refusal(
            #"identity = "~/.ssh/id.pub""#,
            #"identity "~/.ssh/id.pub" is the public half of a key; name the private one"#),
        Refusal(
            #"host-keys = "SHA256:abc""#,
            #"the host key "SHA256:abc" is a fingerprint; a pin is the whole key, as ssh-keyscan prints it"#),
        Refusal(
            #"host-keys = "ssh-ed25519 AAAA""#,
            #"the host key "ssh-ed25519 AAAA" is no ssh-ed25519 key; it was cut off or changed"#),
        Refusal(
            #"host-keys = "pi ssh-ed25519 AAAA""#,
            #"the host key "pi ssh-ed25519 AAAA" begins with the host's name; leave that out"#),
        Refusal(
            #"host-keys = "@cert-authority x""#,
            #"the host key "@cert-authority x" has a marker; certificate authorities belong in known_hosts"#),
        Refusal(#"sandbox = "yes""#, "sandbox must be true or false, not a string"),
        Refusal(#"suite = "trixie""#, "suite is for sandboxes; add sandbox = true, or leave it out"),
        Refusal(
            "sandbox = true\nproxy-jump = \"b\"",
            "4: a sandbox settles its proxy-jump itself; leave out proxy-jump, or sandbox = true"),
        Refusal("swap = 2026-01-02", "swap holds a date; write it as a string, in quotes"),
        Refusal("swap = [1, nan]", "swap holds nan; write it as a string, in quotes"),
        Refusal("Port = 22", #"unknown key "Port" for the role "pi"; did you mean "port"?"#),
        Refusal("host_keys = []", #"unknown key "host_keys" for the role "pi"; did you mean "host-keys"?"#),
        Refusal("swapp = 1", #"unknown key "swapp" for the role "pi"; did you mean "swap"?"#),
        Refusal(
            "[a.local]\nrole = \"pi\"",
            #"unknown key "local" for the role "pi"; the keys are: address, architecture, become, connect-timeout, from, host-keys, identity, labels, port, proxy-jump, role, sandbox, suite, swap, tag, user (if it is a host of its own, quote it: ["a.local"])"#
        ),
    ])
    func oneKey(_ refusal: Refusal) {
        let expected = refusal.errors.map { "hosts.conf:" + ($0.hasPrefix("4: ") ? $0 : "3: \($0)") }
        #expect(problems(in: "[a]\nrole = \"pi\"\n" + refusal.text) == expected)
    }

    @Test(arguments: [
        Refusal(
            "[a]\ntag = 'x'",
            #"hosts.conf:1: "a" has no role; add role = "…"; the roles are: demo, open, pi, production"#),
        Refusal("[a]\nrole = ''", "hosts.conf:2: the role is empty; the roles are: demo, open, pi, production"),
        Refusal(
            "[a]\nrole = 'xyzzy'", #"hosts.conf:2: unknown role "xyzzy"; the roles are: demo, open, pi, production"#),
        Refusal("[a]\nrole = 'Demo'", #"hosts.conf:2: unknown role "Demo"; did you mean "demo"?"#),
        Refusal("[a]\nrole = 7", "hosts.conf:2: role must be a string, in quotes, not a whole number"),
        Refusal(
            "[pi.local]\nrole = 'demo'\nport = 0",
            #"hosts.conf:1: a host name with a dot stands in quotes: ["pi.local"]"#,
            "hosts.conf:3: port must be 1 to 65535, not 0"),
        Refusal(
            "['a b']\nrole = 'demo'",
            #"hosts.conf:1: the host name "a b" contains a space; a host name has letters, digits, ".", "-", "_" and ":""#
        ),
        Refusal(
            "['-oProxyCommand=id']\nrole = 'demo'",
            #"hosts.conf:1: the host name "-oProxyCommand=id" begins with a dash, which ssh would take for an option"#),
        Refusal(
            #"["a\nb"]"# + "\nrole = 'demo'",
            #"hosts.conf:1: the host name "a\nb" contains a control character; a host name has letters, digits, ".", "-", "_" and ":""#
        ),
        Refusal("['']\nrole = 'demo'", #"hosts.conf:1: the host name "" is empty"#),
        Refusal(
            "['a/../b']\nrole = 'demo'",
            #"hosts.conf:1: the host name "a/../b" contains "/"; a host name has letters, digits, ".", "-", "_" and ":""#
        ),
        Refusal(
            "[Pi]\nrole = 'demo'\n[pi]\nrole = 'demo'",
            #"hosts.conf:3: "pi" and "Pi" are one name to ssh; keep one of the two"#),
        Refusal("[[a]]\nrole = 'demo'", "hosts.conf:1: a host is one table; write [a] with single brackets"),
        Refusal(
            "role = 'demo'",
            #"hosts.conf:1: "role" stands outside of a host; put the host's name above it: ["demo.sandbox"]"#),
        Refusal("'a.b' = { role = 'demo' }", #"hosts.conf:1: write the host "a.b" as a table of its own: ["a.b"]"#),
        Refusal("['a.b'.labels]\nx = 1", #"hosts.conf:1: belongs to the host "a.b", which has no ["a.b"] of its own"#),
        Refusal(
            "[fleet]\nrequire-clean = 1",
            #"hosts.conf:2: require-clean must be a list of host names, or "*", not a whole number"#),
        Refusal(
            "[fleet]\nrequire-signed = [\n  '*',\n  'x',  # gone\n]",
            #"hosts.conf:4: require-signed names an unknown host "x"; there are no hosts"#),
        Refusal(
            "[a]\nrole = 'pi'\nhost-keys = [\n  '\(ed25519)',\n\n  'nonsense',\n]",
            #"hosts.conf:6: the host key "nonsense" does not begin with a type of key (ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, ssh-rsa, sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com)"#
        ),
        Refusal("[a]\nrole = 'open'\nx = \"a\\u0000b\"", #"hosts.conf:3: \u0000 cannot stand in a value"#),
        Refusal("[a]\nrole = 'open'\n# \0 hidden\nrole = 1", "hosts.conf:3: contains a NUL byte"),
    ])
    func wholeFiles(_ refusal: Refusal) {
        #expect(problems(in: refusal.text) == refusal.errors)
    }

    @Test func nestingThatIsTooDeepIsAnErrorOfSyntax() {
        let found = problems(in: "[a]\nrole = 'open'\nx = " + String(repeating: "[", count: 100_000))
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("hosts.conf:3:") == true)
    }

    @Test func nearMissOfADeclaredKeyIsAllowedWhereTheRoleDeclaresIt() throws {
        #expect(problems(in: "[a]\nrole = 'production'\nports = [1]") == [])
        #expect(
            problems(in: "[a]\nrole = 'open'\nports = [1]")
                == [#"hosts.conf:3: unknown key "ports" for the role "open"; did you mean "port"?"#])
    }

    @Test(arguments: [
        Refusal("[a]\nrole = demo\n", #"hosts.conf:2:8: expected a value; a text stands in quotes: "demo""#),
        Refusal("[a]\nrole \"demo\"\n", #"hosts.conf:2:6: key-value pair: expected '=', saw '"'"#),
        Refusal("[a\nrole = 'demo'\n", #"hosts.conf:1:3: table header: expected ']', saw '\n'"#),
        Refusal(
            "[a]\nrole = 'demo\n",
            #"hosts.conf:2:13: literal string: control characters other than TAB (U+0009) are explicitly prohibited; is the closing quote missing?"#
        ),
        Refusal("[a]\nl = [1, 2\nrole = 'demo'\n", #"hosts.conf:3:1: array: expected comma or closing ']', saw 'r'"#),
        Refusal("[a]\nrole =\n", #"hosts.conf:2:7: key-value pair: expected value, saw '\n'"#),
        Refusal("[a]\nrole = \"\\q\"\n", #"hosts.conf:2:10: string: unknown escape sequence '\q'"#),
        Refusal("[a]\nrole = v1.2\n", #"hosts.conf:2:8: expected a value; a text stands in quotes: "v1.2""#),
        Refusal(
            "[a]\nrole = true-north\n", #"hosts.conf:2:8: expected a value; a text stands in quotes: "true-north""#),
        Refusal("[a]\nport = 22x\n", #"hosts.conf:2:8: expected a value; a text stands in quotes: "22x""#),
        // TOMLKit would end the process at these.
        Refusal(
            "[a]\nx = 1\n[*.example.com]\n",
            #"hosts.conf:3:2: table header: expected a name, saw '*'; a name with other characters than letters, digits, "-" and "_" stands in quotes"#
        ),
        Refusal(
            "[ é.local]\n",
            #"hosts.conf:1:3: table header: expected a name, saw 'é'; a name with other characters than letters, digits, "-" and "_" stands in quotes"#
        ),
        Refusal(
            "[a]\nx = [1,\n  1979-05-27Tn7:32:00Z]\n",
            #"hosts.conf:3:3: expected a value; a text stands in quotes: "1979-05-27Tn7:32:00Z""#),
        Refusal("[a]\nx = [1, }\n", #"hosts.conf:2:9: expected a value; a text stands in quotes: "}""#),
        Refusal("[a]\nx = { y = , z = 1 }\n", #"hosts.conf:2:11: expected a value; a text stands in quotes: ",""#),
        Refusal(
            "[\n]\n",
            #"hosts.conf:1:2: table header: expected a name, saw '\n'; a name with other characters than letters, digits, "-" and "_" stands in quotes"#
        ),
        // … and the first error is the first that is told.
        Refusal("[a]\ny 1\n[*]\n", "hosts.conf:2:3: key-value pair: expected '=', saw '1'"),
        Refusal(
            "[a]\nx = 99999999999999999999",
            "hosts.conf:2:25: decimal integer: '99999999999999999999' is not representable in 64 bits"),
        Refusal(
            "[a]\nrole = 'x' tag = 'y'\n",
            #"hosts.conf:2:12: key-value pair: expected a comment or whitespace, saw 't'"#),
        Refusal(
            "[a]\nrole = 'x'\n\n[a]\nrole = 'y'\n",
            #"hosts.conf:4:1: table header: cannot redefine existing table 'a'; it begins in line 1 already, put its keys together there"#
        ),
        Refusal(
            "[a]\nrole = 'x'\nrole = 'y'\n",
            #"hosts.conf:3:8: key-value pair: cannot redefine existing string 'role'; it is set in line 2 already, keep one of the two"#
        ),
    ])
    func syntaxErrorsNameThePlaceAndWhatIsExpected(_ refusal: Refusal) {
        #expect(problems(in: refusal.text) == refusal.errors)
    }
}
