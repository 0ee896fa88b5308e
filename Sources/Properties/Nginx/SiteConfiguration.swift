/// The configuration of a site, its certificate, and the link that enables it.
struct SiteConfiguration: SiteChange {
    typealias Target = DebianLike

    let site: Nginx.Site
    /// Whether the certificate that a public authority issues must be there. Without it the site begins with a
    /// self-signed one, so that nginx can answer the authority.
    var isFinal = false

    var name: String { "nginx: site \(site.siteName)\(isFinal ? " with its issued certificate" : "")" }
    var problems: [String] { site.problems + hostProblems }
    var secrets: [Secret] { certificate.secrets }

    var claims: [Claim] {
        let state = NginxSiteText(site: site, http2: .directive).text
        return [
            .path(available, is: state, summary: "a site for \(site.names.joined(separator: ", "))"),
            link.claims[0],
        ] + certificate.claims + site.allNames.map { Claim("the site that answers to \($0)", is: site.siteName) }
            + site.options.maps.map { Claim("the variable \($0.variable) of nginx", is: $0.text) }
            + (site.options.isDefault
                ? [Claim("the site that answers to other names", is: site.siteName)] : [])
    }

    /// The ports that nginx has besides 80 and 443. Other sites listen on them too.
    var ports: [Port] {
        [site.options.httpPort, site.options.httpsPort].filter { ![80, 443].contains($0) }.map { Port($0) }
    }
    var portOwner: String { "nginx.service" }

    private var hostProblems: [String] {
        for case .container(let name, _) in site.backends {
            return [
                "the site \(site.siteName.escaped): nginx on the host cannot resolve the container name "
                    + "\(name.escaped): use Nginx.Site(for: stack, container: …), or NginxSites in a container"
            ]
        }
        return []
    }

    private var available: FilePath { NginxPaths.available(site.siteName) }
    private var link: SymbolicLink { SymbolicLink(NginxPaths.enabled(site.siteName), to: available.string) }
    private var certificate: SiteCertificate { SiteCertificate(of: site) }

    private func certificate(on machine: Machine) throws -> SiteCertificate {
        SiteCertificate(of: site, isIssued: try isIssued(on: machine))
    }

    /// Whether the authority of the site has issued its certificate; no if it has none.
    private func isIssued(on machine: Machine) throws -> Bool {
        try site.acme.map { try machine.files.status(of: $0.certificatePath) != nil } ?? false
    }

    private func text(certificateFile: FilePath? = nil, on machine: Machine) async throws -> String {
        NginxSiteText(
            site: site, http2: try await Nginx.HTTP2(of: machine),
            // Absent if the kernel was started with ipv6.disable=1, or built without IPv6.
            hasIPv6: try machine.files.status(of: "/proc/net/if_inet6") != nil, certificateFile: certificateFile,
            isIssued: try isIssued(on: machine)
        ).text
    }

    private func file(on machine: Machine) async throws -> File { File(available, try await text(on: machine)) }

    func check(on machine: Machine) async throws -> Check {
        try refuseProblems()
        if isFinal, try !isIssued(on: machine) { return .unknown(until: "the certificate is issued") }
        let certificate = try certificate(on: machine)
        var reasons: [String] = [], diff: Diff?, secrets: [Secret] = []
        if case .unmet(let change) = try await file(on: machine).check(on: machine) {
            reasons.append(change.reason)
            diff = change.diff
        }
        if try await !isLinked(on: machine) { reasons.append("not enabled") }
        switch try await certificate.check(on: machine) {
        case .satisfied: break
        case .unmet(let change):
            reasons.append("certificate: \(change.reason)")
            secrets = change.secrets
        case .unknown(let until):
            if reasons.isEmpty { return .unknown(until: until) }
            reasons.append("perhaps another certificate: cannot tell until \(until)")
            secrets = certificate.secrets
        }
        return .unmet(unlessEmpty: reasons, diff: diff, secrets: secrets)
    }

    func candidate(in scratch: ScratchDirectory, on machine: Machine) async throws -> SiteCandidate {
        try refuseProblems()
        let certificate = try await certificate(on: machine).write(
            to: scratch, as: "nginx/\(site.siteName).pem", on: machine)
        let text = try await text(certificateFile: certificate, on: machine)
        return SiteCandidate(
            change: self, text: text, file: try scratch.write(Array(text.utf8), to: "nginx/\(site.siteName)"),
            certificate: certificate)
    }

    func put(_ candidate: SiteCandidate, on machine: Machine) async throws {
        let certificate = try certificate(on: machine)
        // nginx may be started at any time: so the certificate is there before the site, and the site before its link.
        if certificate.isFile { try await certificate.put(candidate.certificate, on: machine) }
        let file = try await file(on: machine)
        if try await file.check(on: machine) != .satisfied {
            try machine.formerSites.keep(file.path)
            try await file.apply(on: machine)
        }
        if try await !isLinked(on: machine) {
            try machine.formerSites.keep(link.path)
            try await link.apply(on: machine)
        }
        if !certificate.isFile { try await certificate.put(nil, on: machine) }
    }

    /// Whether an absolute or a relative link enables the site.
    private func isLinked(on machine: Machine) async throws -> Bool {
        if try await link.check(on: machine) == .satisfied { return true }
        guard try machine.files.status(of: link.path) != nil else { return false }
        return try machine.files.destination(ofLink: link.path) == "../sites-available/\(site.siteName)"
    }
}
