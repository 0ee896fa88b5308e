/// A property that changes one site of the host's nginx. All that are to change are tried together, so that what one mends does not
/// keep another from being tried.
protocol SiteChange: Batchable {
    var site: Nginx.Site { get }

    /// Writes what nginx is to try.
    func candidate(in scratch: Scratch, on machine: Machine) async throws -> SiteCandidate

    /// Puts in place what nginx has accepted.
    func put(_ candidate: SiteCandidate, on machine: Machine) async throws
}

/// A site as it is to be, where nginx can try it and nobody else reads it.
struct SiteCandidate {
    let change: any SiteChange
    /// What nginx reads of it; nil where it is to be gone.
    let text: String?
    /// Where that is.
    let file: FilePath?
    /// Where its certificate is with its key, if it is to be another one.
    var certificate: FilePath?

    var site: String { change.site.siteName }
}

extension SiteChange {
    public var batch: String { "sites of nginx" }

    /// - Throws: ``Failure`` with what nginx says, where it does not accept this site among the others: then nothing of it is changed.
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
                    // It has its own turn, and says then what is wrong.
                }
            }
            return outcome.refusals[site.siteName]
        }
        if let refusal { throw refusal }
    }

    private func candidates(
        of changes: [any SiteChange], in scratch: Scratch, on machine: Machine
    ) async throws -> [SiteCandidate] {
        var candidates: [SiteCandidate] = []
        for change in changes {
            do {
                candidates.append(try await change.candidate(in: scratch, on: machine))
            } catch  where change.site.siteName != site.siteName && !(error is CancellationError) {
                // It has its own turn, and says then what is wrong.
            }
        }
        return candidates
    }

    /// - Throws: ``Failure`` where the site cannot be as it is declared.
    func refuseProblems() throws {
        if let problem = problems.first { throw Failure(problem) }
    }
}
