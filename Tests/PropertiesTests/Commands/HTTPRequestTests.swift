import PropelTesting
import Properties
import RecordedOperations
import Synchronization
import Testing

@Suite(.recorded) struct HTTPRequestTests {
    private let fake = FakeMachine()
    private let inputs = Inputs()

    private final class Inputs: Sendable { let all = Mutex<[String]>([]) }

    init() { plant() }

    /// An application in which a user is missing until there is a POST.
    private func plant(post: Int = 201) {
        let isThere = Inputs()
        fake.commands.program("curl") { [inputs] command in
            let text = String(decoding: command.input, as: UTF8.self)
            inputs.all.withLock { $0.append(text) }
            if text.contains("request = \"POST\"") {
                if post == 201 { isThere.all.withLock { $0.append("") } }
                return .printing("{\"error\": \"canary\"}\n\(post)")
            }
            return isThere.all.withLock { $0.isEmpty }
                ? .printing("no such user\n404") : .printing("{\"name\":\"anna\"}\n200")
        }
    }

    private func request(
        headers: [String: Content] = [:], fields: [String: Content] = ["name": "anna"], containing text: String? = nil
    ) -> HTTPRequest {
        HTTPRequest(
            "user anna", .post, "http://127.0.0.1:3000/api/users", fields: fields, headers: headers,
            unless: .answers("http://127.0.0.1:3000/api/users/anna", containing: text))
    }

    private func run(_ plaintexts: [String: String]) -> FakeMachine {
        fake.run(
            with: Secrets(versions: plaintexts.mapValues { _ in "1" }) { names in
                var found: [String: SecretBytes] = [:]
                for name in names { found[name] = try SecretBytes(copying: Array((plaintexts[name] ?? "").utf8)) }
                return found
            })
    }

    @Test func `a request is sent until the check answers`() async throws {
        let change = try await fake.obeysLaw(request())
        #expect(
            change.reason == "POST http://127.0.0.1:3000/api/users, since http://127.0.0.1:3000/api/users/anna answers "
                + "with 404")
        #expect(fake.commands.log == [String](repeating: "curl --disable --config -", count: 3))
        let sent = inputs.all.withLock { $0 }[1]
        #expect(
            sent.contains("header = \"Content-Type: application/json\"\ndata-raw = \"{\\\"name\\\": \\\"anna\\\"}\"\n"))
        #expect(!sent.contains("retry"), "a request that changes something is sent once")
        #expect(inputs.all.withLock { $0 }[0].contains("retry-connrefused\n"))
    }

    @Test func `a certificate that nobody vouches for is taken only if that is said`() async throws {
        try await fake.obeysLaw(request())
        #expect(!inputs.all.withLock { $0 }.contains { $0.contains("insecure") })
        let device = HTTPRequest(
            "device", .put, "https://10.0.0.2/api", unless: .answers("https://10.0.0.2/api"),
            verifiesCertificate: false)
        _ = try await fake.check(device)
        try await device.apply(on: fake.machine)
        #expect(inputs.all.withLock { $0 }.suffix(2).allSatisfy { $0.contains("\ninsecure\n") })
    }

    @Test func `a request without a question is sent once, as it is declared`() async throws {
        func mail(_ host: Content) -> HTTPRequest {
            HTTPRequest(
                "mail of nexus", .put, "http://127.0.0.1:8081/email", fields: ["host": host], expecting: [404],
                unless: .sentBefore)
        }
        #expect(try await fake.obeysLaw(mail("a")).reason == "PUT http://127.0.0.1:8081/email, once")
        #expect(fake.commands.log.count == 1)
        #expect(try await fake.check(mail("a")) == .satisfied)
        #expect(try await fake.obeysLaw(mail("b")).reason.hasSuffix(", once"))
        #expect(fake.commands.log.count == 2 && mail("a").problems.isEmpty)
        let refused = HTTPRequest("x", .put, "http://127.0.0.1/", unless: .sentBefore)
        await #expect(throws: Failure.self) { try await refused.apply(on: fake.machine) }
        #expect(try await fake.check(refused).reason == "PUT http://127.0.0.1/, once")
    }

    @Test func `a string in the answer counts too`() async throws {
        try await fake.obeysLaw(request(containing: "\"name\":\"anna\""))
        let check = try await fake.check(request(containing: "ben"))
        #expect(check.reason?.hasSuffix("since its answer does not have the text") == true)
    }

    @Test func `secrets are escaped, and in no argument`() async throws {
        let request = request(
            headers: ["Authorization": "Bearer \(Secret("token"))"], fields: ["password": "\(Secret("password"))"])
        let run = run(["token": "t\"1\n", "password": "a\"b\\c\nd\n"])
        guard case .unknown(let until) = try await run.check(request) else {
            Issue.record("a plaintext is needed")
            return
        }
        #expect(until == "the secret token, with which it asks, is decrypted")
        try await run.machine.secrets.fetch(request.secrets)
        try await run.obeysLaw(request)
        let sent = inputs.all.withLock { $0 }[1]
        #expect(sent.contains("header = \"Authorization: Bearer t\\\"1\"\n"))
        #expect(sent.contains(#"data-raw = "{\"password\": \"a\\\"b\\\\c\\u000ad\"}""#))
        #expect(!fake.commands.log.joined().contains("Bearer"))
    }

    @Test func `a header cannot become two`() async throws {
        let run = run(["token": "x\nX-Admin: 1"])
        let request = request(headers: ["Authorization": "\(Secret("token"))"])
        try await run.machine.secrets.fetch(request.secrets)
        await #expect(throws: Failure.self) { try await run.check(request) }
        #expect(inputs.all.withLock { $0.isEmpty })
    }

    @Test func `another status is a failure, whose answer is shown without secrets only`() async throws {
        plant(post: 409)
        let failure = await #expect(throws: Failure.self) { try await request().apply(on: fake.machine) }
        #expect(failure?.message == "POST http://127.0.0.1:3000/api/users was answered with 409")
        #expect(failure?.output == ["{\"error\": \"canary\"}"])
        let secretive = await #expect(throws: Failure.self) {
            try await request(fields: ["password": "\(Secret("p"))"]).apply(on: run(["p": "canary"]).machine)
        }
        #expect(secretive?.output == [])
    }

    @Test(arguments: [6, 7, 28, 52]) func `an application that does not answer may still come`(
        _ status: Int
    ) async throws {
        fake.commands.program("curl", status: status)
        #expect(
            try await fake.check(request()) == .unknown(until: "http://127.0.0.1:3000/api/users/anna answers"))
    }

    @Test func `curl may still come`() async throws {
        #expect(try await FakeMachine().check(request()) == .unknown(until: "curl is installed"))
    }

    @Test(arguments: [
        HTTPRequest("a", .post, "ftp://x", unless: .answers("http://x")),
        HTTPRequest("a", .post, "http://x\"\noutput=/etc/passwd", unless: .answers("http://x")),
        HTTPRequest("a", .post, "http://x", unless: .answers("/x")),
        HTTPRequest("a", .post, "http://x", headers: ["A: b\nC": "d"], unless: .answers("http://x")),
        HTTPRequest("a", .post, "http://x", fields: ["a": "b"], body: "c", unless: .answers("http://x")),
        HTTPRequest("a", .post, "http://x", expecting: [], unless: .answers("http://x")),
        HTTPRequest("", .post, "http://x", unless: .answers("http://x")),
    ]) func `an invalid request is a problem`(_ request: HTTPRequest) { #expect(request.problems.count == 1) }
}
