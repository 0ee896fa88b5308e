/// A trial of a site within the whole configuration of nginx, without it ever being a part of that (nginx(8), `-t`).
struct NginxTrial {
    let site: String
    let text: String

    /// Beside the real one, since nginx looks for files with relative names beside the configuration that it is given.
    private static let configuration: FilePath = "/etc/nginx/.propel-trial.conf"

    /// - Throws: ``Failure`` with nginx's own words where it would not take the configuration.
    func run(on machine: Machine) async throws {
        let main = try machine.files.text(NginxPaths.configuration)
        let result = try await machine.withScratch([ScratchFile("nginx/\(site)", text)]) { scratch in
            let candidate = scratch.appending("nginx/\(site)")
            let trial = try replacingSites(in: main, candidate: candidate, on: machine)
            try machine.files.replace(Self.configuration, with: Array(trial.utf8), mode: 0o600)
            defer { try? machine.files.remove(Self.configuration) }
            let command = Command("nginx", ["-t", "-q", "-c", Self.configuration.string], timeout: .seconds(60))
            return (candidate: candidate.string, command: command, result: try await machine.run(command))
        }
        guard !result.result.succeeded else { return }
        let words = CommandFailure(command: result.command, result: result.result).lastLines
        let isOurs = words.contains { $0.contains(result.candidate) }
        throw Failure(
            "nginx does not accept the site \(site), and goes on with what it has", command: result.command.description,
            ending: result.result.ending.description,
            output: words.map { $0.replacing(result.candidate, with: NginxPaths.available(site).string) },
            advice: isOurs
                ? "The number is that of the line in the new text, which `propel plan` shows. Nothing was written."
                : "It is not of the site itself that nginx speaks: put right what it names, then run again. Nothing was written.")
    }

    /// The main configuration with the enabled sites named one by one, as nginx would read them, and the candidate among them.
    private func replacingSites(in main: String, candidate: FilePath, on machine: Machine) throws -> String {
        let others = try machine.files.list(NginxPaths.enabledSites).filter { $0 != site && !$0.hasPrefix(".") }
        let includes = (others + [site]).sorted().map { name in
            "include \"\(name == site ? candidate : NginxPaths.enabled(name))\";"
        }
        var isReplaced = false
        let lines = main.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard Self.includesSites(line) else { return String(line) }
            isReplaced = true
            return includes.joined(separator: " ")
        }
        guard isReplaced else {
            throw Failure(
                "\(NginxPaths.configuration) does not read the sites of \(NginxPaths.enabledSites)",
                advice: "Put the line `include \(NginxPaths.enabledSites)/*;` into its http section, as Debian has it.")
        }
        return lines.joined(separator: "\n")
    }

    private static func includesSites(_ line: Substring) -> Bool {
        let words = line.prefix { $0 != "#" && $0 != ";" }.split { $0 == " " || $0 == "\t" }
        guard words.count == 2, words[0] == "include" else { return false }
        return ["/etc/nginx/sites-enabled/*", "sites-enabled/*"].contains(words[1].filter { $0 != "\"" && $0 != "'" })
    }
}
