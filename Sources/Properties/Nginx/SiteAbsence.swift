/// A site taken back: what was there before it stands again, and its certificate and key are gone.
struct SiteAbsence: SiteChange {
    typealias Target = DebianLike

    let site: Nginx.Site

    var name: String { "no nginx: site \(site.siteName)" }
    var problems: [String] { site.nameProblems }

    /// Its names are none: another site may have them.
    var claims: [Claim] { paths.map { .path($0, is: "reverted", summary: "taken back") } }

    /// The link first: an nginx that is started in between must find what it points to, and a site its certificate.
    private var paths: [FilePath] {
        [NginxPaths.enabled(site.siteName), NginxPaths.available(site.siteName), NginxPaths.certificate(site.siteName)]
    }

    func check(on machine: Machine) async throws -> Check {
        try refuseProblems()
        return try paths.contains { try machine.originals.has($0) }
            ? .unmet("it is to be as it was before") : .satisfied
    }

    /// What was there before, where that was enabled.
    func candidate(in scratch: Scratch, on machine: Machine) async throws -> SiteCandidate {
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
