/// The reason to refuse sites: a message of nginx, or a conflict of names that it would ignore.
enum TrialRefusal {
    /// A message of nginx.
    case words(CommandFailure, [SiteCandidate])
    case conflict(ServerNameConflict)

    /// The sites that cause it; empty if it names none.
    var blamed: [SiteCandidate] {
        switch self {
        case .words(let refusal, let candidates): candidates.filter { $0.isSite && $0.isNamed(in: refusal.lastLines) }
        case .conflict(let conflict): [conflict.candidate]
        }
    }

    func failure(of candidate: SiteCandidate) -> Failure {
        switch self {
        case .conflict(let conflict): return conflict.failure
        case .words(let refusal, let candidates):
            return Failure(
                "nginx refuses the site \(candidate.site) and keeps its configuration",
                command: refusal.command.description,
                ending: refusal.result.ending.description,
                output: refusal.lastLines.filter { !$0.hasSuffix(" test failed") }.map {
                    candidates.reduce(
                        $0.replacing(NginxTrial.configuration.string, with: NginxPaths.configuration.string)
                    ) { $1.settled(in: $0) }
                }, advice: candidate.advice(on: refusal.lastLines))
        }
    }
}

extension SiteCandidate {
    fileprivate func isNamed(in words: [String]) -> Bool {
        words.contains(where: namesText) || words.contains(where: namesCertificate)
    }

    private func namesText(_ line: String) -> Bool {
        file.map { line.contains("\($0):") || line.contains("\"\($0)\"") } == true
    }
    private func namesCertificate(_ line: String) -> Bool { certificate.map { line.contains("\"\($0)\"") } == true }

    fileprivate func advice(on words: [String]) -> String {
        if words.contains(where: namesCertificate) {
            return
                "The declared certificate or key is the reason. The file begins with the certificate of the site, "
                + "which matches the key; intermediate certificates follow. Nothing was written."
        }
        return words.contains(where: namesText)
            ? "The line number is that of the new text, which `propel plan` shows. Nothing was written."
            : "The reason is not the site itself: fix what nginx names, then run again. Nothing was written."
    }

    /// The line with the final paths of the site.
    fileprivate func settled(in line: String) -> String {
        var line = line
        if let certificate { line = line.replacing("\"\(certificate)\"", with: "\"\(NginxPaths.certificate(site))\"") }
        guard let file else { return line }
        return line.replacing("\(file):", with: "\(NginxPaths.available(site)):").replacing(
            "\"\(file)\"", with: "\"\(NginxPaths.available(site))\"")
    }
}
