/// Something that runs have put on a machine: a file, a package, a user, a unit.
struct Placed: Sendable, Hashable {
    enum Kind: String, Sendable, CaseIterable {
        case path, package, user, unit
    }

    var kind: Kind
    /// The path, or the name of the package, the user or the unit.
    var name: String

    /// `/etc/motd`, `package git`: the name that is unique on a machine.
    var description: String { kind == .path ? name : "\(kind.rawValue) \(name)" }

    /// The subject of a claim on it.
    var subject: String { Self.subjectPrefix(kind) + name }

    private static func subjectPrefix(_ kind: Kind) -> String { "the \(kind.rawValue) " }

    /// Returns nil if the subject of a claim is something else, such as a line of a file.
    init?(subject: String) {
        guard let kind = Kind.allCases.first(where: { subject.hasPrefix(Self.subjectPrefix($0)) }) else { return nil }
        self.kind = kind
        name = String(subject.dropFirst(Self.subjectPrefix(kind).count))
    }

    init?(description: String) {
        guard let placed = Placed(subject: "the " + (description.hasPrefix("/") ? "path " : "") + description) else {
            return nil
        }
        self = placed
    }

    /// The states of claims that name an absence.
    private static let absences: Set<String> = ["absent", "reverted", "masked"]

    /// The things that a step puts in place, from its claims.
    static func of(_ step: Step, in repository: RepositoryManifest) -> [Placed] {
        step.claims(in: repository).compactMap { claim in
            guard !absences.contains(claim.state), let placed = Placed(subject: claim.subject) else { return nil }
            // “stopped, disabled”: nothing that could be removed.
            if placed.kind == .unit, !claim.state.contains("running"), !claim.state.contains("enabled") { return nil }
            return placed
        }
    }

    /// Whether it is on the machine now. Only reads.
    func exists(on machine: Machine) async throws -> Bool {
        switch kind {
        case .path: return try machine.files.status(of: FilePath(name)) != nil
        case .package: return try await machine.fact(DpkgStatus.self).isInstalled(name)
        case .user: return try await machine.fact(Accounts.self).user(name) != nil
        case .unit:
            for question in ["is-active", "is-enabled"] {
                let command = Invocation("systemctl", [question, "--quiet", "--", name])
                if try await machine.run(command).succeeded { return true }
            }
            return false
        }
    }

    /// The line of Swift that removes it, or restores what was there before.
    func removal(on machine: Machine) throws -> String {
        let name = name.escapedForSwift
        switch kind {
        case .path:
            let path = FilePath(self.name)
            if try machine.originals.has(path), try !machine.originals.wasAbsent(path) {
                return "File(\"\(name)\", …).reverted()"
            }
            let isDirectory = try machine.files.status(of: path)?.kind == .directory
            return "\(isDirectory ? "Directory" : "File").Absent(\"\(name)\")"
        case .package: return "Apt.Absent(\"\(name)\")"
        case .user: return "User.Absent(\"\(name)\")"
        case .unit: return "Service(\"\(name)\", isRunning: false, isEnabled: false)"
        }
    }
}

extension String {
    /// The text as it stands between the quotes of a literal.
    fileprivate var escapedForSwift: String { Escaping.swift.escape(self) }
}
