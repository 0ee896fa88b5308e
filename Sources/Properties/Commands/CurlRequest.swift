/// A request by curl(1), which gets all of it on its standard input: arguments are public.
struct CurlRequest {
    var method: HTTPRequest.Method
    var url: String
    var headers: [String: Content] = [:]
    var fields: [String: Content] = [:]
    var body: Content?
    /// Whether it waits some seconds for an application that does not listen yet. Only for what changes nothing.
    var waits = false
    var timeout: Duration
    var verifiesCertificate = true

    /// Sends the request.
    /// - Throws: ``Undetermined`` if nothing answers, ``Failure`` if the request cannot be made.
    func send(on machine: Machine) async throws -> (status: Int, text: String) {
        var command = Invocation(
            "curl", ["--disable", "--config", "-"], timeout: timeout + .seconds(30))
        command.input = try await configuration(on: machine)
        let result: CommandResult
        do {
            defer { command.input.wipe() }
            result = try await machine.run(command)
        }
        switch result.ending {
        case .exited(0): break
        case .notFound: throw Undetermined(until: "curl is installed")
        // No such host, no connection, a timeout, an empty answer.
        case .exited(6), .exited(7), .exited(28), .exited(52):
            throw Undetermined(until: "\(url) answers")
        default: throw CommandFailure(command: command, result: result)
        }
        let lines = result.text.lines
        guard let last = lines.last(where: { !$0.isEmpty }), let status = Int(last.suffix(3)) else {
            throw Failure("curl printed no status for \(url)")
        }
        return (status, String(result.text.dropLast(last.utf8.count + 1)))
    }

    /// The configuration of curl.
    private func configuration(on machine: Machine) async throws -> [UInt8] {
        var lines = Array(
            """
            silent
            show-error
            globoff
            proto = "=http,https"
            max-time = \(timeout.components.seconds)
            url = "\(url)"
            request = "\(method.rawValue.uppercased())"
            write-out = "\\n%{http_code}"

            """.utf8)
        if !verifiesCertificate { lines += Array("insecure\n".utf8) }
        if waits { lines += Array("retry = 5\nretry-delay = 1\nretry-connrefused\nretry-max-time = 5\n".utf8) }
        if !fields.isEmpty, !headers.keys.contains(where: { $0.lowercased() == "content-type" }) {
            lines += Array("header = \"Content-Type: application/json\"\n".utf8)
        }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            var bytes = try await value.withBytes(on: machine) { $0 }
            defer { bytes.wipe() }
            if bytes.last == 0x0A { bytes.removeLast() }
            guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                throw Failure("the header \(name) for \(url) has a newline or another control character in it")
            }
            lines += Array("header = \"\(name): ".utf8) + Self.escaped(bytes) + Array("\"\n".utf8)
        }
        if var bytes = try await payload(on: machine) {
            defer { bytes.wipe() }
            guard !bytes.contains(0) else { throw Failure("the body for \(url) has a NUL in it") }
            // Not “data”, for which “@” is the name of a file.
            lines += Array("data-raw = \"".utf8) + Self.escaped(bytes) + Array("\"\n".utf8)
        }
        return lines
    }

    private func payload(on machine: Machine) async throws -> [UInt8]? {
        if let body { return try await body.withBytes(on: machine) { $0 } }
        guard !fields.isEmpty else { return nil }
        var bytes = Array("{".utf8)
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            if bytes.count > 1 { bytes += Array(", ".utf8) }
            var content = try await value.withBytes(on: machine) { $0 }
            defer { content.wipe() }
            // The newline that an editor adds to a secret is not part of it.
            if !value.secrets.isEmpty, content.last == 0x0A { content.removeLast() }
            guard String(validating: content, as: UTF8.self) != nil else {
                throw Failure("the field \(name) for \(url) is not UTF-8")
            }
            bytes += Self.json(Array(name.utf8)) + Array(": ".utf8) + Self.json(content)
        }
        return bytes + Array("}".utf8)
    }

    /// A string of JSON, of bytes that are UTF-8.
    private static func json(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [UInt8(ascii: "\"")]
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
            case ..<0x20:
                let digits = String(byte, radix: 16)
                result += Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
            default: result.append(byte)
            }
        }
        return result + [UInt8(ascii: "\"")]
    }

    /// A quoted value of curl's configuration (curl(1), `--config`).
    private static func escaped(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
            case 0x0A: Array("\\n".utf8)
            case 0x0D: Array("\\r".utf8)
            case 0x09: Array("\\t".utf8)
            case 0x0B: Array("\\v".utf8)
            default: [byte]
            }
        }
    }
}
