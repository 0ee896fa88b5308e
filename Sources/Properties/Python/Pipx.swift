extension Python {
    /// A program of Python in its own environment, by pipx (<https://pipx.pypa.io>).
    ///
    ///     Python.Application("httpie", version: "3.2.2")
    ///     Python.Application("poetry", user: "anna")
    ///
    /// For root its commands are in `/usr/local/bin`, for everybody; for another user in `~/.local/bin`, with the
    /// rights of that user. A revert uninstalls it.
    public struct Application: Revertible {
        public typealias Target = DebianLike

        public let package: String
        public let version: String?
        public let user: String

        /// - Parameters:
        ///   - package: the name in the Python Package Index.
        ///   - version: the exact version; by default the present one is installed once, and stays.
        ///   - user: the name of the user who has it; root by default.
        public init(_ package: String, version: String? = nil, user: String = "root") {
            self.package = package
            self.version = version
            self.user = user
        }

        public var name: String {
            "Python application \(package)" + (version.map { " \($0)" } ?? "") + (user == "root" ? "" : " of \(user)")
        }
        public var claims: [Claim] {
            [Claim("the Python application \(package) of \(user)", is: version ?? "installed")]
        }
        public var problems: [String] { problems(in: validate) }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Apt.Installed("pipx")])
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let found = try await installed(on: machine)
            guard let found else { return .unmet("install" + (version.map { " \($0)" } ?? "")) }
            guard let version, version != found else { return .satisfied }
            return .unmet("\(found) → \(version)")
        }

        public func apply(on machine: Machine) async throws {
            machine.showProgress("installing \(package)")
            try await pipx(["install", "--force", package + (version.map { "==\($0)" } ?? "")], on: machine)
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try validate()
            return try await installed(on: machine) == nil ? .satisfied : .unmet("uninstall")
        }

        public func revert(on machine: Machine) async throws { try await pipx(["uninstall", package], on: machine) }

        private func home(_ account: Accounts.User) -> (packages: FilePath, commands: FilePath) {
            guard account.id != 0 else { return ("/opt/pipx", "/usr/local/bin") }
            let local = account.home.appending(".local")
            return (local.appending("pipx"), local.appending("bin"))
        }

        /// The installed version; nil if the package is not installed.
        private func installed(on machine: Machine) async throws -> String? {
            let home = home(try await machine.awaitedUser(user))
            let file = home.packages.appending("venvs").appending(package).appending("pipx_metadata.json")
            guard let bytes = try machine.files.readIfPresent(file) else { return nil }
            return (try? JSON(parsing: bytes))?["main_package"]?["package_version"]?.string
        }

        private func pipx(_ arguments: [String], on machine: Machine) async throws {
            let account = try await machine.awaitedUser(user), home = home(account)
            try await machine.succeed(
                Invocation(
                    "pipx", arguments,
                    environment: ["PIPX_HOME": home.packages.string, "PIPX_BIN_DIR": home.commands.string],
                    timeout: .hours(1)
                ).asUser(account))
        }

        private func validate() throws {
            if user != "root" { try AccountName.validate(user, of: "user") }
            // pipx calls the environment by the name as it is written here.
            guard let first = package.utf8.first, first.isASCIILetterOrDigit,
                package.utf8.allSatisfy({ $0.isASCIILowercase || $0.isASCIIDigit || $0 == UInt8(ascii: "-") })
            else {
                throw Failure(
                    "invalid name of a Python package “\(package.escaped)”",
                    advice: "Use lowercase letters, digits and hyphens.")
            }
            guard let version else { return }
            guard !version.isEmpty, version.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ".!+-".utf8.contains($0) })
            else {
                throw Failure("invalid version “\(version.escaped)” of \(package)", advice: "Write one such as 3.2.2.")
            }
        }
    }
}
