/// A removed site: the originals are restored, and its certificate and key are deleted.
struct SiteAbsence: SiteChange {
    typealias Target = DebianLike

    let site: Nginx.Site

    var name: String { "no nginx: site \(site.siteName)" }
    var problems: [String] { site.nameProblems }

    /// It does not claim names: another site may have them.
    var claims: [Claim] { paths.map { .path($0, is: "reverted", summary: "taken back") } }

    /// The link first: nginx may be started in between, and must find the destination of the link and the certificate.
    private var paths: [FilePath] {
        [NginxPaths.enabled(site.siteName), NginxPaths.available(site.siteName), NginxPaths.certificate(site.siteName)]
    }

    func check(on machine: Machine) async throws -> Check {
        try refuseProblems()
        return try paths.contains { try machine.originals.has($0) }
            ? .unmet("restore the original") : .satisfied
    }

    /// The original site, if it was enabled.
    func candidate(in scratch: ScratchDirectory, on machine: Machine) async throws -> SiteCandidate {
        try refuseProblems()
        let available = NginxPaths.available(site.siteName), enabled = NginxPaths.enabled(site.siteName)
        let isEnabled =
            try machine.originals.has(enabled)
            ? !machine.originals.wasAbsent(enabled) : machine.files.status(of: enabled) != nil
        guard isEnabled,
            let bytes = try machine.originals.bytes(of: available) ?? machine.files.readIfPresent(available)
        else {
            return SiteCandidate(change: self, text: nil, file: nil)
        }
        return SiteCandidate(
            change: self, text: String(decoding: bytes, as: UTF8.self),
            file: try scratch.write(bytes, to: "nginx/\(site.siteName)"))
    }

    func put(_ candidate: SiteCandidate, on machine: Machine) async throws {
        for path in paths where try machine.originals.has(path) { try machine.formerSites.keep(path) }
        for path in paths.dropLast() { try machine.originals.restore(path) }
        try SiteCertificate.absent(NginxPaths.certificate(site.siteName)).remove(on: machine)
    }
}
