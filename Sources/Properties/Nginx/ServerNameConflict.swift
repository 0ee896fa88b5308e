/// Two servers of one nginx with the same name on the same port. nginx only warns, and ignores one of them.
struct ServerNameConflict {
    /// The new site.
    let candidate: SiteCandidate
    let name: String
    /// The other files with the name.
    let others: [String]
    /// The warning of nginx.
    let words: String

    var failure: Failure {
        let other = others.isEmpty ? "another server" : others.joined(separator: " and ")
        return Failure(
            "the site \(candidate.site) and \(other) both answer to \(name): nginx would ignore one of them",
            output: [words],
            advice:
                "Remove the name from one of them, or that file from \(NginxPaths.enabledSites). Nothing was written."
        )
    }

    /// The first conflict that nginx warns about and that involves a candidate.
    static func first(
        in result: CommandResult, among candidates: [SiteCandidate], on machine: Machine
    ) async throws -> ServerNameConflict? {
        for warning in Warning.all(in: String(decoding: result.errors, as: UTF8.self)) {
            // Conflicts among other sites were there before.
            guard let candidate = candidates.last(where: { $0.isSite && $0.text.map(warning.concerns) == true }) else {
                continue
            }
            return ServerNameConflict(
                candidate: candidate, name: warning.name,
                others: try await others(than: candidate, warning, candidates, on: machine),
                words: warning.words)
        }
        return nil
    }

    /// The other files with the name. nginx does not name them, but prints all files that it reads.
    private static func others(
        than candidate: SiteCandidate, _ warning: Warning, _ candidates: [SiteCandidate], on machine: Machine
    ) async throws -> [String] {
        let shown = try await machine.run(
            Invocation("nginx", ["-T", "-q", "-c", NginxTrial.configuration.string], timeout: .seconds(60)))
        return files(in: shown.text).filter { $0.path != candidate.file?.string && warning.concerns($0.text) }.map {
            file in
            if file.path == NginxTrial.configuration.string { return NginxPaths.configuration.string }
            return candidates.first { $0.file?.string == file.path }.map { NginxPaths.available($0.site).string }
                ?? file.path
        }
    }

    private static func files(in dump: String) -> [(path: String, text: String)] {
        let mark = "# configuration file "
        var files: [(path: String, text: String)] = []
        for line in dump.lines {
            if line.hasPrefix(mark), line.hasSuffix(":") {
                files.append((String(line.dropFirst(mark.count).dropLast()), ""))
            } else if !files.isEmpty {
                files[files.count - 1].text += line + "\n"
            }
        }
        return files
    }
}

/// `nginx: [warn] conflicting server name "shop.example.com" on 0.0.0.0:80, ignored`
private struct Warning {
    let words: String
    let name: String
    /// Nil for a Unix socket.
    let port: Substring?

    static func all(in text: String) -> [Warning] {
        text.lines.compactMap { line in
            guard let start = line.firstRange(of: "conflicting server name \"") else { return nil }
            let parts = line[start.upperBound...].split(separator: "\"", maxSplits: 1)
            guard parts.count == 2, let address = parts[1].split(separator: " ").dropFirst().first else { return nil }
            return Warning(
                words: String(line), name: String(parts[0]), port: address.dropLast().split(separator: ":").last)
        }
    }

    /// Whether a configuration has a server with the name, and one on the port.
    func concerns(_ text: String) -> Bool {
        let directives = NginxDirectives(text).all
        let names = directives.filter { $0.name == "server_name" }.flatMap { $0.words.dropFirst() }
        guard names.contains(where: { !Self.meanings(of: $0).isDisjoint(with: Self.meanings(of: name)) }) else {
            return false
        }
        let listeners = directives.filter { $0.name == "listen" }.compactMap { $0.words.dropFirst().first }
        // The default is port 80.
        return (listeners.isEmpty ? ["80"] : listeners).contains { Self.port(of: $0) == port }
    }

    /// `.example.com` means the name and its subdomains.
    private static func meanings(of name: String) -> Set<String> {
        let name = name.lowercased()
        return name.hasPrefix(".") ? [name, String(name.dropFirst()), "*" + name] : [name]
    }

    /// `80`, `10.0.0.1:80`, `[::]:80`, or an address alone.
    private static func port(of listener: String) -> Substring {
        let last = listener.split(separator: ":").last ?? ""
        return !last.isEmpty && last.utf8.allSatisfy(\.isASCIIDigit) ? last : "80"
    }
}
