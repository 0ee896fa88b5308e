/// Packages to install and to remove in one go.
struct AptTransaction: Sendable, Equatable {
    /// With what they recommend.
    var install: [String] = []
    /// Without what they recommend.
    var installBare: [String] = []
    var remove: [String] = []
    /// Of these the configuration files go too.
    var purge: [String] = []

    mutating func add(_ other: AptTransaction) {
        func merge(_ names: inout [String], _ more: [String]) { names += more.filter { !names.contains($0) } }
        merge(&install, other.install)
        merge(&installBare, other.installBare)
        merge(&remove, other.remove)
        merge(&purge, other.purge)
    }

    /// Runs it, each step once in simulation and once in earnest.
    /// - Throws: ``Failure`` where it would remove a package that nobody asked to remove, ``CommandFailure`` where apt fails.
    func run(on machine: Machine) async throws {
        let status = try await machine.fact(DpkgStatus.self)
        var removals = (remove + purge).filter(status.isPresent)
        // One call says either yes or no to what is recommended, so there are at most two.
        for (names, recommends) in [(installBare, false), (install, true)] {
            guard !names.isEmpty || recommends && !removals.isEmpty else { continue }
            try await perform(
                on: machine, DpkgCommand.install(names + removals.map { $0 + "-" }, recommends: recommends), names)
            removals = []
        }
        // `install --purge` would purge all that it removes. These are gone by now, and so take nothing along.
        if !purge.isEmpty { try await perform(on: machine, DpkgCommand.purge(purge), []) }
        if try machine.files.status(of: RebootNote.path) != nil { machine.noteFollowUp(RebootNote.followUp) }
    }

    private func perform(on machine: Machine, _ command: Invocation, _ installed: [String]) async throws {
        try await refuseOtherRemovals(machine, command, installed)
        let lock = AptLock(machine: machine)
        do {
            try await lock.succeed(command)
        } catch let failure as CommandFailure where failure.isOutdatedIndex {
            // The archive no longer has what the lists of packages say.
            try await AptIndex(machine: machine).refresh()
            try await lock.succeed(command)
        }
    }

    /// Removing one package takes those along that need it, and installing one those that it conflicts with. Nobody sees
    /// that in a plan, so each must be named.
    private func refuseOtherRemovals(_ machine: Machine, _ command: Invocation, _ installed: [String]) async throws {
        var simulation = command
        simulation.arguments.insert("--simulate", at: 0)
        let unwanted = Self.removals(in: try await machine.succeed(simulation).text).filter {
            !(remove + purge).contains($0)
        }
        guard !unwanted.isEmpty else { return }
        let list = unwanted.map { "\"\($0)\"" }.joined(separator: ", ")
        let doing =
            installed.isEmpty
            ? "removing \((remove + purge).joined(separator: ", "))" : "installing \(installed.joined(separator: ", "))"
        throw Failure(
            "\(doing) would also remove \(unwanted.joined(separator: ", "))", command: simulation.description,
            advice: "Nothing was done. If that is meant, declare Apt.Absent(\(list)) too.")
    }

    /// The packages that go, in what `apt-get --simulate` prints: "Remv nano [7.2-1]", "Purg libc6:i386 [2.36]".
    static func removals(in simulation: String) -> [String] {
        simulation.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 1, words[0] == "Remv" || words[0] == "Purg" else { return nil }
            return String(words[1].prefix { $0 != ":" })
        }
    }
}

extension CommandFailure {
    fileprivate var isOutdatedIndex: Bool {
        let text = String(decoding: result.errors, as: UTF8.self)
        return text.contains("404  Not Found") || text.contains("--fix-missing")
    }
}
