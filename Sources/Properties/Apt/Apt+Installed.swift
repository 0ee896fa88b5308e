extension Apt {
    /// Packages that are installed.
    ///
    ///     Apt.Installed("git", "curl")
    ///     Apt.Installed("nginx", version: "1.22.*")
    ///     Apt.Installed("podman", "buildah", from: .backports)
    ///     Apt.Installed("postgresql", startsServices: false)
    ///
    /// All packages of a run are installed and removed in one transaction, if they are available and their requirements
    /// hold. apt is given only the missing ones: an installed package is not upgraded, unless a version or a release is
    /// declared that it is not of. A package on hold is never changed. Configuration files that somebody has edited are
    /// kept, packages ask no questions, and a transaction that would remove a package which is not declared absent is
    /// refused. A package that was installed for another one is marked as wanted for itself, so that no autoremove
    /// takes it.
    public struct Installed: AptPackages {
        public typealias Target = DebianLike

        public let names: [String]
        /// Whether recommended packages are installed too.
        public let recommends: Bool
        /// The version, with `*` for any characters; nil for any.
        public let version: String?
        /// The release that the packages are taken from; nil for any.
        public let release: Release?
        /// Whether the packages may start their services when they are installed.
        public let startsServices: Bool

        /// - Parameters:
        ///   - names: names of packages, `libc6:i386` for one of a foreign architecture. Instead of a virtual package,
        ///     name one that provides it.
        ///   - recommends: whether recommended packages are installed too; yes by default, as apt does.
        ///   - startsServices: whether the packages may start their services when they are installed; yes by default.
        ///     If not, nothing runs before it is configured: declare its files next, and then its ``Service``.
        public init(_ names: String..., recommends: Bool = true, startsServices: Bool = true) {
            self.init(names, recommends: recommends, startsServices: startsServices)
        }

        /// - Parameters:
        ///   - names: names of packages, `libc6:i386` for one of a foreign architecture. Instead of a virtual package,
        ///     name one that provides it.
        ///   - recommends: whether recommended packages are installed too; yes by default, as apt does.
        ///   - startsServices: whether the packages may start their services when they are installed; yes by default.
        public init(_ names: [String], recommends: Bool = true, startsServices: Bool = true) {
            self.init(names, version: nil, release: nil, recommends, startsServices)
        }

        /// A package in a certain version. An installed later version is replaced by an earlier one if that is
        /// declared.
        /// - Parameters:
        ///   - name: the name of the package.
        ///   - version: the version, with `*` for any characters: `1.22.*`. Of several the latest is installed.
        ///   - recommends: whether recommended packages are installed too; yes by default, as apt does.
        ///   - startsServices: whether the package may start its services when it is installed; yes by default.
        public init(_ name: String, version: String, recommends: Bool = true, startsServices: Bool = true) {
            self.init([name], version: version, release: nil, recommends, startsServices)
        }

        /// Packages of a certain release. An installed version that is earlier than that of the release is replaced,
        /// also when the release gets a later one.
        /// - Parameters:
        ///   - names: the names of the packages.
        ///   - release: the release. A repository must have it: ``Repository/backports(components:)``.
        ///   - recommends: whether recommended packages are installed too; yes by default, as apt does.
        ///   - startsServices: whether the packages may start their services when they are installed; yes by default.
        public init(_ names: String..., from release: Release, recommends: Bool = true, startsServices: Bool = true) {
            self.init(names, version: nil, release: release, recommends, startsServices)
        }

        private init(
            _ names: [String], version: String?, release: Release?, _ recommends: Bool, _ startsServices: Bool
        ) {
            self.names = names
            self.version = version
            self.release = release
            self.recommends = recommends
            self.startsServices = startsServices
        }

        public var name: String {
            let source = version.map { " \($0.escaped)" } ?? release.map { " from \($0)" } ?? ""
            return "apt: \(names.joined(separator: ", "))\(source)"
                + (recommends ? "" : ", without recommended packages")
                + (startsServices ? "" : ", without starting services")
        }

        public var batch: String { startsServices ? AptBatch.usual : AptBatch.withoutServices }

        public var claims: [Claim] {
            let source = version.map { "version \($0)" } ?? release.map { "from \($0)" }
            return names.map { Claim("the package \($0)", is: "installed") }
                + names.flatMap { name in source.map { [Claim("the version of the package \(name)", is: $0)] } ?? [] }
        }

        public var problems: [String] { problems(in: validate) }

        private func validate() throws {
            try PackageName.validate(names)
            try release?.validate()
            guard let version else { return }
            guard !version.isEmpty,
                version.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ".+-~:*".utf8.contains($0) })
            else {
                throw Failure(
                    "invalid version “\(version.escaped)” of \(names.joined(separator: ", "))",
                    advice: "Write one as apt prints it, with * for any characters: 1.22.*")
            }
        }

        public func announce(to machine: Machine) {
            guard release != nil else { return }
            for name in names { machine.expect(name, of: AptPolicy.self) }
        }

        /// - Throws: ``Failure`` if a package on hold has another version than is declared.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let status = try await machine.fact(DpkgStatus.self)
            let missing = names.filter { !status.isInstalled($0) }
            machine.expectPackages(missing)
            var reasons =
                missing.isEmpty
                ? [] : ["install " + missing.map { described($0, status) }.joined(separator: ", ")]
            for name in names where status.isInstalled(name) {
                guard let found = status[name], let difference = try await difference(of: name, found, on: machine)
                else { continue }
                guard !found.isHeld else {
                    throw Failure(
                        "\(name) is on hold in the version \(found.version), and another is declared",
                        advice: "Release it with `apt-mark unhold \(name)`, or declare this version.")
                }
                reasons.append(difference)
            }
            let kept = try await automatic(status, on: machine)
            if !kept.isEmpty { reasons.append("keep \(kept.joined(separator: ", ")) also without what needs it") }
            if !startsServices, try WithheldServices(machine: machine).isLeft {
                reasons.append("restore \(WithheldServices.path)")
            }
            return .unmet(unlessEmpty: reasons)
        }

        func transaction(
            _ status: DpkgStatus, beside _: Set<String>, on machine: Machine
        ) async throws -> AptTransaction {
            var transaction = AptTransaction(keep: try await automatic(status, on: machine))
            guard version != nil || release != nil else {
                if recommends { transaction.install = names } else { transaction.installBare = names }
                return transaction
            }
            let index = AptIndex(machine: machine)
            for name in names {
                let wanted = try await wanted(name, index)
                if status.isInstalled(name), let found = status[name]?.version {
                    let found = DebianVersion(found), other = DebianVersion(wanted)
                    if version.map(found.matches) ?? (found >= other) { continue }
                    if other < found { transaction.allowsDowngrades = true }
                }
                let suite = try await release?.suite(on: machine)
                transaction.selections.append(
                    .init(
                        name: name, argument: suite.map { "\(name)/\($0)" } ?? "\(name)=\(wanted)",
                        recommends: recommends))
            }
            return transaction
        }

        var declaredNames: [String] { names }

        /// The version of a package that is declared, as apt knows it.
        private func wanted(_ name: String, _ index: AptIndex) async throws -> String {
            if let version {
                return try await index.version(of: name, "version \(version)") {
                    DebianVersion($0.number).matches(version)
                }.number
            }
            let suite = try await release?.suite(on: index.machine) ?? ""
            return try await index.version(of: name, "version from \(suite)") { $0.suites.contains(suite) }.number
        }

        /// How an installed package differs from the version or the release that is declared; nil if it does not.
        private func difference(
            of name: String, _ found: DpkgStatus.Package, on machine: Machine
        ) async throws -> String? {
            if let version {
                return DebianVersion(found.version).matches(version) ? nil : "\(name) \(found.version) → \(version)"
            }
            guard let suite = try await release?.suite(on: machine) else { return nil }
            let versions = try await machine.aptPackage(name)?.versions ?? []
            guard let latest = versions.first(where: { $0.suites.contains(suite) }) else {
                return "look for \(name) in \(suite)"
            }
            return DebianVersion(found.version) >= DebianVersion(latest.number)
                ? nil : "\(name) \(found.version) → \(latest.number) from \(suite)"
        }

        /// The declared packages that apt would remove when no other needs them.
        private func automatic(_ status: DpkgStatus, on machine: Machine) async throws -> [String] {
            let automatic = try await machine.fact(AutomaticPackages.self)
            return names.filter { status.isInstalled($0) && automatic.contains($0) }
        }

        /// The name, with the state of a package that is installed in part.
        private func described(_ name: String, _ status: DpkgStatus) -> String {
            let source = version.map { " \($0)" } ?? release.map { " from \($0)" } ?? ""
            return status.isPresent(name) ? "\(name) (\(status[name]?.state ?? ""))" : name + source
        }
    }

    /// A release that packages are taken from.
    public enum Release: Sendable, Hashable, CustomStringConvertible {
        /// The backports of the machine's release, such as `bookworm-backports`.
        case backports
        /// The suite or the codename of this name, such as `testing`.
        case named(String)

        public var description: String {
            switch self {
            case .backports: "backports"
            case .named(let name): name.escaped
            }
        }

        func suite(on machine: Machine) async throws -> String {
            switch self {
            case .backports: "\(try await machine.value(of: .codename))-backports"
            case .named(let name): name
            }
        }

        func validate() throws {
            guard case .named(let name) = self else { return }
            guard !name.isEmpty, name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }) else {
                throw Failure("invalid release “\(name.escaped)”", advice: "Write one such as bookworm-backports.")
            }
        }
    }
}
