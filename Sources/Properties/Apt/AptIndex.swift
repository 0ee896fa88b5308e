/// The lists of available packages (`/var/lib/apt/lists`).
struct AptIndex {
    let machine: Machine

    private static let stamp = Machine.state.appending("stamps").appending("apt-index")

    /// The age beyond which the lists are fetched again before an installation.
    static let lifetime = Duration.days(1)

    /// The packages that no repository has. The lists are fetched first if they are stale or a package is missing in
    /// them.
    func unavailable(_ names: [String]) async throws -> Set<String> {
        guard !names.isEmpty else { return [] }
        if try await !isStale {
            let missing = try await withoutCandidate(names)
            // The package may be new, or somebody has removed the lists.
            guard !missing.isEmpty else { return [] }
        }
        try await refresh()
        return try await withoutCandidate(names)
    }

    /// Fetches the lists, after waiting for another program that does so.
    ///
    /// A repository that cannot be reached or has no valid signature does not keep the packages of the others from
    /// being installed: the report ends with what is wrong with it. The lists do not count as fetched then, so the next
    /// run tries again.
    /// - Returns: the complaints about repositories that could not be used.
    /// - Throws: ``CommandFailure`` if apt fails for another reason, such as a sources file that it cannot parse.
    @discardableResult
    func refresh() async throws -> [String] {
        let result = try await AptLock(machine: machine).run(DpkgCommand.update)
        let complaints = RepositoryComplaints(of: result)
        guard result.succeeded || complaints.areAll else {
            throw CommandFailure(command: DpkgCommand.update, result: result)
        }
        let attempt = try await machine.fact(AptAttempt.self)
        attempt.record(complaints.lines, at: machine.now)
        guard complaints.lines.isEmpty else {
            for repository in complaints.repositories {
                machine.noteFollowUp("repair or remove a repository that apt cannot use: \(repository)")
            }
            return complaints.lines
        }
        try machine.files.replacePrivate(Self.stamp, with: [])
        return []
    }

    /// Fetches the lists of every repository.
    /// - Throws: ``Failure`` if one could not be reached.
    func refreshAll() async throws {
        let complaints = try await refresh()
        guard complaints.isEmpty else {
            throw Failure(
                "some repositories could not be used", command: "apt-get update", output: complaints,
                advice: "Check the network of the machine, and its files in /etc/apt/sources.list.d.")
        }
    }

    /// Has dpkg finish an interrupted run: until then it refuses everything else.
    func repairInterruption() async throws {
        guard try await machine.fact(DpkgStatus.self).isInterrupted else { return }
        // If dpkg is just running, this waits for its lock and finds nothing to do.
        try await AptLock(machine: machine).succeed(
            DpkgCommand.configurePending)
        machine.forgetFacts()
    }

    /// Fetches the lists if they are stale.
    func refreshIfStale() async throws { if try await isStale { try await refresh() } }

    /// Whether the lists are missing, old, or older than the sources.
    var isStale: Bool {
        get async throws {
            let fetched = try machine.files.status(of: Self.stamp)?.modified
            // What could not be fetched a moment ago cannot be now either.
            let stamps = [fetched, try await machine.fact(AptAttempt.self).time].compactMap(\.self)
            guard let stamp = stamps.max(by: { $0 - $1 < .zero }) else { return true }
            let age = machine.now - stamp
            if age < .zero || age > Self.lifetime { return true }
            for path: FilePath in [
                "/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/keyrings", "/etc/apt/preferences.d",
                "/var/lib/dpkg/arch",
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
        let policy = try await AptPolicy.read(names, from: machine)
        return Set(names).filter { policy.packages[$0]?.candidate == nil }
    }

    /// The latest version of a package that has a property. The lists are fetched first if they are stale, or have no
    /// such version.
    /// - Parameters:
    ///   - name: the package.
    ///   - what: the property in words, for the failure: “a version 1.24.*”.
    ///   - isWanted: whether a version has it.
    /// - Throws: ``Failure`` if apt knows no such version.
    func version(
        of name: String, _ what: String, where isWanted: (AptPolicy.Version) -> Bool
    ) async throws -> AptPolicy.Version {
        try await refreshIfStale()
        var known: [AptPolicy.Version] = []
        for isLast in [false, true] {
            known = try await AptPolicy.read([name], from: machine).packages[name]?.versions ?? []
            if let version = known.first(where: isWanted) { return version }
            if !isLast { try await refresh() }
        }
        guard !known.isEmpty else { throw try await failure(for: name) }
        let list = known.map { ([$0.number] + $0.suites).joined(separator: " of ") }
        throw Failure(
            "apt knows no \(what) of \(name)", output: try await machine.fact(AptAttempt.self).complaints,
            advice: "It knows \(list.joined(separator: ", ")). Declare one of these, or the repository that has it.")
    }

    /// Why a package is not available.
    func failure(for name: String) async throws -> Failure {
        // Fails if apt does not know the name.
        let providers = Self.providers(
            in: try await machine.run(DpkgCommand.show(name)).text)
        guard providers.isEmpty else {
            return Failure(
                "\(name) is a virtual package, which others provide",
                advice: "Declare one of these instead: \(providers.joined(separator: ", ")).")
        }
        let complaints = try await machine.fact(AptAttempt.self).complaints
        return Failure(
            "apt knows no package “\(name)”", output: complaints,
            advice: complaints.isEmpty
                ? "Find the name with `apt-cache search \(name)`, or declare the repository that has it."
                : "Perhaps it is in a repository that apt could not use, see above. Otherwise find its name with "
                    + "`apt-cache search \(name)`.")
    }

    /// The packages that provide another one, from the output of `apt-cache showpkg`.
    static func providers(in text: String) -> [String] {
        let lines = text.lines
        guard let start = lines.firstIndex(where: { $0.hasPrefix("Reverse Provides:") }) else { return [] }
        let names = lines[(start + 1)...].prefix { !$0.isEmpty }.compactMap {
            $0.split(separator: " ").first.map(String.init)
        }
        return Set(names).sorted()
    }
}
