import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct ExpectTests {
    let fake = FakeMachine()

    private func complaint(_ probe: Expect.Probe) async throws -> String? {
        switch try await fake.check(Expect("it works", probe)) {
        case .satisfied: nil
        case .unmet(let change): change.reason
        case .unknown(let until): "unknown until \(until)"
        }
    }

    // MARK: - http

    private func answer(_ status: Int, _ body: String = "hello") -> String {
        "HTTP/1.1 \(status) Whatever\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func `a page that answers is as expected`() async throws {
        fake.dialer.server("127.0.0.1:8080") { request in
            #expect(request.hasPrefix("GET /health?deep=1 HTTP/1.1\r\nHost: localhost:8080\r\n"))
            #expect(request.hasSuffix("Connection: close\r\n\r\n"))
            return answer(200)
        }
        #expect(try await complaint(.http("http://localhost:8080/health?deep=1")) == nil)
        // Nothing but the machine is needed.
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `another status is told`() async throws {
        fake.dialer.server("127.0.0.1:80") { _ in answer(502) }
        #expect(
            try await complaint(.http("http://127.0.0.1"))
                == "http://127.0.0.1 answers with status 502 in place of 200")
        #expect(try await complaint(.http("http://127.0.0.1", status: 502)) == nil)
    }

    @Test func `a redirect is not followed`() async throws {
        fake.dialer.server("127.0.0.1:80") { _ in "HTTP/1.1 301 Moved\r\nLocation: http://elsewhere/\r\n\r\n" }
        #expect(try await complaint(.http("http://127.0.0.1/", status: 301)) == nil)
        #expect(try await complaint(.http("http://127.0.0.1/")) != nil)
    }

    @Test func `a string is looked for in the answer`() async throws {
        fake.dialer.server("127.0.0.1:80") { _ in
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwel\r\n5\r\ncome!\r\n0\r\n\r\n"
        }
        #expect(try await complaint(.http("http://127.0.0.1/", containing: "welcome!")) == nil)
        #expect(
            try await complaint(.http("http://127.0.0.1/", containing: "bye"))
                == "the answer of http://127.0.0.1/ does not contain “bye”")
    }

    @Test func `a server that is not there or speaks something else does not answer`() async throws {
        #expect(
            try await complaint(.http("http://127.0.0.1:81/"))
                == "http://127.0.0.1:81/ does not answer: \(Errno.connectionRefused)")
        fake.dialer.server("127.0.0.1:81") { _ in "220 mail.example.com ESMTP\r\n" }
        #expect(
            try await complaint(.http("http://127.0.0.1:81/"))
                == "http://127.0.0.1:81/ does not answer: that is not HTTP")
        fake.dialer.server("127.0.0.1:81") { _ in "" }
        #expect(
            try await complaint(.http("http://127.0.0.1:81/"))
                == "http://127.0.0.1:81/ does not answer: the connection was closed")
    }

    @Test func `a name is resolved by the system, and every address tried`() async throws {
        fake.commands.program("getent") { command in
            #expect(command.arguments == ["ahosts", "shop.example.com"])
            return .printing(
                "2001:db8::1     STREAM shop.example.com\n2001:db8::1     DGRAM\n192.0.2.1       STREAM\n")
        }
        fake.dialer.server("192.0.2.1:80") { request in
            #expect(request.contains("Host: shop.example.com\r\n"))
            return answer(200)
        }
        #expect(try await complaint(.http("http://shop.example.com/")) == nil)
        fake.commands.program("getent", status: 2)
        #expect(
            try await complaint(.http("http://shop.example.com/"))
                == "http://shop.example.com/ does not answer: no such name")
    }

    @Test func `an address stands for that of the name`() async throws {
        fake.dialer.server("127.0.0.1:80") { request in
            request.contains("Host: shop.example.com\r\n") ? answer(200) : answer(404)
        }
        #expect(try await complaint(.http("http://shop.example.com/", at: "127.0.0.1")) == nil)
        #expect(fake.commands.log.isEmpty)
    }

    // MARK: - https

    @Test func `https asks curl`() async throws {
        fake.commands.program("curl") { command in
            #expect(command.arguments.first == "-q")
            #expect(
                command.arguments.suffix(3) == [
                    "--connect-to", "shop.example.com:443:127.0.0.1:443", "https://shop.example.com/",
                ])
            return .printing(answer(200))
        }
        #expect(try await complaint(.http("https://shop.example.com/", at: "127.0.0.1")) == nil)
    }

    @Test func `without curl https asks openssl, which verifies name and certificate`() async throws {
        fake.commands.program("openssl") { command in
            #expect(
                command.arguments == [
                    "s_client", "-quiet", "-verify_return_error", "-connect", "shop.example.com:8443",
                    "-verify_hostname", "shop.example.com", "-servername", "shop.example.com",
                ])
            #expect(String(decoding: command.input, as: UTF8.self).hasPrefix("GET / HTTP/1.1\r\n"))
            // A server that hangs up without a good-bye.
            return CommandResult(ending: .exited(1), output: Array(answer(503).utf8))
        }
        #expect(
            try await complaint(.http("https://shop.example.com:8443"))
                == "https://shop.example.com:8443 answers with status 503 in place of 200")
    }

    @Test func `an invalid certificate is no answer`() async throws {
        fake.commands.program("curl", status: 60, errors: "curl: (60) SSL certificate problem: self-signed\n")
        #expect(
            try await complaint(.http("https://shop.example.com/"))
                == "https://shop.example.com/ does not answer: curl: (60) SSL certificate problem: self-signed")
    }

    @Test func `without both it says what to install`() async throws {
        let error = await #expect(throws: Failure.self) {
            try await complaint(.http("https://shop.example.com/"))
        }
        #expect(error?.message == "https cannot be looked at: the machine has neither curl nor openssl")
        #expect(error?.advice?.contains("Apt.Installed(\"curl\"") == true)
    }

    // MARK: - port and command

    @Test func `a port is one of those that the kernel lists`() async throws {
        let header = "  sl  local_address rem_address   st tx_queue rx_queue\n"
        fake.files.put(
            "/proc/net/tcp",
            header + "   0: 0100007F:1538 00000000:0000 0A 00000000:00000000\n"
                + "   1: 0100007F:0019 0100007F:9C40 01 00000000:00000000\n")
        fake.files.put("/proc/net/udp6", header + "  7: 00000000000000000000000000000000:0035 0:0000 07 0:0\n")
        #expect(try await complaint(.port(5432)) == nil)
        // A connection from there is no listener.
        #expect(try await complaint(.port(25)) == "nothing listens on port 25/tcp")
        #expect(try await complaint(.port(Port(53, transport: "udp"))) == nil)
        #expect(try await complaint(.port(Port(5432, transport: "udp"))) == "nothing listens on port 5432/udp")
    }

    @Test func `a port that docker forwards is reached`() async throws {
        fake.dialer.server("127.0.0.1:8080") { _ in "" }
        #expect(try await complaint(.port(8080)) == nil)
    }

    @Test func `a command holds if it exits with 0 and prints what it must`() async throws {
        fake.commands.program("bash") { command in
            #expect(command.arguments == ["-o", "pipefail", "-ec", "status"])
            return .printing("all is well\n")
        }
        #expect(try await complaint(.command("status")) == nil)
        #expect(try await complaint(.command("status", printing: "well")) == nil)
        #expect(try await complaint(.command("status", printing: "ill")) == "“status” does not print “ill”")
        fake.commands.program("bash", status: 3, errors: "first\nno database\n")
        #expect(try await complaint(.command("status")) == "“status” ended with exit status 3: no database")
    }

    @Test func `a command runs as a user`() async throws {
        fake.commands.program("runuser") { command in
            #expect(command.arguments.prefix(3) == ["--user", "pi", "--"])
            return .printing()
        }
        #expect(try await complaint(.command("status", user: "pi")) == nil)
    }

    // MARK: - Problems

    @Test(
        arguments: [
            "ftp://a/", "http://", "http://a b/", "https://user:word@a/", "http://a:0/", "http://a:x/", "http://-a/",
            "http://[::1/", "http://[x]/", "http://a:1:2/", "http://a/\n", "a",
        ]) func `an invalid URL is a problem`(url: String)
    {
        #expect(Expect("page", .http(url)).problems.count == 1)
    }

    @Test func `a valid one is accepted`() throws {
        for url in ["http://a", "https://a.example.com:8443/x?y=%20#z", "http://[::1]:80/", "http://127.0.0.1?x"] {
            #expect(Expect("page", .http(url)).problems.isEmpty, "\(url)")
        }
        #expect(try HTTPURL("http://127.0.0.1?x").path == "/?x")
        #expect(try HTTPURL("http://[::1]:80/").bracketedHost == "[::1]")
        #expect(Expect("page", .port(80)).problems.isEmpty)
    }

    @Test func `other problems are told too`() {
        #expect(Expect("", .port(80)).problems.count == 1)
        #expect(Expect("a", .port(0)).problems.count == 1)
        #expect(Expect("a", .http("http://a/", status: 1000)).problems.count == 1)
        #expect(Expect("a", .http("http://a/", at: "localhost")).problems.count == 1)
        #expect(Expect("a", .command("")).problems.count == 1)
        #expect(Expect("a", .port(1), within: .seconds(-1)).problems.count == 1)
    }

    @Test func `one name for two expectations is a conflict`() {
        let host = Host("a", runs: Debian.self) {
            Expect("it works", .port(80))
            Expect("it works", .port(81))
        }
        #expect(host.conflicts.count == 1)
    }

    // MARK: - HTTP

    @Test func `an answer is complete when all of it is there`() {
        func complete(_ text: String) -> Bool? { HTTPAnswer(Array(text.utf8))?.isComplete }
        #expect(complete("HTTP/1.1 200 OK\r\nContent-Len") == nil)
        #expect(complete("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na") == false)
        #expect(complete("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab") == true)
        #expect(complete("HTTP/1.0 200 OK\r\n\r\nab") == false)
        #expect(complete("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n2;x=y\r\nab\r\n0\r\n") == true)
        #expect(complete("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab") == false)
        #expect(complete("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nab") == false)
        #expect(complete("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n") == true)
        #expect(complete("SSH-2.0-OpenSSH\r\n\r\n") == nil)
        #expect(complete("HTTP/1.1 99999999999999999999 OK\r\n\r\n") == nil)
    }
}
