/// The lists of available packages (`/var/lib/apt/lists`), and what keeps apt from working.
struct AptIndex {
    let machine: Machine

    private static let stamp = Machine.state.appending("stamps").appending("apt-index")

    /// The age from which the lists are fetched again before something is installed.
    static let lifetime = Duration.days(1)

    /// Those of the packages that apt can install from nowhere, after the lists were brought up to date where needed.
    func unavailable(_ names: [String]) async throws -> Set<String> {
        guard !names.isEmpty else { return [] }
        if try !isStale {
            let missing = try await withoutCandidate(names)
            // It may have come since, or somebody has removed the lists.
            guard !missing.isEmpty else { return [] }
        }
        try await refresh()
        return try await withoutCandidate(names)
    }

    /// Fetches the lists. Waits for whoever else is doing so.
    ///
    /// apt-get exits with 0 where a repository could not be reached and old lists, or those of the others, are there. What
    /// they have can be installed; but they do not count as fetched.
    /// - Returns: the complaints about repositories that could not be reached.
    @discardableResult
    func refresh() async throws -> [String] {
        let result = try await AptLock(machine: machine).succeed(
            DpkgCommand.update)
        let complaints = String(decoding: result.errors, as: UTF8.self).split(separator: "\n").map(String.init)
        guard !complaints.contains(where: { $0.firstRange(of: "Failed to fetch") != nil }) else { return complaints }
        try machine.files.createDirectories(Self.stamp.removingLastComponent(), mode: 0o700)
        try machine.files.replace(Self.stamp, with: [], mode: 0o600)
        return []
    }

    /// Fetches the lists, from every repository.
    /// - Throws: ``Failure`` where one could not be reached.
    func refreshAll() async throws {
        let complaints = try await refresh()
        guard complaints.isEmpty else {
            throw Failure(
                "not every repository could be reached", command: "apt-get update", output: complaints,
                advice: "Look at the network of the machine, and at its files below /etc/apt/sources.list.d.")
        }
    }

    /// Lets dpkg finish what an interrupted run of it began: until then it refuses everything else.
    func repairInterruption() async throws {
        guard try await machine.fact(DpkgStatus.self).isInterrupted else { return }
        // Or it is just running: then this waits for its lock, and finds nothing to do.
        try await AptLock(machine: machine).succeed(
            DpkgCommand.configurePending)
        machine.forgetFacts()
    }

    /// Whether the lists are missing, old, or older than what says where to fetch them from.
    private var isStale: Bool {
        get throws {
            guard let stamp = try machine.files.status(of: Self.stamp)?.modified else { return true }
            let age = machine.now - stamp
            if age < .zero || age > Self.lifetime { return true }
            for path: FilePath in [
                "/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/keyrings", "/etc/apt/preferences.d",
            ] {
                guard let status = try machine.files.status(of: path) else { continue }
                if status.modified > stamp { return true }
                guard status.kind == .directory else { continue }
                for name in try machine.files.list(path) {
                    if let file = try machine.files.status(of: path.appending(name)), file.modified > stamp {
                        return true
                    }
                }
            }
            return false
        }
    }

    private func withoutCandidate(_ names: [String]) async throws -> Set<String> {
        let policy = try await machine.succeed(DpkgCommand.policy(names)).text
        var missing = Set(names)
        var package = ""
        for line in policy.split(separator: "\n") {
            if !line.hasPrefix(" "), line.hasSuffix(":") {
                package = String(line.dropLast())
            } else if let candidate = line.firstRange(of: "Candidate: "), line[candidate.upperBound...] != "(none)" {
                missing.remove(package)
            }
        }
        return missing
    }

    /// Why a package cannot be installed from anywhere.
    func failure(for name: String) async throws -> Failure {
        // Fails where apt has never heard the name.
        let providers = Self.providers(
            in: try await machine.run(DpkgCommand.show(name)).text)
        guard providers.isEmpty else {
            return Failure(
                "\(name) is a virtual package: there is none to install, but others provide it",
                advice: "Declare one of these instead: \(providers.joined(separator: ", ")).")
        }
        return Failure(
            "apt knows no package \(name)",
            advice: "Look for its name with `apt-cache search \(name)`, or declare the repository that has it.")
    }

    /// The packages that provide another one, in what `apt-cache showpkg` prints.
    static func providers(in text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("Reverse Provides:") }) else { return [] }
        let names = lines[(start + 1)...].prefix { !$0.isEmpty }.compactMap {
            $0.split(separator: " ").first.map(String.init)
        }
        return Set(names).sorted()
    }
}
