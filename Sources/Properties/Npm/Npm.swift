/// Packages of Node.js, by npm(1). npm must be installed: `Apt.Installed("npm")`, or by a repository of Node.js.
public enum Npm {
    /// A package with its commands, for everybody, in `/usr/local`.
    ///
    ///     Npm.Global("pm2", version: "5.3.0")
    ///
    /// A revert uninstalls it.
    public struct Global: Revertible {
        public typealias Target = DebianLike

        public let package: String
        public let version: String

        /// - Parameters:
        ///   - package: its name: `pm2`, `@angular/cli`.
        ///   - version: the exact version.
        public init(_ package: String, version: String) {
            self.package = package
            self.version = version
        }

        public var name: String { "npm package \(package) \(version)" }
        public var claims: [Claim] { [Claim("the npm package \(package)", is: version)] }
        public var problems: [String] { problems(in: validate) }

        private static let prefix: FilePath = "/usr/local"

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let found = try installed(on: machine) else { return .unmet("install") }
            return found == version ? .satisfied : .unmet("\(found) → \(version)")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            machine.showProgress("installing \(package)")
            try await npm(["install", "--no-audit", "--no-fund", "--", "\(package)@\(version)"], on: machine)
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try validate()
            return try installed(on: machine) == nil ? .satisfied : .unmet("uninstall")
        }

        public func revert(on machine: Machine) async throws {
            try await npm(["uninstall", "--", package], on: machine)
        }

        private func npm(_ arguments: [String], on machine: Machine) async throws {
            let options = ["--global", "--prefix", Self.prefix.string]
            try await machine.succeed(Invocation("npm", options + arguments, timeout: .hours(1)))
        }

        private func installed(on machine: Machine) throws -> String? {
            let description = FilePath("\(Self.prefix)/lib/node_modules/\(package)/package.json")
            guard let bytes = try machine.files.readIfPresent(description) else { return nil }
            return (try? JSON(parsing: bytes))?["version"]?.string ?? "unknown"
        }

        private func validate() throws {
            let parts = package.split(separator: "/", omittingEmptySubsequences: false)
            let isScoped = package.hasPrefix("@")
            let isName =
                parts.count == (isScoped ? 2 : 1)
                && parts.enumerated().allSatisfy { index, part in
                    let name = index == 0 && isScoped ? part.dropFirst() : part
                    return name.utf8.first?.isASCIILetterOrDigit == true
                        && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._".utf8.contains($0) }
                }
            guard isName else {
                throw Failure(
                    "invalid name of an npm package “\(package.escaped)”", advice: "Write one such as @angular/cli.")
            }
            guard version.utf8.first?.isASCIIDigit == true,
                version.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ".+-".utf8.contains($0) })
            else {
                throw Failure(
                    "invalid version “\(version.escaped)” of \(package)", advice: "Write an exact one: 5.3.0.")
            }
        }
    }

    /// The packages of a project, exactly as its `package-lock.json` names them (npm-ci(1)).
    ///
    ///     GitCheckout("https://github.com/example/app.git", to: "/srv/app", at: .tag("v1.2"), owner: "app")
    ///     Npm.Project("/srv/app", owner: "app").onChange(Service.Restart("app"))
    ///
    /// They are installed again when that file has changed, and when somebody has installed others by npm. A revert
    /// removes `node_modules`.
    public struct Project: Revertible {
        public typealias Target = DebianLike

        public let path: FilePath
        public let owner: String
        public let omitsDevelopment: Bool

        /// - Parameters:
        ///   - path: absolute: the directory with `package-lock.json`.
        ///   - owner: the name of the user whose project it is, and with whose rights the scripts of packages run; root
        ///     by default.
        ///   - omitsDevelopment: whether packages are left out that are for development alone; yes by default.
        public init(_ path: FilePath, owner: String = "root", omitsDevelopment: Bool = true) {
            self.path = path
            self.owner = owner
            self.omitsDevelopment = omitsDevelopment
        }

        public var name: String { "npm packages of \(path)" }
        public var claims: [Claim] {
            [.path(modules, is: "by npm \(owner) \(omitsDevelopment)", summary: "npm packages")]
        }
        public var problems: [String] { problems(in: validate) }

        private var modules: FilePath { path.appending("node_modules") }
        private var lock: FilePath { path.appending("package-lock.json") }
        private var recordFile: FilePath {
            Machine.state.appending("npm").appending(escaping: path.string)
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard try machine.files.status(of: lock) != nil else { throw Undetermined(until: "there is \(lock)") }
            let known = try machine.files.readIfPresent(recordFile)
            guard known != nil, try machine.files.status(of: modules) != nil else { return .unmet("install") }
            return try known == Array(state(on: machine).utf8) ? .satisfied : .unmet("install other versions")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            guard let account = try await machine.user(owner) else {
                throw Failure("there is no user \(owner)", advice: "Declare User(\"\(owner)\") before.")
            }
            try machine.files.remove(recordFile)
            machine.showProgress("installing the npm packages of \(path)")
            let options = ["--prefix", path.string, "--no-audit", "--no-fund"]
            try await machine.succeed(
                Invocation(
                    "npm", options + ["ci"] + (omitsDevelopment ? ["--omit=dev"] : []), timeout: .hours(1)
                ).asUser(account))
            try machine.files.replacePrivate(recordFile, with: Array(try state(on: machine).utf8))
        }

        /// Identifies what is declared and what is installed: npm writes its own list of it.
        private func state(on machine: Machine) throws -> String {
            let hidden = modules.appending(".package-lock.json")
            let installed = try machine.files.status(of: hidden) == nil ? "" : try machine.files.hash(of: hidden)
            return "\(try machine.files.hash(of: lock)) \(installed) \(omitsDevelopment)\n"
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try machine.files.status(of: recordFile) != nil ? .unmet("remove \(modules)") : .satisfied
        }

        public func revert(on machine: Machine) async throws {
            try machine.files.removeTree(modules)
            try machine.files.remove(recordFile)
        }

        private func validate() throws {
            try validateAbsolute(path)
            if owner != "root" { try AccountName.validate(owner, of: "user") }
        }
    }
}
