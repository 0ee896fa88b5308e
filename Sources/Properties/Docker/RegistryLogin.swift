extension Docker {
    /// The login of the machine at a registry of images, for images that not everybody may pull.
    ///
    ///     Docker.RegistryLogin("ghcr.io", user: "anna", password: "\(Secret("ghcr-token"))")
    ///
    /// It stands in root's `/root/.docker/config.json` (docker-login(1)), which only root can read; other logins there
    /// stay. Declare it before the stacks that need it. Where the registry gives tokens, use one that may only read.
    /// ``Docker/RegistryLogin/Absent`` removes it.
    public struct RegistryLogin: Property {
        public typealias Target = DebianLike

        /// The host of the registry, with its port if it has one.
        public let registry: String
        /// The name of the account.
        public let user: String
        /// The password or token.
        public let password: Content

        /// - Parameters:
        ///   - registry: the host of the registry as image names have it, such as `ghcr.io` or
        ///     `registry.example.com:5000`; `docker.io` is Docker Hub.
        ///   - user: the name of the account.
        ///   - password: the password or token, as a secret.
        public init(_ registry: String, user: String, password: Content) {
            self.registry = registry
            self.user = user
            self.password = password
        }

        static let path: FilePath = "/root/.docker/config.json"

        public var name: String { "login at \(registry)" }
        public var secrets: [Secret] { password.secrets }
        public var claims: [Claim] { [Claim("the login at \(registry)", is: "\(user) \(password.form)")] }
        public var problems: [String] { problems(in: validate) }

        static func validate(registry: String) throws {
            guard !registry.isEmpty,
                registry.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ".-:[]".utf8.contains($0) })
            else {
                throw Failure(
                    "invalid registry “\(registry.escaped)”",
                    advice: "Give its host as in names of images: registry.example.com:5000.")
            }
        }

        private func validate() throws {
            try Self.validate(registry: registry)
            guard !user.isEmpty, user.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }) else {
                throw Failure("invalid user “\(user.escaped)” of \(registry)", advice: "Use no blank and no colon.")
            }
            guard password.facts.isEmpty else {
                throw Failure("the password of \(registry) has a fact of the machine", advice: "Give a secret.")
            }
        }

        /// The key in the file: Docker Hub has one of former times.
        static func key(of registry: String) -> String {
            ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(registry)
                ? "https://index.docker.io/v1/" : registry
        }

        private var key: String { Self.key(of: registry) }

        private var place: String { "the login at \(registry)" }

        /// - Throws: ``Failure`` if the file is not JSON, or another program keeps the logins.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let configuration = try read(on: machine)
            guard let login = configuration["auths"]?[key]?["auth"]?.string,
                var plain = Base64.decode(login[...]), let colon = plain.firstIndex(of: UInt8(ascii: ":"))
            else { return .unmet("log in as \(user)", secrets: secrets) }
            defer { plain.wipe() }
            var present = Array(plain[(colon + 1)...])
            defer { present.wipe() }
            guard String(decoding: plain[..<colon], as: UTF8.self) == user else {
                return .unmet("log in as \(user) instead", secrets: secrets)
            }
            guard try password.matches(present, in: place, on: machine) else {
                return .unmet("another password of \(user)", secrets: secrets)
            }
            let status = try machine.files.status(of: Self.path)
            return status?.mode == 0o600 && status?.owner == .root ? .satisfied : .unmet("readable by root alone")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let configuration = try read(on: machine)
            try machine.files.createDirectories(Self.path.removingLastComponent(), mode: 0o700)
            try await password.withBytes(on: machine) { bytes in
                var login = Array("\(user):".utf8) + bytes
                var encoded = Base64.encode(login)
                var logins = configuration["auths"]?.object ?? [:], all = configuration.object ?? [:]
                logins[key] = ["auth": .string(String(decoding: encoded, as: UTF8.self))]
                all["auths"] = .object(logins)
                var text = Array(JSON.object(all).pretty.utf8)
                defer {
                    login.wipe()
                    encoded.wipe()
                    text.wipe()
                }
                try machine.files.replace(Self.path, with: text, mode: 0o600)
            }
        }

        private func read(on machine: Machine) throws -> JSON {
            let json = try Self.configuration(on: machine)
            if let helper = Self.helper(for: key, in: json) {
                throw Failure(
                    "\(Self.path) has docker ask \(helper) for the login at \(registry)",
                    advice: "Log in with that program, or remove “credsStore” and “credHelpers” from the file.")
            }
            return json
        }

        /// The configuration of root's docker command; an empty one if there is none.
        static func configuration(on machine: Machine) throws -> JSON {
            guard let bytes = try machine.files.readIfPresent(Self.path) else { return .object([:]) }
            guard let json = try? JSON(parsing: bytes), json.object != nil else {
                throw Failure(
                    "\(Self.path) is not the configuration of docker",
                    advice: "Move it away, then run again: logins of others in it have to be made again.")
            }
            return json
        }

        /// The program that keeps the login instead of the file.
        static func helper(for key: String, in configuration: JSON) -> String? {
            let helper = configuration["credHelpers"]?[key]?.string ?? configuration["credsStore"]?.string ?? ""
            return helper.isEmpty ? nil : "docker-credential-\(helper.escaped)"
        }
    }
}
