/// A certificate that certbot has got from an authority; see ``TLS/ACME``.
struct IssuedCertificate: Property {
    typealias Target = DebianLike

    let acme: TLS.ACME

    var name: String { "certificate \(acme.id) from \(acme.server.url)" }
    var problems: [String] { problems(in: acme.validate) }
    var claims: [Claim] {
        [Claim("the certificate \(acme.id) of certbot", is: "\(names) from \(acme.server.url) by \(authenticator)")]
    }

    private var names: String { acme.names.sorted().joined(separator: ", ") }

    private var authenticator: String {
        switch acme.challenge {
        case .webroot: "webroot"
        case .standalone: "standalone"
        case .dns(let plugin, _, _): "dns-\(plugin)"
        case .lego(let provider, _): "lego-\(provider)"
        }
    }

    // MARK: Check

    func check(on machine: Machine) async throws -> Check {
        try acme.validate()
        let wanted = "get it for \(names)"
        guard let configuration = try configuration(on: machine),
            let issued = try machine.files.status(of: acme.certificatePath)
        else { return .unmet(wanted) }
        if let reason = difference(in: configuration) { return .unmet("\(reason): \(wanted)") }
        let present = try await names(on: machine)
        guard present == acme.names.sorted() else {
            return .unmet("names \(present.joined(separator: ", ").escaped) → \(names)")
        }
        // certbot puts another link in place with each renewal.
        return try await machine.checkRenewal(of: acme.certificatePath, issued: issued.modified)
    }

    /// The settings with which certbot renews it: `authenticator = webroot`.
    private func configuration(on machine: Machine) throws -> [String: String]? {
        guard let bytes = try machine.files.readIfPresent(acme.places.renewal) else { return nil }
        return String(decoding: bytes, as: UTF8.self).lines.reduce(into: [:]) { settings, line in
            let parts = line.split(separator: "=", maxSplits: 1).map { String($0).trimmed }
            if parts.count == 2 { settings[parts[0]] = parts[1] }
        }
    }

    private func difference(in configuration: [String: String]) -> String? {
        if configuration["server"] != acme.server.url { return "another authority" }
        if configuration["authenticator"] != authenticator { return "another challenge" }
        if case .webroot(let path) = acme.challenge {
            let present = configuration["webroot_path"]?.split(separator: ",").map { String($0).trimmed } ?? []
            if present != [path.string] { return "another directory for the proofs" }
        }
        return nil
    }

    /// The names of the certificate, sorted: as they were recorded, or else as they stand in it.
    private func names(on machine: Machine) async throws -> [String] {
        if let record = try CertificateRecord.read(acme.places.record, on: machine) {
            return record.form.split(separator: " ").map(String.init)
        }
        if let known = try machine.certificate(at: acme.certificatePath) { return known.names.sorted() }
        let result = try await machine.succeed(
            Invocation(
                "openssl", ["x509", "-in", acme.certificatePath.string, "-noout", "-ext", "subjectAltName"]))
        return result.text.split { $0 == "," || $0.isWhitespace }.compactMap { word in
            word.hasPrefix("DNS:") ? String(word.dropFirst(4)) : nil
        }.sorted()
    }

    // MARK: Apply

    func apply(on machine: Machine) async throws {
        try acme.validate()
        // The site that answers the challenge may have come in this run.
        if case .webroot = acme.challenge {
            machine.forgetFacts()
            if try await machine.unit("nginx.service").isActive { try await Nginx.Reload().perform(on: machine) }
        }
        let isThere = try machine.files.status(of: acme.certificatePath) != nil
        // certbot asks nobody, and does nothing, if the names are the same and the end is far away.
        let isOther = try isThere && configuration(on: machine).map(difference) != .some(.none)
        let command = Invocation("certbot", arguments + (isOther ? ["--force-renewal"] : []), timeout: .minutes(10))
        let result = try await machine.run(command)
        guard result.succeeded else {
            let failure = CommandFailure(command: command, result: result)
            throw Failure(
                "certbot did not get the certificate \(acme.id)", command: command.description,
                ending: result.ending.description, output: failure.lastLines, advice: advice)
        }
        try CertificateRecord(form: acme.names.sorted().joined(separator: " "), files: "", end: 0).write(
            acme.places.record, on: machine)
    }

    private var advice: String {
        switch acme.challenge {
        case .webroot, .standalone:
            "All names must lead to this machine, on port 80 and from everywhere. Try with server: "
                + ".letsEncryptStaging: Let's Encrypt counts failures. The log is /var/log/letsencrypt/letsencrypt.log."
        case .dns, .lego:
            "The credentials must allow changes of the zone. Try with server: .letsEncryptStaging: "
                + "Let's Encrypt counts failures. The log is /var/log/letsencrypt/letsencrypt.log."
        }
    }

    private var arguments: [String] {
        var words = [
            "certonly", "--non-interactive", "--agree-tos", "--cert-name", acme.id, "--renew-with-new-domains",
            "--server", acme.server.url,
        ]
        words += acme.email.map { ["--email", $0] } ?? ["--register-unsafely-without-email"]
        switch acme.challenge {
        case .webroot(let path): words += ["--webroot", "--webroot-path", path.string]
        case .standalone: words += ["--standalone"]
        case .dns(let plugin, _, let delay):
            words += ["--authenticator", "dns-\(plugin)"]
            words += ["--dns-\(plugin)-credentials", acme.places.credentials.string]
            if let delay { words += ["--dns-\(plugin)-propagation-seconds", "\(delay.components.seconds)"] }
        // Not one of certbot; see LegoCertificate.
        case .lego: break
        }
        return words + ["--domains", acme.names.joined(separator: ",")]
    }
}
