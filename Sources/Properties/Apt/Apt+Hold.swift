extension Apt {
    /// Packages on hold: nothing upgrades or removes them (apt-mark(8)).
    ///
    ///     Apt.Installed("postgresql-15")
    ///     Apt.Hold("postgresql-15")
    ///
    /// A revert releases them.
    public struct Hold: Revertible {
        public typealias Target = DebianLike

        public let names: [String]

        /// - Parameter names: names of packages that are installed, or declared before.
        public init(_ names: String...) { self.names = names }

        public var name: String { "apt: \(names.joined(separator: ", ")) on hold" }
        public var claims: [Claim] { names.map { Claim("the hold of the package \($0)", is: "on hold") } }
        public var problems: [String] { problems { try PackageName.validate(names) } }

        /// - Throws: ``Undetermined`` if a package is not installed yet.
        public func check(on machine: Machine) async throws -> Check {
            try PackageName.validate(names)
            let status = try await machine.fact(DpkgStatus.self)
            if let missing = names.first(where: { !status.isPresent($0) }) {
                throw Undetermined(until: "\(missing) is installed")
            }
            let free = packages(held: false, status)
            return .unmet(unlessEmpty: free.isEmpty ? [] : ["hold \(free.joined(separator: ", "))"])
        }

        public func apply(on machine: Machine) async throws {
            let free = packages(held: false, try await machine.fact(DpkgStatus.self))
            try await AptLock(machine: machine).succeed(DpkgCommand.mark("hold", free))
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try PackageName.validate(names)
            let held = packages(held: true, try await machine.fact(DpkgStatus.self))
            return .unmet(unlessEmpty: held.isEmpty ? [] : ["release \(held.joined(separator: ", "))"])
        }

        public func revert(on machine: Machine) async throws {
            let held = packages(held: true, try await machine.fact(DpkgStatus.self))
            try await AptLock(machine: machine).succeed(DpkgCommand.mark("unhold", held))
        }

        private func packages(held: Bool, _ status: DpkgStatus) -> [String] {
            names.filter { (status[$0]?.isHeld == true) == held }
        }
    }

    /// A foreign architecture, whose packages can be installed beside those of the machine (dpkg(1)).
    ///
    ///     Apt.ForeignArchitecture("i386")
    ///     Apt.Installed("libc6:i386")
    ///
    /// A revert removes it, which dpkg refuses as long as a package of it is installed.
    public struct ForeignArchitecture: Revertible {
        public typealias Target = DebianLike

        public let architecture: String

        /// - Parameter architecture: as Debian names it: `i386`, `armhf`.
        public init(_ architecture: String) { self.architecture = architecture }

        public var name: String { "foreign architecture \(architecture.escaped)" }
        public var claims: [Claim] { [Claim("the architecture \(architecture) of packages", is: "present")] }
        public var problems: [String] { problems(in: validate) }

        private func validate() throws {
            guard PackageName.isArchitecture(architecture) else {
                throw Failure(
                    "invalid architecture “\(architecture.escaped)”", advice: "Write it as Debian does: i386, armhf.")
            }
        }

        public func check(on machine: Machine) async throws -> Check {
            try isPresent(on: machine) ? .satisfied : .unmet("add \(architecture)")
        }

        public func apply(on machine: Machine) async throws {
            try await AptLock(machine: machine).succeed(DpkgCommand.architecture(architecture, isAdded: true))
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try isPresent(on: machine) ? .unmet("remove \(architecture)") : .satisfied
        }

        public func revert(on machine: Machine) async throws {
            try await AptLock(machine: machine).succeed(DpkgCommand.architecture(architecture, isAdded: false))
        }

        /// dpkg's list has the architecture of the machine too, and does not exist before another one is added.
        private func isPresent(on machine: Machine) throws -> Bool {
            try validate()
            let list = try machine.files.readIfPresent("/var/lib/dpkg/arch") ?? []
            return String(decoding: list, as: UTF8.self).lines.contains { $0 == architecture }
        }
    }
}

extension DpkgStatus {
    /// - Throws: ``Failure`` if one of the packages is on hold, for a property that would remove it.
    func refuseHeld(_ names: [String]) throws {
        guard let held = names.first(where: { isPresent($0) && self[$0]?.isHeld == true }) else { return }
        throw Failure(
            "\(held) is on hold, and declared absent",
            advice: "Release it with `apt-mark unhold \(held)`, then run again.")
    }
}
