/// Packages to install and to remove in one go.
struct AptTransaction: Sendable {
    var install: [String] = []
    var remove: [String] = []
    var purge: [String] = []

    mutating func add(_ other: AptTransaction) {
        install += other.install.filter { !install.contains($0) }
        remove += other.remove.filter { !remove.contains($0) }
        purge += other.purge.filter { !purge.contains($0) }
    }

    /// How long apt waits for whoever else holds its locks.
    static let lockTimeout = Duration.minutes(10)

    /// Runs it, once in simulation and once in earnest.
    /// - Throws: ``Failure`` where it would remove a package that nobody asked to remove, ``CommandFailure`` where apt fails.
    func run(on machine: Machine, recommends: Bool) async throws {
        let command = self.command(recommends: recommends)
        try await refuseOtherRemovals(machine, command)
        do {
            try await machine.succeed(command)
        } catch let failure as CommandFailure where failure.isOutdatedIndex {
            // The archive no longer has what the lists of packages say.
            try await AptIndex(machine: machine).refresh()
            try await machine.succeed(command)
        }
    }

    private func refuseOtherRemovals(_ machine: Machine, _ command: Command) async throws {
        var simulation = command
        simulation.arguments.insert("--simulate", at: 0)
        let planned = try await machine.succeed(simulation).text
        let wanted = Set(remove + purge)
        let removals = planned.split(separator: "\n").compactMap { line -> String? in
            let words = line.split(separator: " ")
            guard words.count > 1, words[0] == "Remv" || words[0] == "Purg" else { return nil }
            return String(words[1].prefix { $0 != ":" })
        }
        // Removing a package takes those along that need it: asking for that is fine, installing one that does so is not.
        let unwanted = wanted.isEmpty ? removals : []
        guard unwanted.isEmpty else {
            throw Failure(
                "installing \(install.joined(separator: ", ")) would remove \(unwanted.joined(separator: ", "))",
                command: simulation.description,
                advice: "If that is meant, declare Apt.Absent(\"\(unwanted[0])\") too.")
        }
    }

    private func command(recommends: Bool) -> Command {
        var arguments = [
            "--yes", "--quiet",
            "-o", "DPkg::Lock::Timeout=\(Int(Self.lockTimeout.inSeconds))",
            // What somebody has edited stays; what nobody has touched follows the package.
            "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
            "-o", "Dpkg::Use-Pty=0",
        ]
        if !recommends { arguments.append("--no-install-recommends") }
        // After `--`, so that no name can be an option; apt reads NAME- as "remove" and NAME_ as "purge".
        arguments += ["install", "--"] + install + remove.map { $0 + "-" } + purge.map { $0 + "_" }
        return Command("apt-get", arguments, timeout: .hours(1))
    }
}

extension CommandFailure {
    fileprivate var isOutdatedIndex: Bool {
        let text = String(decoding: result.errors, as: UTF8.self)
        return text.contains("404  Not Found") || text.contains("--fix-missing")
    }
}
