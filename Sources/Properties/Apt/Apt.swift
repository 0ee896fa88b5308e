/// Packages of Debian and its likes, by apt.
public enum Apt {
    /// Packages that are installed, in whichever version apt prefers.
    ///
    ///     Apt.Installed("git", "curl")
    ///
    /// All packages of a run are installed, and removed, in one transaction, where they are available and what they require
    /// holds. Configuration files that somebody has edited are kept, services do not ask questions, and a transaction that
    /// would remove what nobody asked to remove is refused.
    public struct Installed: Batchable, AptPackages {
        public typealias Target = DebianLike

        public let names: [String]
        /// Whether what the packages recommend is installed too; yes by default, as apt does.
        public let recommends: Bool

        /// - Parameter names: of packages. Virtual ones are not: name the package that provides them.
        public init(_ names: String..., recommends: Bool = true) {
            self.names = names
            self.recommends = recommends
        }

        public var name: String { "apt: \(names.joined(separator: ", "))" }
        public var claims: [Claim] { names.map { Claim("the package \($0)", is: "installed") } }
        public var batch: String { recommends ? "apt" : "apt without recommends" }

        public func check(on machine: Machine) async throws -> Check {
            let status = try await machine.fact(DpkgStatus.self)
            let missing = names.filter { !status.isInstalled($0) }
            return missing.isEmpty ? .satisfied : .unmet("install \(missing.joined(separator: ", "))")
        }

        var part: AptTransaction { AptTransaction(install: names) }
    }

    /// Packages that are not installed. Their configuration files stay unless they are purged.
    public struct Absent: Batchable, AptPackages {
        public typealias Target = DebianLike

        public let names: [String]
        public let purge: Bool

        /// - Parameter purge: whether their configuration files go too; no by default.
        public init(_ names: String..., purge: Bool = false) {
            self.names = names
            self.purge = purge
        }

        public var name: String { "apt: no \(names.joined(separator: ", "))" }
        public var claims: [Claim] { names.map { Claim("the package \($0)", is: "absent") } }
        public var batch: String { "apt" }

        public func check(on machine: Machine) async throws -> Check {
            let status = try await machine.fact(DpkgStatus.self)
            let present = names.filter { name in
                status.isPresent(name) || purge && status.packages[name]?.state == "config-files"
            }
            return present.isEmpty ? .satisfied : .unmet("\(purge ? "purge" : "remove") \(present.joined(separator: ", "))")
        }

        var part: AptTransaction { purge ? AptTransaction(purge: names) : AptTransaction(remove: names) }
    }

    /// Fetches the lists of the available packages.
    public struct Update: Action {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "apt: update" }
        public func perform(on machine: Machine) async throws { try await AptIndex(machine: machine).refresh() }
    }
}

/// What the package properties have in common: a part of a transaction.
protocol AptPackages: Batchable {
    var part: AptTransaction { get }
    var recommends: Bool { get }
}

extension AptPackages {
    var recommends: Bool { true }

    public func apply(with others: [any Batchable], on machine: Machine) async throws {
        let index = AptIndex(machine: machine)
        try await index.repairInterruption()
        var transaction = part
        for case let other as any AptPackages in others { transaction.add(other.part) }
        let missing = try await index.unavailable(transaction.install)
        if let unknown = part.install.first(where: missing.contains) {
            throw Failure(
                "apt knows no package \(unknown)",
                advice: "Look for its name with `apt-cache search \(unknown)`, or declare the repository that has it.")
        }
        // The others may wait for a repository that is still to come.
        transaction.install.removeAll(where: missing.contains)
        try await transaction.run(on: machine, recommends: recommends)
    }
}
