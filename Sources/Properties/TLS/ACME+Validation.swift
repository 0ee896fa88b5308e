extension TLS.ACME {
    /// - Throws: ``Failure`` if no authority would issue it.
    func validate() throws {
        try TLS.validate(name: id)
        try TLS.validate(names: names, of: id)
        for name in names where HostNames.isAddress(name) || HostNames.isIPv6(name) {
            throw Failure("\(name) is an address, and certificates from ACME are for names")
        }
        if let wildcard = names.first(where: { $0.hasPrefix("*.") }), !isInDNS {
            throw Failure(
                "the certificate \(id) is for \(wildcard), which takes a proof in the DNS",
                advice: "Declare the challenge .dns(PLUGIN, credentials: …), or .lego.")
        }
        if let email {
            let parts = email.split(separator: "@", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, !email.hasPrefix("-"),
                email.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ",") })
            else {
                throw Failure("invalid address “\(email.escaped)” for the certificate \(id)")
            }
        }
        switch challenge {
        case .standalone: break
        case .webroot(let path):
            guard path.isAbsolute, HostNames.isPlain(path: path.string) else {
                throw Failure(
                    "invalid directory “\(path.string.escaped)” for the proofs of the certificate \(id)",
                    advice: "Write an absolute path without spaces.")
            }
        case .dns(let plugin, _, let delay):
            guard !plugin.isEmpty, plugin.utf8.allSatisfy({ $0.isASCIILowercase || $0.isASCIIDigit }) else {
                throw Failure(
                    "invalid plugin of certbot “\(plugin.escaped)”",
                    advice: "`apt search python3-certbot-dns` lists them; write what follows dns-.")
            }
            guard plugin != "route53" else {
                throw Failure(
                    "the plugin route53 of certbot takes no file of credentials",
                    advice: "Declare .lego(\"route53\", variables: …), as `lego dnshelp --code route53` names them.")
            }
            guard delay.map({ $0 > .zero }) != false else {
                throw Failure("the delay for the DNS is not longer than 0")
            }
        case .lego(let provider, let variables): try validate(provider, variables)
        }
        guard server.url.hasPrefix("https://"), server.url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Failure(
                "invalid URL of an authority “\(server.url.escaped)”", advice: "Begin with https://.")
        }
        for unit in reloads { try UnitName.validate(UnitName.full(unit)) }
        guard NginxText.isPrintable(hook, hasLines: true) else {
            throw Failure("the hook of the certificate \(id) has a control character in it")
        }
    }

    private var isInDNS: Bool {
        switch challenge {
        case .webroot, .standalone: false
        case .dns, .lego: true
        }
    }

    private func validate(_ provider: String, _ variables: [String: Content]) throws {
        guard !provider.isEmpty, !provider.hasPrefix("-"),
            provider.utf8.allSatisfy({ $0.isASCIILowercase || $0.isASCIIDigit || $0 == UInt8(ascii: "-") })
        else {
            throw Failure(
                "invalid provider of lego “\(provider.escaped)”", advice: "`lego dnshelp` lists their codes: hetzner.")
        }
        for name in variables.keys.sorted() {
            let isName =
                name.utf8.first?.isASCIIUppercase == true
                && name.utf8.allSatisfy { $0.isASCIIUppercase || $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
            guard isName, !name.hasSuffix("_FILE") else {
                throw Failure(
                    "invalid variable of lego “\(name.escaped)”",
                    advice: "`lego dnshelp --code \(provider)` names them; write the value itself, not a file.")
            }
        }
        guard email != nil else {
            throw Failure("the certificate \(id) has no e-mail address, and lego takes none without one")
        }
    }
}
