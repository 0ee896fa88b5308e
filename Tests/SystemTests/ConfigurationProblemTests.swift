import Foundation
import Propel
import Testing

/// Problems that are found before any machine is touched, and machines that cannot be reached.
@Suite struct ProblemTests {
    @Test func `an unknown host names the nearest one`() async throws {
        let configuration = try Configuration(hosts: "[\"pi.local\"]\nrole = \"pi\"\n")
        let answer = try await configuration.propel("pi.locla")
        #expect(answer.status == 64)
        #expect(answer.errors.contains("did you mean the host “pi.local”?"))
        #expect(answer.output == "")
    }

    @Test func `an invalid hosts.conf reports all errors with their lines`() async throws {
        let configuration = try Configuration(
            hosts: "[a]\nrole = \"dmeo\"\nport = 99999\n\n[b]\nrole = \"demo\"\ntga = \"1\"\n")
        let answer = try await configuration.propel("a")
        #expect(answer.status == 64)
        for expected in [
            "hosts.conf:2:", "did you mean “demo”?", "hosts.conf:3:", "hosts.conf:7:", "did you mean “tag”?",
        ] {
            #expect(answer.errors.contains(expected), "\(expected) in \(answer)")
        }
    }

    @Test func `conflicting properties are refused with both locations`() async throws {
        let configuration = try Configuration(hosts: "[a]\nrole = \"demo\"\npackages = [\"telnet\"]\n")
        let answer = try await configuration.propel("a", "--no-commit")
        #expect(answer.status == 64)
        #expect(answer.errors.contains("the package telnet"))
        #expect(answer.errors.components(separatedBy: "Sources/Hosts/Demo.swift:").count == 3, "\(answer)")
    }

    @Test func `an invalid stack is refused with its location before anything runs`() async throws {
        let configuration = try Configuration(
            hosts: "[a]\nrole = \"trial\"\ntag = \"a b\"\naddress = \"127.0.0.1\"\nport = 1\n")
        let answer = try await configuration.propel("a", "--no-commit")
        #expect(answer.status == 64, "\(answer)")
        #expect(
            answer.errors.contains("trial:a b") && answer.errors.contains("Sources/Hosts/Trial.swift:"), "\(answer)")
        #expect(answer.output == "")
    }

    @Test func `an unknown property names the nearest one`() async throws {
        let configuration = try Configuration(hosts: "[a]\nrole = \"demo\"\n")
        let answer = try await configuration.propel("a", "--only", "dockr", "--no-commit")
        #expect(answer.status == 64)
        #expect(answer.errors.contains("did you mean \"docker\"?"), "\(answer)")
    }

    @Test func `two hosts with the same sandbox name are refused`() async throws {
        let entry = "role = \"demo\"\nsandbox = true\n"
        let configuration = try Configuration(hosts: "[\"a.b\"]\n\(entry)\n[a-b]\n\(entry)")
        let answer = try await configuration.propel("a-b")
        #expect(answer.status == 64)
        #expect(answer.errors.contains("hosts.conf:5: a-b and a.b would be one sandbox"), "\(answer)")
    }

    @Test func `a command without a host is refused`() async throws {
        let answer = try await Configuration(hosts: "").propel("plan")
        #expect(answer.status == 64)
        #expect(answer.errors.contains("propel hosts"))
    }

    @Test func `a folder without a configuration is refused`() async throws {
        let configuration = try Configuration(hosts: "")
        try FileManager.default.removeItem(at: configuration.folder.appending(path: "hosts.conf"))
        let answer = try await configuration.propel("hosts")
        #expect(answer.status == 64)
        #expect(answer.errors.contains("hosts.conf"))
    }

    @Test func `a closed port is unreachable`() async throws {
        let closed = try LoopbackPort()
        defer { withExtendedLifetime(closed) {} }
        let configuration = try Configuration(
            hosts: "[a]\nrole = \"demo\"\naddress = \"127.0.0.1\"\nport = \(closed.number)\n")
        let answer = try await configuration.propel(json: "a", "--no-commit")
        #expect(answer.status == 3, "\(answer)")
        #expect(try answer.lines.last?["hosts"]?["a"] == "unreachable")
    }

    @Test func `a silent machine is unreachable after the timeout`() async throws {
        let silent = try LoopbackPort()
        defer { withExtendedLifetime(silent) {} }
        try silent.listen()
        let configuration = try Configuration(
            hosts: "[a]\nrole = \"demo\"\naddress = \"127.0.0.1\"\nport = \(silent.number)\nconnect-timeout = 1\n")
        let answer = try await configuration.propel("a", "--no-commit")
        #expect(answer.status == 3, "\(answer)")
        #expect(answer.output.contains("no answer within 1"), "\(answer)")
    }

    @Test func `an unreachable host does not hide the others`() async throws {
        let closed = try LoopbackPort()
        defer { withExtendedLifetime(closed) {} }
        let entry = "role = \"demo\"\nport = \(closed.number)\naddress = "
        let configuration = try Configuration(hosts: "[a]\n\(entry)\"127.0.0.1\"\n[b]\n\(entry)\"127.0.0.2\"\n")
        let answer = try await configuration.propel(json: "a", "b", "--no-commit")
        #expect(answer.status == 3)
        #expect(try answer.lines.filter { $0["kind"] == "host" }.count == 2)
    }
}
