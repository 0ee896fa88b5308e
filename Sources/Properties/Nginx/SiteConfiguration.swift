/// The text of a site, and the link that makes nginx read it.
struct SiteConfiguration: Revertible {
    typealias Target = DebianLike

    let site: Nginx.Site
    /// Taken back, another site may have its names.
    var claimsNames = true

    var name: String { "nginx: site \(site.siteName)" }
    var mistakes: [String] { site.mistakes + hostMistakes }

    var claims: [Claim] {
        let state = NginxSiteText(site: site, http2: .directive).text
        return [
            .path(NginxPaths.available(site.siteName), is: state, summary: "a site for \(site.names.joined(separator: ", "))"),
            link.claims[0],
        ] + (claimsNames ? site.names.map { Claim("the site that answers to \($0)", is: site.siteName) } : [])
    }

    private var hostMistakes: [String] {
        guard case .container(let name, _) = site.backend else { return [] }
        return [
            "the site \(site.siteName.escaped): nginx on the host does not know the container \(name.escaped) by its name: use Nginx.Site(for: stack, container: …), or NginxSites in a container"
        ]
    }

    private var link: SymbolicLink {
        SymbolicLink(NginxPaths.enabled(site.siteName), to: NginxPaths.available(site.siteName).string)
    }

    private func file(on machine: Machine) async throws -> File {
        File(NginxPaths.available(site.siteName), NginxSiteText(site: site, http2: try await Nginx.HTTP2(of: machine)).text)
    }

    func check(on machine: Machine) async throws -> Check {
        try refuseMistakes()
        var reasons: [String] = [], diff: Diff?
        if case .unmet(let change) = try await file(on: machine).check(on: machine) {
            reasons.append(change.reason)
            diff = change.diff
        }
        if try await !isLinked(on: machine) { reasons.append("not enabled") }
        return .unmet(unlessEmpty: reasons, diff: diff)
    }

    /// - Throws: ``Failure`` with what nginx says, where it does not accept the site among the others: then nothing is changed.
    func apply(on machine: Machine) async throws {
        try refuseMistakes()
        let file = try await file(on: machine)
        try await NginxTrial(site: site.siteName, text: String(decoding: file.content.bytes ?? [], as: UTF8.self)).run(on: machine)
        try await file.apply(on: machine)
        if try await !isLinked(on: machine) { try await link.apply(on: machine) }
    }

    /// By an absolute or a relative link.
    private func isLinked(on machine: Machine) async throws -> Bool {
        if try await link.check(on: machine) == .satisfied { return true }
        guard try machine.files.status(of: link.path) != nil else { return false }
        return try machine.files.destination(ofLink: link.path) == "../sites-available/\(site.siteName)"
    }

    func checkReverted(on machine: Machine) async throws -> Check {
        try refuseMistakes()
        let isLeft = try [link.path, NginxPaths.available(site.siteName)].contains { try machine.originals.has($0) }
        return isLeft ? .unmet("it is to be as it was before") : .satisfied
    }

    func revert(on machine: Machine) async throws {
        try refuseMistakes()
        // The link first: a reload in between must find what it points to.
        try machine.originals.restore(link.path)
        try machine.originals.restore(NginxPaths.available(site.siteName))
    }

    private func refuseMistakes() throws {
        if let mistake = mistakes.first { throw Failure(mistake) }
    }
}
