/// A request to the API of an application, whose effect another request shows.
///
///     HTTPRequest(
///         "user anna of the wiki", .post, "http://127.0.0.1:3000/api/users",
///         fields: ["name": "anna", "password": "\(Secret("wiki-anna"))"],
///         headers: ["Authorization": "Bearer \(Secret("wiki-token"))"], expecting: [201],
///         unless: .answers("http://127.0.0.1:3000/api/users/anna"))
///
/// The check decides, as for every property: it asks, and if its answer is not the expected one, the request is sent,
/// and the check asks again. A plan asks too, so that must change nothing. If the headers have secrets in them, each
/// run needs their plaintexts. curl has to be installed; it gets secrets on its standard input. Redirects are not
/// followed.
///
/// It has no opposite of its kind: declare the request that takes it back, with its check.
public struct HTTPRequest: Property {
    public typealias Target = UnixLike

    public enum Method: String, Sendable, Hashable { case post, put, patch, delete, get }

    /// The check: a GET request, and the answer that shows that there is nothing to do.
    public struct Answer: Sendable, Hashable {
        public let url: String
        public let statuses: Set<Int>
        public let text: String?

        /// The URL answers so.
        /// - Parameters:
        ///   - url: `http://…` or `https://…`.
        ///   - statuses: the statuses that show it; 200 by default.
        ///   - text: a string that is in the answer; none by default.
        public static func answers(
            _ url: String, status statuses: Set<Int> = [200], containing text: String? = nil
        ) -> Answer { Answer(url: url, statuses: statuses, text: text) }

        /// Nothing is asked: the request has succeeded from this machine before, as it is declared now. With another
        /// URL, body or header it is sent again. That somebody has undone its effect since is not seen, and neither is
        /// another value of a secret; so a question is better where there is one.
        public static let sentBefore = Answer(url: "", statuses: [], text: nil)
    }

    public let label: String
    public let method: Method
    public let url: String
    public let body: Content?
    public let fields: [String: Content]
    public let headers: [String: Content]
    public let statuses: Set<Int>
    public let answer: Answer
    public let timeout: Duration
    /// Whether the certificate of the server is verified.
    public let verifiesCertificate: Bool

    /// - Parameters:
    ///   - label: what the request brings about, in reports and for `--only`.
    ///   - method: the method.
    ///   - url: `http://…` or `https://…`. Secrets belong in `headers` and `body`.
    ///   - fields: the body as a JSON object of strings, in which secrets are escaped; none by default.
    ///   - body: another body, as it is; none by default.
    ///   - headers: headers of the request and of the check; for `fields` the content type is set.
    ///   - statuses: those that count as success; 200, 201 and 204 by default.
    ///   - answer: the check: what answers how if there is nothing to do.
    ///   - timeout: of each request; a minute by default. An application that was just started has five seconds to
    ///     listen.
    ///   - verifiesCertificate: whether the certificate of the server must be valid for an authority of the machine;
    ///     yes by default. Without it anybody on the way can read the secrets: for a device with a self-signed
    ///     certificate, `TLS.TrustedCA` is the better choice.
    public init(
        _ label: String, _ method: Method, _ url: String, fields: [String: Content] = [:], body: Content? = nil,
        headers: [String: Content] = [:], expecting statuses: Set<Int> = [200, 201, 204], unless answer: Answer,
        timeout: Duration = .minutes(1), verifiesCertificate: Bool = true
    ) {
        self.label = label
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.headers = headers
        self.statuses = statuses
        self.answer = answer
        self.timeout = timeout
        self.verifiesCertificate = verifiesCertificate
    }

    public var name: String { label }
    public var problems: [String] { problems(in: validate) }
    public var secrets: [Secret] {
        (body?.secrets ?? []) + fields.keys.sorted().flatMap { fields[$0]?.secrets ?? [] } + headerSecrets
    }
    private var headerSecrets: [Secret] { headers.keys.sorted().flatMap { headers[$0]?.secrets ?? [] } }

    /// - Throws: ``Undetermined`` if the application does not answer, or a header needs a plaintext.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        if answer == .sentBefore {
            guard try machine.files.status(of: record) == nil else { return .satisfied }
            return .unmet("\(method.rawValue.uppercased()) \(url), once", secrets: secrets)
        }
        if let secret = headerSecrets.first(where: { machine.secrets.known($0) == nil }) {
            throw Undetermined(until: "the secret \(secret.name), with which it asks, is decrypted")
        }
        let request = CurlRequest(
            method: .get, url: answer.url, headers: headers, waits: true, timeout: timeout,
            verifiesCertificate: verifiesCertificate)
        let found = try await request.send(on: machine)
        let isExpected = answer.statuses.contains(found.status)
        if isExpected, answer.text.map({ found.text.contains($0) }) ?? true { return .satisfied }
        let why = isExpected ? "its answer does not have the text" : "\(answer.url) answers with \(found.status)"
        return .unmet("\(method.rawValue.uppercased()) \(url), since \(why)", secrets: secrets)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        let request = CurlRequest(
            method: method, url: url, headers: headers, fields: fields, body: body, timeout: timeout,
            verifiesCertificate: verifiesCertificate)
        let found = try await request.send(on: machine)
        guard !statuses.contains(found.status) else {
            // A run that is killed in between sends it again.
            if answer == .sentBefore {
                try machine.files.replacePrivate(record, with: Array("\(label.trimmed.escaped)\n".utf8))
            }
            return
        }
        throw Failure(
            "\(method.rawValue.uppercased()) \(url) was answered with \(found.status)",
            output: secrets.isEmpty ? Failure.lastLines(of: found.text) : [],
            advice: secrets.isEmpty
                ? "Look at the answer, and at the log of the application."
                : "The answer is not shown, since the request had secrets in it. Look at the log of the application.")
    }

    /// There once a request without a question has succeeded. Its name has no plaintexts in it.
    private var record: FilePath {
        func forms(_ contents: [String: Content]) -> [String] {
            contents.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value.form] }
        }
        let parts = [method.rawValue, url, body?.form ?? ""] + forms(fields) + ["headers"] + forms(headers)
        return Machine.state.appending("requests").appending(escaping: SHA256.hash(parts: parts))
    }

    private func validate() throws {
        for url in [url] + (answer == .sentBefore ? [] : [answer.url]) {
            guard url.hasPrefix("https://") || url.hasPrefix("http://"),
                url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
            else {
                throw Failure(
                    "invalid URL “\(url.escaped)” of the request “\(label.escaped)”",
                    advice: "Write one that begins with http:// or https://, encoded.")
            }
        }
        for name in headers.keys.sorted() {
            guard !name.isEmpty, name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }) else {
                throw Failure("invalid name of a header “\(name.escaped)”", advice: "Write it without the colon.")
            }
        }
        guard fields.isEmpty || body == nil else {
            throw Failure("the request “\(label.escaped)” has fields and a body", advice: "Give one of them.")
        }
        guard !label.trimmed.isEmpty, !statuses.isEmpty, answer == .sentBefore || !answer.statuses.isEmpty,
            timeout > .zero
        else {
            throw Failure(
                "the request “\(label.escaped)” can never succeed",
                advice: "Give a name, statuses, and a timeout above zero.")
        }
    }
}
