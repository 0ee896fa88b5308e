import Propel
import Testing

@testable import HostsConf

@Suite struct ParsingTests {
    @Test func `every key is read`() throws {
        let conf = try parse(
            """
            # who plays which role
            [fleet]
            require-clean = ["app.example.com"]
            require-signed = "*"

            ["demo.sandbox"]
            role = "demo"
            sandbox = true

            ["pi.local"]
            role = "pi"
            address = "192.168.1.20"
            port = 2222
            user = "pi"
            become = "doas"
            identity = "~/.ssh/pi"
            host-keys = ["\(ed25519) root@pi"]
            proxy-jump = "me@bastion:2200,inner"
            connect-timeout = 10
            tag = "v1.4.2"
            swap = "2 GiB"

            [pi.labels]     # unquoted and of the host below

            [pi]
            role = "pi"

            ["app.example.com"]
            role = "production"
            identity = ["~/.ssh/a", "keys/b"]
            domain = "example.com"
            ports = [80, 443]
            """)
        #expect(conf.hosts.map(\.entry.name) == ["demo.sandbox", "pi.local", "pi", "app.example.com"])
        #expect(conf.hosts.map(\.line) == [6, 10, 25, 28])
        #expect(conf.hosts.map(\.sandbox) == [.bookworm, nil, nil, nil])

        let pi = try conf.host(named: "pi.local")
        #expect(pi.entry == HostEntry(name: "pi.local", role: "pi", tag: "v1.4.2", keys: ["swap": "2 GiB"]))
        #expect(
            pi.connection
                == ConnectionSettings(
                    address: "192.168.1.20", port: 2222, user: "pi", become: .doas, identities: ["~/.ssh/pi"],
                    hostKeys: [ed25519], proxyJump: "me@bastion:2200,inner", connectTimeout: .seconds(10)))

        #expect(try conf.host(named: "pi").entry.keys == ["labels": [:]])
        let app = try conf.host(named: "app.example.com")
        #expect(app.connection == ConnectionSettings(identities: ["~/.ssh/a", "keys/b"]))
        #expect(app.entry.keys == ["domain": "example.com", "ports": [80, 443]])
        #expect(conf.policy.requiresClean("app.example.com"))
        #expect(!conf.policy.requiresClean("pi"))
        #expect(conf.policy.requiresSigned("pi"))
    }

    @Test func `the keys of a role have every type`() throws {
        let conf = try parse(
            """
            [a]
            role = "open"
            s = '''it's "quoted" '''
            i = 0x1F
            n = 1.5
            b = false
            l = [1, [2, "three"], { four = 4 }]
            t.x.y = "deep"
            "ключ 1" = "значение"
            [a.sub]
            z = 1
            [[a.many]]
            k = 1
            [[a.many]]
            k = 2
            """)
        #expect(
            conf.hosts[0].entry.keys == [
                "s": #"it's "quoted" "#, "i": 31, "n": 1.5, "b": false, "l": [1, [2, "three"], ["four": 4]],
                "t": ["x": ["y": "deep"]], "ключ 1": "значение", "sub": ["z": 1], "many": [["k": 1], ["k": 2]],
            ])
    }

    @Test func `an empty file has no hosts`() throws {
        #expect(try parse("").hosts.isEmpty)
        #expect(try parse("# nothing yet\n").hosts.isEmpty)
    }

    @Test(arguments: [
        "\u{FEFF}[a]\nrole = \"demo\"\n", "[a]\r\nrole = \"demo\"\r\n", "[a]\nrole=\"demo\"",
        "  [ a ] # c\n\trole\t=\t'demo'",
    ])
    func `whitespace and quotes are free`(_ text: String) throws {
        #expect(try parse(text).hosts == [MachineEntry(entry: HostEntry(name: "a", role: "demo"), line: 1)])
    }

    @Test(arguments: ["::1", "2001:db8::7", "10.0.0.1", "a_b-c", "HOST"])
    func `every name that ssh takes is allowed`(_ name: String) throws {
        #expect(try parse("[\"\(name)\"]\nrole = \"demo\"").host(named: name).entry.name == name)
    }

    @Test func `an unknown host names the nearest and all`() throws {
        let conf = try parse("[\"app.example.com\"]\nrole = \"demo\"\n[pi]\nrole = \"demo\"\n")
        let error = #expect(throws: HostsConf.UnknownHost.self) { try conf.host(named: "ap.example.com") }
        #expect(
            error?.description == """
                hosts.conf has no host “ap.example.com”: did you mean “app.example.com”?
                Its hosts are app.example.com, pi.
                """)
        #expect(
            #expect(throws: HostsConf.UnknownHost.self) { try conf.host(named: "app") }?.nearest == ["app.example.com"])
        #expect(#expect(throws: HostsConf.UnknownHost.self) { try conf.host(named: "zzz") }?.nearest == [])
    }
}

@Suite struct ReadingTests {
    @Test func `a missing file is an error`() {
        let error = #expect(throws: HostsConf.Errors.self) {
            try HostsConf(readingFrom: "/nonexistent/hosts.conf", roles: roles)
        }
        #expect(error?.description.hasPrefix("/nonexistent/hosts.conf: no such file: ") == true)
    }

    @Test func `a folder in its place is an error`() {
        let error = #expect(throws: HostsConf.Errors.self) { try HostsConf(readingFrom: "/", roles: roles) }
        #expect(error?.description.hasPrefix("/: cannot read it: ") == true)
    }

    @Test func `text that is not UTF-8 is an error with its line`() {
        let bytes = Array("[a]\nrole = \"demo\"\ntag = \"".utf8) + [0xE9] + Array("\"\n".utf8)
        let error = #expect(throws: HostsConf.Errors.self) {
            try HostsConf(parsing: bytes, file: "hosts.conf", roles: roles)
        }
        #expect(error?.problems.map(\.line) == [3])
        #expect(error?.description.contains("UTF-8") == true)
    }
}
