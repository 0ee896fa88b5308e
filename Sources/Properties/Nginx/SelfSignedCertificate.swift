/// A certificate for these names that nobody has vouched for, and its key, in one file that root alone can read.
///
/// It is made on the machine, with openssl, and its key never leaves it. It is valid for ten years; it is made anew where the names
/// are others, or where it ends in less than 30 days.
struct SelfSignedCertificate {
    let path: FilePath
    /// Whom it is for, besides the names: letters, digits, `-` and `_`.
    let commonName: String
    let names: [String]

    init(_ path: FilePath, commonName: String, names: [String]) {
        self.path = path
        self.commonName = commonName
        self.names = names
    }

    var claims: [Claim] {
        let state = "self-signed, for \(names.sorted().joined(separator: ", "))"
        return [.path(path, is: state, summary: state)]
    }

    func check(on machine: Machine) async throws -> Check {
        try validate()
        guard let found = try machine.files.status(of: path) else {
            return .unmet("absent, is to be for \(names.joined(separator: ", "))")
        }
        guard let reasons = try await reasonsToMakeIt(on: machine) else {
            return .unknown(until: "openssl is installed")
        }
        return .unmet(
            unlessEmpty: reasons
                + (try await differences(of: found, mode: 0o600, owner: "root", group: "root", on: machine)))
    }

    /// Whether what is there is not good enough, whoever may read it.
    func isToBeMade(on machine: Machine) async throws -> Bool {
        guard try machine.files.status(of: path) != nil else { return true }
        return try await reasonsToMakeIt(on: machine) != []
    }

    /// Why what is there is not good enough; nil where that cannot be told, since there is no openssl.
    private func reasonsToMakeIt(on machine: Machine) async throws -> [String]? {
        if try isFromSecrets(on: machine) { return ["it is one from secrets"] }
        var bytes = try machine.files.read(path)
        let hasKey = String(decoding: bytes, as: UTF8.self).contains("-----BEGIN PRIVATE KEY-----")
        bytes.wipe()
        let month = 30 * 24 * 60 * 60
        let result = try await machine.run(
            Invocation(
                "openssl",
                [
                    "x509", "-in", path.string, "-noout", "-subject", "-issuer", "-ext", "subjectAltName", "-checkend",
                    "\(month)",
                ]))
        if result.ending == .notFound { return nil }
        let present = Self.names(in: result.text)
        if !hasKey || present.isEmpty { return ["no certificate with its key"] }
        // Somebody else's for the same names, such as one from secrets that was put back.
        if Self.value("subject", in: result.text) != Self.value("issuer", in: result.text) {
            return ["it is not self-signed"]
        }
        if Set(present) != Set(names) {
            return ["names \(present.joined(separator: ", ").escaped) → \(names.joined(separator: ", "))"]
        }
        return result.succeeded ? [] : ["it ends in less than 30 days"]
    }

    /// Whether something is remembered of secrets that were put there.
    private func isFromSecrets(on machine: Machine) throws -> Bool {
        try appliedSecrets.isRecorded(on: machine)
    }

    private var appliedSecrets: AppliedSecrets { AppliedSecrets(in: path.string, form: "", of: []) }

    /// A new certificate and its key, for whoever calls this to wipe.
    func make(on machine: Machine) async throws -> [UInt8] {
        try validate()
        let command = Invocation(
            "openssl",
            [
                "req", "-x509", "-config", "/dev/stdin", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout", "-", "-days", "3650",
            ], input: Array(request.utf8))
        var result = try await machine.run(command)
        guard result.succeeded else {
            result.output.wipe()
            // Without its output: the key may be in it.
            throw CommandFailure(command: command, result: CommandResult(ending: result.ending, errors: result.errors))
        }
        return result.output
    }

    /// Puts a new one in place; where there is none, whose it is and who may read it are put right.
    func put(_ replacement: FilePath?, on machine: Machine) async throws {
        try machine.originals.keep(path)
        guard let replacement else {
            // The owner first: nobody else is to have the key with the new mode.
            try machine.files.setOwner(.root, of: path)
            return try machine.files.setMode(0o600, of: path)
        }
        var bytes = try machine.files.read(replacement)
        defer { bytes.wipe() }
        try machine.files.replace(path, with: bytes, mode: 0o600)
        try appliedSecrets.forget(on: machine)
    }

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

    /// What openssl prints of one of its fields: `issuer=CN = shop`.
    private static func value(_ field: String, in text: String) -> Substring? {
        text.split(separator: "\n").first { $0.hasPrefix("\(field)=") }?.dropFirst(field.count + 1)
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
            throw Failure(
                "there is no certificate for “\(names.joined(separator: ", ").escaped)”",
                advice: "Give host names such as shop.example.com.")
        }
    }
}
