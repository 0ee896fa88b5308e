import PlainText
import Foundation
import Testing

@testable import SSHTransport

@Suite struct Parts {
    @Test(arguments: [["a b", "it's", "", "$x `y` \\ \"z\"", "*", "a\nb", "-n", "~", "ü"], ["plain-1.2_3/x:y=z,+@"]])
    func `a shell reads quoted words back unchanged`(words: [String]) throws {
        let printed = try shell("printf '%s\\0' \(ShellQuoting.quote(words)) | tr '\\0\\n' '\\n|'")
        #expect(printed.components(separatedBy: "\n") == words.map { $0.replacingOccurrences(of: "\n", with: "|") })
    }

    @Test(arguments: 1...8) func `lines do not depend on how the stream is cut`(size: Int) {
        let text = Array("one\n\ntwo three\nlast".utf8)
        var splitter = LineSplitter()
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            splitter.append(Array(text[start..<min(start + size, text.count)]))
            while let line = splitter.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(lines == ["one", "", "two three"])
        #expect(Array(splitter.rest) == Array("last".utf8))
    }

    @Test func `raw bytes after a line are taken unchanged`() {
        var splitter = LineSplitter()
        splitter.append(Array("three\na\nb".utf8))
        #expect(splitter.next().map { String(decoding: $0, as: UTF8.self) } == "three")
        #expect(splitter.take(2).elementsEqual("a\n".utf8))
        #expect(splitter.take(5).elementsEqual("b".utf8))
        #expect(splitter.take(5).isEmpty)
        splitter.append(Array("c\nnext\n".utf8))
        #expect(splitter.take(1).elementsEqual("c".utf8))
        #expect(splitter.next()?.isEmpty == true)
        #expect(splitter.next().map { String(decoding: $0, as: UTF8.self) } == "next")
    }

    @Test(arguments: ["", "-oProxyCommand=x", "a b", "a;b", "$(x)", "a'b", "a@b", "a\nb", "a|b", "a/b", "-\u{301}x"])
    func `an invalid host name is refused`(host: String) async {
        do {
            _ = try await ClientConfiguration.resolve(Destination(host: host))
            Issue.record("\(host) was accepted as a host name")
        } catch let TransportError.configuration(named, _) {
            #expect(named == host)
        } catch {
            Issue.record(error)
        }
    }

    @Test func `addresses are valid host names`() {
        for host in ["10.0.0.1", "::1", "fe80::1%eth0", "my-host.example.org", "under_score"] {
            #expect(ClientConfiguration.isPlausible(host: host))
        }
    }

