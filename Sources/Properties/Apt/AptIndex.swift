/// The lists of available packages (`/var/lib/apt/lists`), and what keeps apt from working.
struct AptIndex {
    let machine: Machine

    private static let stamp = Machine.state.appending("stamps").appending("apt-index")

    /// The age from which the lists are fetched again before something is installed.
    static let lifetime = Duration.days(1)

    /// Those of the packages that apt can install from nowhere, after the lists were brought up to date where needed.
    func unavailable(_ names: [String]) async throws -> Set<String> {
        guard !names.isEmpty else { return [] }
        if try isStale { try await refresh() }
        return try await withoutCandidate(names)
    }

    /// Fetches the lists. Waits for whoever else is doing so.
    func refresh() async throws {
        let command = Command("apt-get", ["--quiet", "-o", "Acquire::Retries=3", "update"], timeout: .minutes(30))
        let deadline = ContinuousClock.now + AptTransaction.lockTimeout
        while true {
            let result = try await machine.run(command)
            let errors = String(decoding: result.errors, as: UTF8.self)
            if result.succeeded {
                // apt-get update exits with 0 where a repository could not be reached and old lists are there.
                break
            }
            // DPkg::Lock::Timeout is not for the lock of the lists.
            guard errors.contains("Could not get lock"), ContinuousClock.now < deadline else {
                throw CommandFailure(command: command, result: result)
            }
            try await Task.sleep(for: .seconds(2))
        }
        try machine.files.createDirectories(Self.stamp.removingLastComponent(), mode: 0o700)
        try machine.files.replace(Self.stamp, with: [], mode: 0o600)
    }

    /// Lets dpkg finish what an interrupted run of it began: until then it refuses everything else.
    func repairInterruption() async throws {
        guard try await machine.fact(DpkgStatus.self).isInterrupted else { return }
        try await machine.succeed(
            Command("dpkg", ["--force-confdef", "--force-confold", "--configure", "-a"], timeout: .hours(1)))
        machine.forgetFacts()
    }

    /// Whether the lists are missing, old, or older than what says where to fetch them from.
    private var isStale: Bool {
        get throws {
            guard let stamp = try machine.files.status(of: Self.stamp)?.modified else { return true }
            let age = machine.now - stamp
            if age < .zero || age > Self.lifetime { return true }
            for path: FilePath in ["/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/keyrings", "/etc/apt/preferences.d"] {
                guard let status = try machine.files.status(of: path) else { continue }
                if status.modified > stamp { return true }
                guard status.kind == .directory else { continue }
                for name in try machine.files.list(path) {
                    if let file = try machine.files.status(of: path.appending(name)), file.modified > stamp { return true }
                }
            }
            return false
        }
    }

    private func withoutCandidate(_ names: [String]) async throws -> Set<String> {
        let policy = try await machine.succeed(Command("apt-cache", ["policy", "--"] + names)).text
        var missing = Set(names)
        var package = ""
        for line in policy.split(separator: "\n") {
            if !line.hasPrefix(" "), line.hasSuffix(":") {
                package = String(line.dropLast())
            } else if let candidate = line.firstRange(of: "Candidate: ") {
                if line[candidate.upperBound...] != "(none)" { missing.remove(package) }
            }
        }
        return missing
    }
}
