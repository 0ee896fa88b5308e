/// A self-signed certificate for these names and its key, in one file that only root can read.
///
/// openssl generates it on the machine, and its key never leaves it. It is valid for ten years, and replaced if the
/// names change or it expires in less than 30 days.
struct SelfSignedCertificate {
    let path: FilePath
    /// The common name: letters, digits, `-` and `_`.
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
            return .unmet("create for \(names.joined(separator: ", "))")
        }
        guard let reasons = try await reasonsToMakeIt(on: machine) else {
            return .unknown(until: "openssl is installed")
        }
        return .unmet(
            unlessEmpty: reasons
                + (try await machine.differences(of: found, mode: 0o600, owner: "root", group: "root")))
    }

    /// Whether the content must be replaced, whatever its mode and owner.
    func isToBeMade(on machine: Machine) async throws -> Bool {
        guard try machine.files.status(of: path) != nil else { return true }
        return try await reasonsToMakeIt(on: machine) != []
    }

    /// The reasons to replace the content; nil if there is no openssl to read it.
    private func reasonsToMakeIt(on machine: Machine) async throws -> [String]? {
        if try isFromSecrets(on: machine) { return ["the present one is from secrets"] }
        var bytes = try machine.files.read(path)
        let hasKey = String(decoding: bytes, as: UTF8.self).contains("-----BEGIN PRIVATE KEY-----")
        let known = X509(pem: bytes)
        bytes.wipe()
        let month = 30 * 86400
        if let known {
            return reasons(
                hasKey: hasKey, names: known.names, isSelfSigned: known.isSelfSigned,
                isEnding: known.end - machine.now.seconds < month)
        }
        let result = try await machine.run(
            Invocation(
                "openssl",
                [
                    "x509", "-in", path.string, "-noout", "-subject", "-issuer", "-ext", "subjectAltName", "-checkend",
                    "\(month)",
                ]))
        if result.ending == .notFound { return nil }
        let subject = Self.value("subject", in: result.text), issuer = Self.value("issuer", in: result.text)
        return reasons(
            hasKey: hasKey, names: Self.names(in: result.text), isSelfSigned: subject == issuer,
            isEnding: !result.succeeded)
    }

    private func reasons(hasKey: Bool, names present: [String], isSelfSigned: Bool, isEnding: Bool) -> [String] {
        if !hasKey || present.isEmpty { return ["the file has no certificate with its key"] }
        // Another certificate for the same names, such as one from secrets that was restored.
        guard isSelfSigned else { return ["it is not self-signed"] }
        guard Set(present) == Set(names) else {
            return ["names \(present.joined(separator: ", ").escaped) → \(names.joined(separator: ", "))"]
        }
        return isEnding ? ["it expires in less than 30 days"] : []
    }

    /// Whether something is remembered of secrets that were put there.
    private func isFromSecrets(on machine: Machine) throws -> Bool {
        try appliedSecrets.isRecorded(on: machine)
    }

    private var appliedSecrets: AppliedSecrets { AppliedSecrets(in: path.string, form: "", of: []) }

    /// A new certificate and its key, for the caller to wipe.
    func make(on machine: Machine) async throws -> [UInt8] {
        try validate()
        return try await machine.outputWithKey(
            of: Invocation(
                "openssl",
                [
                    "req", "-x509", "-config", "/dev/stdin", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", "-", "-days", "3650",
                ], input: Array(request.utf8)))
    }

    /// Puts a new certificate in place; without one only mode and owner are corrected.
    func put(_ replacement: FilePath?, on machine: Machine) async throws {
        try machine.originals.keep(path)
        guard let replacement else {
            guard let found = try machine.files.status(of: path) else { return }
            return try machine.files.setOwner(.root, mode: 0o600, of: path, expecting: found)
        }
        var bytes = try machine.files.read(replacement)
        defer { bytes.wipe() }
        try machine.files.replace(path, with: bytes, mode: 0o600)
        try appliedSecrets.forget(on: machine)
    }

    /// The certificate request (openssl-req(1), x509v3_config(5)).
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

    /// A field in the output of openssl: `issuer=CN = shop`.
    private static func value(_ field: String, in text: String) -> Substring? {
        text.lines.first { $0.hasPrefix("\(field)=") }?.dropFirst(field.count + 1)
    }

    /// The names in the output of openssl: `    DNS:a.example.com, IP Address:10.0.0.1`.
    private static func names(in text: String) -> [String] {
        text.lines.filter { $0.hasPrefix(" ") }.flatMap { line in
            line.split(separator: ",").compactMap { entry in
                entry.split(separator: ":", maxSplits: 1).dropFirst().first.map { String($0).trimmed }
            }
        }
    }

    /// The names go into a configuration of openssl, where other characters have a meaning.
    private func validate() throws {
        guard !names.isEmpty, names.allSatisfy(HostNames.isValid), Stack.isName(commonName) else {
            throw Failure(
                "invalid names for a certificate “\(names.joined(separator: ", ").escaped)”",
                advice: "Give host names such as shop.example.com.")
        }
    }
}
