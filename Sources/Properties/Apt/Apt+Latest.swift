extension Apt {
    /// Packages that are installed in the latest version that apt prefers.
    ///
    ///     Apt.Latest("docker-ce", "docker-ce-cli")
    ///
    /// The lists of packages are fetched when they are older than a day, or than a change of the repositories; then a
    /// later version is installed. A package on hold stays as it is.
    public struct Latest: AptPackages, DueByTime {
        public typealias Target = DebianLike

        public let names: [String]
        /// Whether recommended packages are installed too.
        public let recommends: Bool

        /// - Parameters:
        ///   - names: names of packages.
        ///   - recommends: whether recommended packages are installed too; yes by default, as apt does.
        public init(_ names: String..., recommends: Bool = true) {
            self.names = names
            self.recommends = recommends
        }

        public var name: String { "apt: latest \(names.joined(separator: ", "))" }
        public var claims: [Claim] {
            names.map { Claim("the package \($0)", is: "installed") }
                + names.map { Claim("the version of the package \($0)", is: "the latest") }
        }
        public var problems: [String] { problems { try PackageName.validate(names) } }
        var declaredNames: [String] { names }

        public func announce(to machine: Machine) {
            for name in names { machine.expect(name, of: AptPolicy.self) }
        }

        public func check(on machine: Machine) async throws -> Check {
            try PackageName.validate(names)
            let status = try await machine.fact(DpkgStatus.self)
            let missing = names.filter { !status.isInstalled($0) }
            machine.expectPackages(missing)
            var reasons = missing.isEmpty ? [] : ["install \(missing.joined(separator: ", "))"]
            let present = names.filter { status.isInstalled($0) && status[$0]?.isHeld != true }
            guard !present.isEmpty else { return .unmet(unlessEmpty: reasons) }
            if try await AptIndex(machine: machine).isStale {
                reasons.append("look for later versions of \(present.joined(separator: ", "))")
            } else {
                for name in present {
                    guard let found = status[name]?.version,
                        let later = try await machine.aptPackage(name)?.later(than: found)
                    else { continue }
                    reasons.append("\(name) \(found) → \(later)")
                }
            }
            return .unmet(unlessEmpty: reasons)
        }

        func transaction(
            _ status: DpkgStatus, beside _: Set<String>, on machine: Machine
        ) async throws -> AptTransaction {
            try await AptIndex(machine: machine).refreshIfStale()
            let policy = try await AptPolicy.read(names, from: machine)
            var transaction = AptTransaction()
            if recommends { transaction.install = names } else { transaction.installBare = names }
            for name in names where status.isInstalled(name) && status[name]?.isHeld != true {
                guard let found = status[name]?.version, policy.packages[name]?.later(than: found) != nil else {
                    continue
                }
                transaction.selections.append(.init(name: name, argument: name, recommends: recommends))
            }
            return transaction
        }
    }
}

extension AptPolicy.Package {
    /// The version that apt would upgrade to; nil if there is no later one.
    fileprivate func later(than version: String) -> String? {
        candidate.flatMap { DebianVersion($0) > DebianVersion(version) ? $0 : nil }
    }
}
