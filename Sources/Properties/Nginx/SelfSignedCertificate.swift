/// A certificate for these names that nobody has vouched for, and its key, in one file that root alone can read.
///
/// It is made on the machine, with openssl, and its key never leaves it. It is valid for ten years; it is made anew where the names
/// are others, or where it ends in less than 30 days.
struct SelfSignedCertificate: Revertible {
    typealias Target = DebianLike

    let path: FilePath
    /// Whom it is for, besides the names: letters, digits, `-` and `_`.
    let commonName: String
    let names: [String]

    init(_ path: FilePath, commonName: String, names: [String]) {
        self.path = path
        self.commonName = commonName
        self.names = names
    }

    var name: String { "self-signed certificate \(path)" }
    var claims: [Claim] {
        let state = "self-signed, for \(names.sorted().joined(separator: ", "))"
        return [.path(path, is: state, summary: state)]
    }

    func check(on machine: Machine) async throws -> Check {
        try validate()
        guard let found = try machine.files.status(of: path) else { return .unmet("absent, is to be for \(names.joined(separator: ", "))") }
        let others = try await differences(of: found, mode: 0o600, owner: "root", group: "root", on: machine)
        var bytes = try machine.files.read(path)
        let hasKey = String(decoding: bytes, as: UTF8.self).contains("-----BEGIN PRIVATE KEY-----")
        bytes.wipe()
        let month = 30 * 24 * 60 * 60
        let result = try await machine.run(
            Command("openssl", ["x509", "-in", path.string, "-noout", "-ext", "subjectAltName", "-checkend", "\(month)"]))
        if result.ending == .notFound { return .unknown(until: "openssl is installed") }
        var reasons: [String] = []
        let present = Self.names(in: result.text)
        if !hasKey || present.isEmpty {
            reasons.append("no certificate with its key")
        } else if Set(present) != Set(names) {
            reasons.append("names \(present.joined(separator: ", ").escaped) → \(names.joined(separator: ", "))")
        } else if !result.succeeded {
            reasons.append("it ends in less than 30 days")
        }
        return .unmet(unlessEmpty: reasons + others)
    }

    func apply(on machine: Machine) async throws {
        try validate()
        try machine.originals.keep(path)
        let command = Command(
            "openssl",
            [
                "req", "-x509", "-config", "/dev/stdin", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", "-", "-days", "3650",
            ], input: Array(request.utf8))
        var result = try await machine.run(command)
        defer { result.output.wipe() }
        guard result.succeeded else {
            // Without its output: the key may be in it.
            throw CommandFailure(command: command, result: CommandResult(ending: result.ending, errors: result.errors))
        }
        try machine.files.replace(path, with: result.output, mode: 0o600)
    }

    func checkReverted(on machine: Machine) async throws -> Check {
        try machine.originals.has(path) ? .unmet("\(path) is to be as it was before") : .satisfied
    }

    func revert(on machine: Machine) async throws { try machine.originals.restore(path) }

    /// What openssl is to make (openssl-req(1), x509v3_config(5)).
    private var request: String {
        let alternatives = names.map { (HostNames.isAddress($0) ? "IP:" : "DNS:") + $0 }.joined(separator: ",")
        return """
            [req]
            prompt = no
            distinguished_name = name
            x509_extensions = extensions
            [name]
            CN = \(commonName)
            [extensions]
            basicConstraints = critical, CA:FALSE
            extendedKeyUsage = serverAuth
            subjectAltName = \(alternatives)

            """
    }

    /// The names in what openssl prints: `    DNS:a.example.com, IP Address:10.0.0.1`.
    private static func names(in text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix(" ") }.flatMap { line in
            line.split(separator: ",").compactMap { entry in
                entry.split(separator: ":", maxSplits: 1).dropFirst().first.map { String($0).trimmed }
            }
        }
    }

    /// They go into a configuration of openssl's, where more characters than these mean something.
    private func validate() throws {
        guard !names.isEmpty, names.allSatisfy(HostNames.isValid), Stack.isName(commonName) else {
            throw Failure("there is no certificate for “\(names.joined(separator: ", ").escaped)”", advice: "Give host names such as shop.example.com.")
        }
    }
}
