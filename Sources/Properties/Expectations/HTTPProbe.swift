/// A request to a URL, and what must be in the answer.
struct HTTPProbe: Sendable, Hashable, CustomStringConvertible {
    var url: String
    var status: Int
    var content: String?
    var address: String?

    var description: String {
        "\(url) answers with \(status)" + (content.map { ", containing “\($0)”" } ?? "")
            + (address.map { ", at \($0)" } ?? "")
    }

    /// The time for one request.
    private static let timeout: Duration = .seconds(10)

    var problems: [String] {
        var problems: [String] = []
        do { _ = try HTTPURL(url) } catch { problems.append(error.problem) }
        if !(200...599).contains(status) { problems.append("\(status) is not the status of an answer: use 200 to 599") }
        if let address, !IPAddress.isValid(address) {
            problems.append("“\(address.escaped)” is not a numeric address: use 127.0.0.1 for the machine itself")
        }
        return problems
    }

    /// The reason why it does not hold; nil if it does.
    /// - Throws: ``Failure`` if the machine cannot make the request.
    func complaint(on machine: Machine) async throws -> String? {
        let url = try HTTPURL(url)
        let answer: HTTPAnswer
        do {
            answer = try await (url.isEncrypted ? encrypted(url, on: machine) : plain(url, on: machine))
        } catch let error as NoAnswer {
            return "\(url) does not answer: \(error.reason)"
        }
        guard answer.status == status else {
            return "\(url) answers with status \(answer.status) in place of \(status)"
        }
        guard let content, !String(decoding: answer.body, as: UTF8.self).contains(content) else { return nil }
        return "the answer of \(url) does not contain “\(content.escaped)”"
    }

    private struct NoAnswer: Error { var reason: String }

    /// Every address of the name in turn, as a browser does.
    private func plain(_ url: HTTPURL, on machine: Machine) async throws -> HTTPAnswer {
        var reason = "no such name"
        for address in try await addresses(of: url.host, on: machine) {
            do {
                // The status is enough unless a string is looked for.
                let isStatusEnough = content == nil
                let bytes = try await machine.dialer.exchange(
                    url.request, with: address, port: url.port, timeout: Self.timeout
                ) { bytes in
                    guard let answer = HTTPAnswer(bytes) else { return false }
                    return isStatusEnough || answer.isComplete
                }
                if let answer = HTTPAnswer(bytes) { return answer }
                reason = bytes.isEmpty ? "the connection was closed" : "that is not HTTP"
            } catch let error as Errno {
                reason = "\(error)"
            }
        }
        throw NoAnswer(reason: reason)
    }

    /// The program is static and has no resolver: getent(1), which is on every machine, asks that of the system.
    private func addresses(of host: String, on machine: Machine) async throws -> [String] {
        if let address { return [address] }
        if IPAddress.isValid(host) { return [host] }
        if host.lowercased() == "localhost" { return ["127.0.0.1", "::1"] }
        let result = try await machine.run(
            Invocation("getent", ["ahosts", host], timeout: Self.timeout))
        var addresses: [String] = []
        for line in result.text.nonEmptyLines {
            if let word = line.split(separator: " ").first.map(String.init), !addresses.contains(word) {
                addresses.append(word)
            }
        }
        return addresses
    }

    /// With curl if the machine has it, else with openssl: the enforcer has no TLS.
    private func encrypted(_ url: HTTPURL, on machine: Machine) async throws -> HTTPAnswer {
        let target = address.map { $0.contains(":") ? "[\($0)]" : $0 } ?? url.bracketedHost
        // -q first: no ~/.curlrc. The URL is validated and begins with its scheme.
        let curl = Invocation(
            "curl",
            [
                "-q", "--silent", "--show-error", "--globoff", "--http1.1", "--include", "--raw", "--max-time", "10",
                "--max-filesize", "1048576", "--connect-to", "\(url.bracketedHost):\(url.port):\(target):\(url.port)",
                url.text,
            ], timeout: .seconds(20))
        var result = try await machine.run(curl)
        if result.ending == .notFound {
            let name =
                IPAddress.isValid(url.host)
                ? ["-verify_ip", url.host] : ["-verify_hostname", url.host, "-servername", url.host]
            result = try await machine.run(
                Invocation(
                    "openssl",
                    ["s_client", "-quiet", "-verify_return_error", "-connect", "\(target):\(url.port)"] + name,
                    input: url.request, timeout: .seconds(20)))
        }
        guard result.ending != .notFound else {
            throw Failure(
                "https cannot be looked at: the machine has neither curl nor openssl",
                advice: "Declare Apt.Installed(\"curl\", \"ca-certificates\").")
        }
        // A server that hangs up without a good-bye makes both programs fail after the whole answer.
        if let answer = HTTPAnswer(result.output) { return answer }
        throw NoAnswer(reason: Failure.lastLines(of: result.errors).last?.escaped ?? "\(result.ending)")
    }
}
