/// A validation of sites in the whole configuration of nginx, before they are part of it (nginx(8), `-t`).
struct NginxTrial {
    let candidates: [SiteCandidate]

    /// The accepted sites, and the reasons for the others.
    struct Outcome {
        var accepted: [SiteCandidate]
        /// The failures by the name of the site.
        var refusals: [String: Failure] = [:]
    }

    /// Beside the real one, since nginx resolves relative paths against the directory of the configuration.
    static let configuration: FilePath = "/etc/nginx/.propel-trial.conf"

    /// Validates all sites together; if nginx refuses them, without those that cause it.
    func run(on machine: Machine) async throws -> Outcome {
        var outcome = Outcome(accepted: candidates)
        // Removed sites are never refused.
        while outcome.accepted.contains(where: \.isSite),
            let refusal = try await refusal(of: outcome.accepted, on: machine)
        {
            var blamed = refusal.blamed
            if blamed.isEmpty { blamed = try await culprit(among: outcome.accepted, on: machine) }
            for candidate in blamed { outcome.refusals[candidate.site] = refusal.failure(of: candidate) }
            outcome.accepted.removeAll { candidate in blamed.contains { $0.site == candidate.site } }
        }
        return outcome
    }

    /// The cause if nginx names no site: the site without which nginx accepts the rest, or all.
    private func culprit(among tried: [SiteCandidate], on machine: Machine) async throws -> [SiteCandidate] {
        let sites = tried.filter(\.isSite)
        guard sites.count > 1 else { return sites }
        for candidate in sites.reversed() {
            if try await refusal(of: tried.filter { $0.site != candidate.site }, on: machine) == nil {
                return [candidate]
            }
        }
        return sites
    }

    private func refusal(of candidates: [SiteCandidate], on machine: Machine) async throws -> TrialRefusal? {
        let trial = try replacingSites(in: try machine.files.text(NginxPaths.configuration), candidates, on: machine)
        try machine.files.replace(Self.configuration, with: Array(trial.utf8), mode: 0o600)
        defer { try? machine.files.remove(Self.configuration) }
        let command = Invocation("nginx", ["-t", "-q", "-c", Self.configuration.string], timeout: .seconds(60))
        let result = try await machine.run(command)
        if !result.succeeded { return .words(CommandFailure(command: command, result: result), candidates) }
        return try await ServerNameConflict.first(in: result, among: candidates, on: machine).map(TrialRefusal.conflict)
    }

    /// The main configuration with an include for each enabled site, in the order of nginx, and for the candidates.
    private func replacingSites(in main: String, _ candidates: [SiteCandidate], on machine: Machine) throws -> String {
        var sites = Dictionary(
            uniqueKeysWithValues: try machine.files.list(NginxPaths.enabledSites).filter { !$0.hasPrefix(".") }.map {
                ($0, NginxPaths.enabled($0))
            })
        for candidate in candidates { sites[candidate.site] = candidate.file }
        let includes = sites.sorted { $0.key < $1.key }.map { "include \"\($0.value)\";" }.joined(separator: " ")
        let directives = NginxDirectives(main)
        guard directives.all.contains(where: Self.includesSites) else {
            throw Failure(
                "\(NginxPaths.configuration) does not read the sites of \(NginxPaths.enabledSites)",
                advice: "Put the line `include \(NginxPaths.enabledSites)/*;` into its http section, as Debian has it.")
        }
        return directives.replacing { Self.includesSites($0) ? includes : nil }
    }

    private static func includesSites(_ directive: NginxDirectives.Directive) -> Bool {
        directive.name == "include" && directive.words.count == 2
            && ["/etc/nginx/sites-enabled/*", "sites-enabled/*"].contains(directive.words[1])
    }
}

extension SiteCandidate {
    /// Whether it is a declared site, not a removed one.
    var isSite: Bool { change is SiteConfiguration }
}