    @Test func `unsupported options are reported`() throws {
        let configuration = try ClientConfiguration(
            alias: "box",
            parsing: "hostname box\nbindaddress 10.0.0.1\nsetenv A=b\nproxyusefdpass no\nstricthostkeychecking false\n")
        #expect(configuration.warnings.count == 3)
        #expect(
            configuration.warnings[0] == "box: the ssh configuration sets BindAddress 10.0.0.1, which is not supported")
    }

    @Test func `tokens are expanded`() throws {
        let configuration = try ClientConfiguration(alias: "box", parsing: "hostname b.example\nport 2222\nuser ada\n")
        #expect(
            try configuration.expandTokens("nc %h:%p as %r for %n, 100%%") == "nc b.example:2222 as ada for box, 100%")
        #expect(throws: TransportError.self) { try configuration.expandTokens("%C") }
        #expect(configuration.hostKeyName == "[b.example]:2222")
    }

    @Test func `the last jump host is reached through the others`() throws {
        let configuration = try ClientConfiguration(
            alias: "box", parsing: "hostname b.example\nport 22\nproxyjump ada@one:23,two\n")
        #expect(
            try configuration.proxyCommand(configurationFile: nil) == [
                "ssh", "-o", "BatchMode=yes", "-o", "ClearAllForwardings=yes", "-J", "ada@one:23", "-W",
                "[b.example]:22", "--", "ssh://two",
            ])
    }

    @Test(arguments: ["a;id", "a;\u{301}id"]) func `a user name gives a proxy command no other`(_ user: String) throws {
        let configuration = try ClientConfiguration(
            alias: "box", parsing: "hostname b.example\nport 22\nuser \(user)\nproxycommand nc %r\n")
        #expect(throws: TransportError.self) { try configuration.proxyCommand(configurationFile: nil) }
    }

    @Test func `a jump host is no option`() throws {
        let configuration = try ClientConfiguration(
            alias: "box", parsing: "hostname b.example\nport 22\nproxyjump -\u{301}x,two\n")
        #expect(throws: TransportError.self) { try configuration.proxyCommand(configurationFile: nil) }
    }

    @Test func `the keys of the agent are sorted and filtered`() {
        func message(_ blobs: [String]) -> [UInt8] {
            var message: [UInt8] = [12, 0, 0, 0, UInt8(blobs.count)]
            for blob in blobs {
                message += [0, 0, 0, UInt8(blob.utf8.count)]
                message += blob.utf8
                message += [0, 0, 0, 1, 99] as [UInt8]
            }
            return message
        }
        let all = message(["a", "bb", "ccc"])
        #expect(
            AgentFilter.filter(all, first: [Array("ccc".utf8), Array("x".utf8)], onlyThose: false).answer
                == message(["ccc", "a", "bb"]))
        #expect(AgentFilter.filter(all, first: [Array("bb".utf8)], onlyThose: true).answer == message(["bb"]))
        #expect(AgentFilter.filter([12, 0, 0, 0, 9], first: [], onlyThose: true).answer == [12, 0, 0, 0, 9])
        #expect(AgentFilter.filter([5], first: [], onlyThose: true).answer == [5])
    }

    @Test func `what a machine says of itself is not believed to be a path`() {
        let hash = String(repeating: "0123456789abcdef", count: 4)
        #expect(
            Mark("missing:aarch64: gzip xz tar:\(hash) \(hash)")
                == .missing(machine: "aarch64", programs: [.xz, .gzip], enforcers: [hash, hash]))
        #expect(Mark("missing:x86_64::") == .missing(machine: "x86_64", programs: [], enforcers: []))
        #expect(Mark("missing:x86_64") == .missing(machine: "x86_64", programs: [], enforcers: []))
        #expect(Mark("missing:") == .missing(machine: "", programs: [], enforcers: []))
        for name in ["../../../etc/passwd", hash.uppercased(), hash + "0", "/\(hash.dropFirst())"] {
            #expect(Mark("missing:x86_64:xz:\(name)") == .missing(machine: "x86_64", programs: [.xz], enforcers: []))
        }
        let many = String(repeating: hash + " ", count: 1000)
        #expect(Mark("missing:m::\(many)") == .missing(machine: "m", programs: [], enforcers: [hash, hash, hash]))
    }

    @Test func `a machine says how much of an upload it has`() {
        #expect(Mark("send:0") == .send(from: 0))
        #expect(Mark("send:4200000") == .send(from: 4_200_000))
        for text in ["send", "send:", "send:all", "send:1:2", "send:99999999999999999999"] {
            #expect(Mark(text) == nil, "\(text)")
        }
    }

    @Test func `a payload is known by its bytes`() {
        // FNV-1a, as its authors give it.
        for (text, checksum) in [
            ("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8"),
        ] {
            #expect(Payload(Data(text.utf8), compression: nil).checksum == checksum)
        }
        let base = String(repeating: "0123456789abcdef", count: 4)
        #expect(
            Payload(Data("a".utf8), compression: .xz, base: base).arguments == ["1", "af63dc4c8601ec8c", "xz", base])
        #expect(Payload(Data("a".utf8), compression: nil).arguments == ["1", "af63dc4c8601ec8c", "cat", "-"])
    }

    @Test func `scripts are one line without characters special to csh`() {
        for script in [Scripts.start, Scripts.install, Scripts.onTerminal] {
            #expect(!script.contains { "'!\n".contains($0) })
        }
    }

    @Test func `an error says what to do and cannot control the terminal`() {
        let error = TransportError.hostKeyChanged(
            host: "box", presented: "ssh-ed25519 SHA256:a",
            expected: [ExpectedHostKey(fingerprint: "ssh-ed25519 SHA256:b", source: "file:3")])
        #expect(
            error.description.contains("SHA256:a") && error.description.contains("SHA256:b")
                && error.description.contains("ssh-keygen -R"))
        #expect(TransportError.noSpace(host: "box", directory: "/d", needed: 8_100_000).message.contains("9 MB needed"))
        let output = TransportError.startFailed(host: "box", status: .exited(1), output: "red \u{1B}[31m").message
        #expect(!output.contains("\u{1B}"))
    }

    @Test func `a program is the first executable of its name in PATH`() throws {
        let folder = try shell("mktemp -d")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try shell(
            "cd \(folder); mkdir a b c; touch b/tool; mkdir a/tool; echo > c/tool; chmod +x c/tool; chmod -x b/tool")
        #expect(
            ClientProgram.find("tool", in: "\(folder)/a:\(folder)/b:\(folder)/missing:\(folder)/c")?.string
                == "\(folder)/c/tool")
        #expect(ClientProgram.find("tool", in: "\(folder)/a:\(folder)/b") == nil)
    }
}
