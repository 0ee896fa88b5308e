/// Why nginx does not take sites that it was to try, or would not do with them what is declared.
enum TrialRefusal {
    /// nginx says so itself.
    case words(CommandFailure, [SiteCandidate])
    case conflict(ServerNameConflict)

    /// Those of the sites that it is about; none where it names none of them.
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
                "nginx does not accept the site \(candidate.site), and goes on with what it has",
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
                "It is the certificate or its key, as they are declared. The file has to begin with the certificate of the site, which belongs to the key; those between it and the root come after it. Nothing was written."
        }
        return words.contains(where: namesText)
            ? "The number is that of the line in the new text, which `propel plan` shows. Nothing was written."
            : "It is not of the site itself that nginx speaks: put right what it names, then run again. Nothing was written."
    }

    /// The line with the paths that the site has in the end.
    fileprivate func settled(in line: String) -> String {
        var line = line
        if let certificate { line = line.replacing("\"\(certificate)\"", with: "\"\(NginxPaths.certificate(site))\"") }
        guard let file else { return line }
        return line.replacing("\(file):", with: "\(NginxPaths.available(site)):").replacing(
            "\"\(file)\"", with: "\"\(NginxPaths.available(site))\"")
    }
}
