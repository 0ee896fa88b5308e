import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct FactTests {
    private let fake = FakeMachine()

    @Test func `facts are read from the machine`() async throws {
        fake.files.put(
            "/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nPRETTY_NAME=\"Debian 12\"\n")
        fake.files.put("/proc/sys/kernel/hostname", "web1\n")
        fake.files.put("/proc/meminfo", "MemTotal:         995512 kB\nMemFree: 1 kB\n")
        fake.files.put("/proc/cpuinfo", "processor\t: 0\nmodel\t: x\n\nprocessor\t: 1\n")
        fake.commands.program("systemd-detect-virt") { _ in .failing(1, "") }
        fake.commands.program("ip") { command in
            command.arguments.first == "-4"
                ? .printing(#"[{"dst":"192.0.2.1","gateway":"10.0.0.1","dev":"eth0","prefsrc":"10.0.0.7","flags":[]}]"#)
                : .failing(2, "RTNETLINK answers: Network is unreachable\n")
        }
        let text: Content = """
            \(Fact.codename) \(Fact.release) \(Fact.distribution) \(Fact.hostname) \(Fact.memory) \(Fact.processors) \
            \(Fact.ipv4) \(Fact.interface) \(Fact.userID(of: "pi"))
            """
        let resolved = try await text.resolved(on: fake.machine)
        let words = String(decoding: try #require(resolved.bytes), as: UTF8.self)
        #expect(words == "bookworm 12 debian web1 1019404288 2 10.0.0.7 eth0 1000")
        let failure = await #expect(throws: Failure.self) { try await fake.machine.value(of: .ipv6) }
        #expect(failure?.message == "the machine has no IPv6 way to the internet")
    }

    @Test func `the line of a file that a program made is followed`() async throws {
        let content: Content = "id = \(Fact.text(of: "/etc/machine-id"))"
        await #expect(throws: Undetermined.self) { try await content.resolved(on: fake.machine) }
        for text in ["b08d\n", "c19e"] {
            fake.files.put("/etc/machine-id", text)
            #expect(try await content.resolved(on: fake.machine).bytes == Array("id = \(text.trimmed)".utf8))
        }
    }

    @Test(arguments: ["", "\n", "a\nb\n", "a\u{0}", "\u{1B}[2J", String(repeating: "a", count: 5000)])
    func `what is not one line of text is no fact`(_ text: String) async throws {
        fake.files.put("/etc/x", text)
        await #expect(throws: Failure.self) { try await fake.machine.value(of: .text(of: "/etc/x")) }
    }

    @Test func `a file that not everybody may read is no fact, and neither is a link or a directory`() async throws {
        fake.files.put("/etc/token", "t0ken\n", mode: 0o640)
        fake.files.put("/etc/link", linkTo: "/etc/token")
        for path: FilePath in ["/etc/token", "/etc/link", "/etc"] {
            let failure = await #expect(throws: Failure.self) { try await fake.machine.value(of: .text(of: path)) }
            #expect(failure?.message.contains("t0ken") == false)
        }
    }

    @Test func `secrets beside facts stay secrets`() async throws {
        fake.files.put("/etc/os-release", "ID=debian\n")
        let content: Content = "\(Fact.distribution): \(Secret("password"))"
        #expect(content.bytes == nil && content.facts.count == 1 && content.secrets.count == 1)
        let resolved = try await content.resolved(on: fake.machine)
        #expect(resolved.facts.isEmpty && resolved.secrets.map(\.name) == ["password"])
    }

    @Test func `another fact is another content`() {
        #expect("\(Fact.codename)" as Content != "\(Fact.release)" as Content)
        #expect(("\(Fact.codename)" as Content).fingerprint != ("\(Fact.release)" as Content).fingerprint)
    }
}
