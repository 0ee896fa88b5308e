/// Something that must hold after each run: what the whole of a host, or a stack, is for.
///
///     Expect("the page answers", .http("https://shop.example.com/", at: "127.0.0.1"))
///     Expect("mail is accepted", .port(25))
///     Expect("the queue is short", .command("test $(mailq | wc -l) -lt 100"), within: .minutes(1))
///
/// It is looked at when all properties and actions have had their turns, also if nothing had to be changed, and in a
/// sandbox as on any machine. If it does not hold within its time, the run has failed. A plan that finds nothing to
/// change looks at it once. It changes nothing, and nothing waits for it.
///
/// In the braces of a ``Stack`` it decides about a deployment like a health check: when the containers are healthy and
/// it does not hold in its time, the previous version is restored. Like any other it is also looked at after each run.
public struct Expect: Expectation {
    public typealias Target = UnixLike

    public let text: String
    public let probe: Probe
    public let timeout: Duration
    /// The pause between two looks.
    public internal(set) var interval: Duration = .seconds(1)

    /// - Parameters:
    ///   - text: what must hold, for reports: “the page answers”.
    ///   - probe: how that is found out.
    ///   - timeout: the time that it may take after the run; 30 seconds by default.
    public init(_ text: String, _ probe: Probe, within timeout: Duration = .seconds(30)) {
        self.text = text
        self.probe = probe
        self.timeout = timeout
    }

    public var name: String { text }
    public var claims: [Claim] { [Claim("what “\(text)” means", is: "\(probe)")] }

    public var problems: [String] {
        var problems = probe.problems
        if text.isEmpty || text.utf8.contains(where: { $0 < 0x20 }) {
            problems.append("an expectation without a name: say in a few words what must hold")
        }
        if timeout < .zero { problems.append("the time for “\(text)” is negative") }
        return problems
    }

    public func check(on machine: Machine) async throws -> Check {
        try await probe.complaint(on: machine).map { .unmet($0) } ?? .satisfied
    }
}

extension Expect {
    /// How it is found out whether something holds.
    public struct Probe: Sendable, Hashable, CustomStringConvertible {
        enum Kind: Sendable, Hashable {
            case http(HTTPProbe)
            case port(Port)
            case command(String, user: String, printing: String?)
        }

        let kind: Kind

        /// A URL answers with a status.
        ///
        /// The request is made on the machine, and no redirect is followed. `http` needs nothing but the machine.
        /// `https` needs curl or openssl there (openssl comes with ca-certificates), and the certificate must be valid
        /// for one of the machine's authorities.
        /// - Parameters:
        ///   - url: `http://NAME:PORT/PATH` or `https://…`, without a password.
        ///   - status: the status that it must answer with; 200 by default.
        ///   - content: a string that must be in the first MiB of the answer; any by default.
        ///   - address: the numeric address to connect to in place of the one that the name has: `127.0.0.1` is the
        ///     machine itself, in a sandbox too, where the name would mean the real machine. Nil, the default,
        ///     resolves the name.
        public static func http(
            _ url: String, status: Int = 200, containing content: String? = nil, at address: String? = nil
        ) -> Probe {
            Probe(kind: .http(HTTPProbe(url: url, status: status, content: content, address: address)))
        }

        /// Something on the machine listens on a port, on whatever address; or, on TCP, the machine reaches it at
        /// 127.0.0.1, as a port that docker forwards.
        public static func port(_ port: Port) -> Probe { Probe(kind: .port(port)) }

        /// A command exits with 0. It must only read: a plan runs it too.
        /// - Parameters:
        ///   - line: a line for bash, with `-e` and `pipefail`.
        ///   - user: the user that it runs as; root by default.
        ///   - output: a string that its standard output must contain; any by default.
        public static func command(_ line: String, user: String = "root", printing output: String? = nil) -> Probe {
            Probe(kind: .command(line, user: user, printing: output))
        }

        public var description: String {
            switch kind {
            case .http(let probe): probe.description
            case .port(let port): "port \(port)"
            case .command(let line, let user, let output):
                "command “\(line)” as \(user)" + (output.map { " printing “\($0)”" } ?? "")
            }
        }
    }
}

extension Expect.Probe {
    var problems: [String] {
        switch kind {
        case .http(let probe): probe.problems
        case .port(let port): port.number > 0 ? [] : ["there is no port 0"]
        case .command(let line, _, _):
            line.isEmpty || line.utf8.contains(0) ? ["the command of an expectation is empty or contains NUL"] : []
        }
    }

    /// The reason why it does not hold, in a few words; nil if it does.
    /// - Throws: ``Failure`` for what does not pass by waiting.
    func complaint(on machine: Machine) async throws -> String? {
        switch kind {
        case .http(let probe): return try await probe.complaint(on: machine)
        case .port(let port): return try await ListeningPorts.complaint(about: port, on: machine)
        case .command(let line, let user, let expected):
            let result = try await Command.Options(user: user, timeout: .minutes(1)).look(line, on: machine)
            guard result.succeeded else {
                let output = result.errors.isEmpty ? result.output : result.errors
                let last = Failure.lastLines(of: output).last.map { ": \($0.escaped)" } ?? ""
                return "“\(line.escaped)” ended with \(result.ending)\(last)"
            }
            guard let expected, !result.text.contains(expected) else { return nil }
            return "“\(line.escaped)” does not print “\(expected.escaped)”"
        }
    }
}
