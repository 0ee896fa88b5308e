extension Docker.RegistryLogin {
    /// No login of the machine at a registry: its password is no longer in root's `/root/.docker/config.json`.
    ///
    ///     Docker.RegistryLogin.Absent("ghcr.io")
    ///
    /// Other logins and settings stay, and images that were pulled with it. The password still counts at the registry:
    /// withdraw it there, if others may have it.
    public struct Absent: Property {
        public typealias Target = DebianLike

        /// The host of the registry, with its port if it has one.
        public let registry: String

        /// - Parameter registry: the host of the registry as image names have it, such as `ghcr.io`; `docker.io` is
        ///   Docker Hub.
        public init(_ registry: String) { self.registry = registry }

        public var name: String { "no login at \(registry)" }
        public var claims: [Claim] { [Claim("the login at \(registry)", is: "absent")] }
        public var problems: [String] { problems(in: validate) }

        private func validate() throws { try Docker.RegistryLogin.validate(registry: registry) }

        /// - Throws: ``Failure`` if the file is not JSON, or another program keeps the login.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let configuration = try Docker.RegistryLogin.configuration(on: machine)
            let keys = keys(in: configuration)
            // With a program that keeps logins, docker notes an empty one here.
            if let helper = keys.compactMap({ Docker.RegistryLogin.helper(for: $0, in: configuration) }).first {
                throw Failure(
                    "\(helper) keeps the login at \(registry)", advice: "As root: `docker logout \(registry)`.")
            }
            return keys.isEmpty ? .satisfied : .unmet("log out")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            var configuration = try Docker.RegistryLogin.configuration(on: machine).object ?? [:]
            var logins = configuration["auths"]?.object ?? [:]
            for key in keys(in: .object(configuration)) { logins.removeValue(forKey: key) }
            if logins.isEmpty {
                configuration.removeValue(forKey: "auths")
            } else {
                configuration["auths"] = .object(logins)
            }
            // Other logins are in it.
            var text = Array(JSON.object(configuration).pretty.utf8)
            defer { text.wipe() }
            try machine.files.replace(Docker.RegistryLogin.path, with: text, mode: 0o600)
        }

        /// The logins at the registry: older versions of docker wrote its URL.
        private func keys(in configuration: JSON) -> [String] {
            let host = Self.host(Docker.RegistryLogin.key(of: registry))
            return (configuration["auths"]?.object ?? [:]).keys.filter { Self.host($0) == host }.sorted()
        }

        private static func host(_ key: String) -> Substring {
            var rest = key[...]
            for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
            return rest.prefix { $0 != "/" }
        }
    }
}
