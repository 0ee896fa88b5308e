/// A property that changes one site of the host's nginx. All changes are validated together, so that a broken site
/// which one of them repairs does not block the others.
protocol SiteChange: Batchable {
    var site: Nginx.Site { get }

    /// Writes the files that nginx validates.
    func candidate(in scratch: ScratchDirectory, on machine: Machine) async throws -> SiteCandidate

    /// Puts the accepted files in place.
    func put(_ candidate: SiteCandidate, on machine: Machine) async throws
}

/// A site in the scratch directory, for nginx to validate.
struct SiteCandidate {
    let change: any SiteChange
    /// The configuration; nil if the site is removed.
    let text: String?
    /// The file with the configuration.
    let file: FilePath?
    /// The file with a new certificate and its key; nil if that stays.
    var certificate: FilePath?

    var site: String { change.site.siteName }
}

extension SiteChange {
    public var batch: String { "sites of nginx" }

    /// - Throws: ``Failure`` with the message of nginx if it refuses this site. Then nothing of it is changed.
    public func apply(with others: [any Batchable], on machine: Machine) async throws {
        try refuseProblems()
        let changes = [self as any SiteChange] + others.compactMap { $0 as? any SiteChange }
        let refusal = try await machine.withScratch { scratch in
            let outcome = try await NginxTrial(candidates: candidates(of: changes, in: scratch, on: machine)).run(
                on: machine)
            for candidate in outcome.accepted {
                do {
                    try await candidate.change.put(candidate, on: machine)
                } catch  where candidate.site != site.siteName && !(error is CancellationError) {
                    // It has its own turn, and reports the error then.
                }
            }
            return outcome.refusals[site.siteName]
        }
        if let refusal { throw refusal }
    }

    private func candidates(
        of changes: [any SiteChange], in scratch: ScratchDirectory, on machine: Machine
    ) async throws -> [SiteCandidate] {
        var candidates: [SiteCandidate] = []
        for change in changes {
            do {
                candidates.append(try await change.candidate(in: scratch, on: machine))
            } catch  where change.site.siteName != site.siteName && !(error is CancellationError) {
                // It has its own turn, and reports the error then.
            }
        }
        return candidates
    }

    /// - Throws: ``Failure`` if the declaration has a problem.
    func refuseProblems() throws {
        if let problem = problems.first { throw Failure(problem) }
    }
}
