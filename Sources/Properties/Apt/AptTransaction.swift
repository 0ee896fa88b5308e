/// Packages to install and to remove together.
struct AptTransaction: Sendable, Equatable {
    /// Installed with recommended packages.
    var install: [String] = []
    /// Installed without recommended packages.
    var installBare: [String] = []
    var remove: [String] = []
    /// Removed with their configuration files.
    var purge: [String] = []
    /// Given to apt even where the package is installed.
    var selections: [Selection] = []
    /// Whether a package may get an earlier version than it has.
    var allowsDowngrades = false
    /// Whether a selected package is installed again in the version that it has.
    var reinstalls = false
    /// Installed packages that apt takes for unneeded when no other needs them, and that stay.
    var keep: [String] = []

    /// A package in a certain version.
    struct Selection: Sendable, Equatable {
        var name: String
        /// For apt: `nginx=1.24.0-1`, `nginx/bookworm-backports`, `/path/nginx.deb`, or the name for the latest
        /// version.
        var argument: String
        var recommends = true
    }

    mutating func add(_ other: AptTransaction) {
        func merge(_ names: inout [String], _ more: [String]) { names += more.filter { !names.contains($0) } }
        merge(&install, other.install)
        merge(&installBare, other.installBare)
        merge(&remove, other.remove)
        merge(&purge, other.purge)
        merge(&keep, other.keep)
        selections += other.selections.filter { !selections.contains($0) }
        allowsDowngrades = allowsDowngrades || other.allowsDowngrades
        reinstalls = reinstalls || other.reinstalls
    }

    /// Leaves out of the packages without a version those that need not be given to apt: it would upgrade the installed
    /// ones, and refuse those on hold.
    mutating func leaveOut(_ isNeedless: (String) -> Bool) {
        let selected = Set(selections.map(\.name))
        install.removeAll { selected.contains($0) || isNeedless($0) }
        installBare.removeAll { selected.contains($0) || isNeedless($0) }
    }

    /// Runs it.
    /// - Throws: ``Failure`` if it would remove a package that is not declared absent, ``CommandFailure`` if apt fails.
    func run(on machine: Machine) async throws {
        let status = try await machine.fact(DpkgStatus.self)
        var removals = (remove + purge).filter(status.isPresent)
        // One call installs recommended packages for all or for none, so there are two calls at most.
        for (names, recommends) in [(installBare, false), (install, true)] {
            let selected = selections.filter { $0.recommends == recommends }
            guard !names.isEmpty || !selected.isEmpty || recommends && !removals.isEmpty else { continue }
            let command = DpkgCommand.install(
                names + selected.map(\.argument) + removals.map { $0 + "-" }, recommends: recommends,
                allowsDowngrades: allowsDowngrades, reinstalls: reinstalls)
            try await perform(
                on: machine, command, installing: names + selected.map(\.name), isRemoving: !removals.isEmpty)
            removals = []
        }
        // `install --purge` would purge everything that it removes. These packages are removed already, so no others
        // follow.
        if !purge.isEmpty {
            try await perform(on: machine, DpkgCommand.purge(purge), installing: [], isRemoving: true)
        }
        if !keep.isEmpty { try await AptLock(machine: machine).succeed(DpkgCommand.mark("manual", keep)) }
        try machine.noteRequestedReboot()
    }

    /// apt removes the packages that depend on a removed one, and those that an installed one conflicts with. A plan
    /// does not show them, so each must be declared. A step that removes none has apt refuse to (`--no-remove`,
    /// apt-get(8)). Before one that does, a simulation says which ones would go.
    private func perform(
        on machine: Machine, _ command: Invocation, installing names: [String], isRemoving: Bool
    ) async throws {
        var task: String?
        if isRemoving {
            task = AptProgress.task(in: try await refuseOtherRemovals(machine, command, names)) ?? "removing packages"
        }
        let guarded = isRemoving ? command : command.inserting("--no-remove")
        let lock = AptLock(machine: machine)
        do {
            do {
                try await lock.succeed(guarded, task: task)
            } catch let failure as CommandFailure where failure.isOutdatedIndex {
                // The repository no longer has a version in the lists. Other versions may remove other packages.
                try await AptIndex(machine: machine).refresh()
                if isRemoving { try await refuseOtherRemovals(machine, command, names) }
                try await lock.succeed(guarded, task: task)
            }
        } catch let failure as CommandFailure where failure.isRefusedRemoval {
            try await refuseOtherRemovals(machine, command, names)
            throw failure
        }
    }

    /// - Returns: what a simulation of the command prints.
    /// - Throws: ``Failure`` with the packages that it would remove and that are not declared absent.
    @discardableResult
    private func refuseOtherRemovals(
        _ machine: Machine, _ command: Invocation, _ installed: [String]
    ) async throws -> String {
        let simulation = command.inserting("--simulate")
        let simulated = try await machine.succeed(simulation).text
        let declared = Set(remove + purge)
        let unwanted = Self.removals(in: simulated).filter { name in
            !declared.contains(name) && !declared.contains { $0.hasPrefix(name + ":") }
        }
        guard !unwanted.isEmpty else { return simulated }
        let list = unwanted.map { "\"\($0)\"" }.joined(separator: ", ")
        let doing =
            installed.isEmpty
            ? "removing \((remove + purge).joined(separator: ", "))" : "installing \(installed.joined(separator: ", "))"
        if let engine = DockerPackage.engines.first(where: unwanted.contains),
            installed.contains(where: DockerPackage.ofDistribution.contains)
        {
            throw Failure(
                "\(doing) would remove the docker engine \(engine) of this machine", command: simulation.description,
                advice: "Nothing was changed. Declare Docker.Engine and Docker.Compose, which use what is there.")
        }
        throw Failure(
            "\(doing) would also remove \(unwanted.joined(separator: ", "))", command: simulation.description,
            advice: "Nothing was changed. If that is intended, declare Apt.Absent(\(list)) too.")
    }

    /// The removed packages in the output of `apt-get --simulate`: "Remv nano [7.2-1]", "Purg libc6:i386 [2.36]".
    static func removals(in simulation: String) -> [String] {
        simulation.lines.compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 1, words[0] == "Remv" || words[0] == "Purg" else { return nil }
            return String(words[1].prefix { $0 != ":" })
        }
    }
}

extension Invocation {
    /// The same with an option before all others.
    fileprivate func inserting(_ option: String) -> Self {
        var command = self
        command.arguments.insert(option, at: 0)
        return command
    }
}

extension CommandFailure {
    fileprivate var isOutdatedIndex: Bool { says("404  Not Found") || says("--fix-missing") }
    fileprivate var isRefusedRemoval: Bool { says("Packages need to be removed but remove is disabled") }

    private func says(_ words: String) -> Bool {
        String(decoding: result.errors, as: UTF8.self).contains(words)
    }
}
