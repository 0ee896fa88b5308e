/// Docker, from the packages of the distribution.
public enum Docker {
    /// The docker engine: installed, configured, running, and usable by these users.
    ///
    ///     Docker.Engine(daemon: ["log-driver": "json-file", "log-opts": ["max-size": "10m", "max-file": "3"]], users: ["pi"])
    ///
    /// A change of its configuration restarts it. On a new machine the configuration is there before the package, so the
    /// engine's very first start has it, and the restart at the end of the run finds no containers to disturb.
    ///
    /// - Warning: Who is in the group docker can become root.
    public struct Engine: CompositeProperty {
        public typealias Target = DebianLike

        /// What is in `/etc/docker/daemon.json`; nil leaves that file alone.
        public let daemon: JSON?
        /// Who is in the group docker.
        public let users: [String]

        /// - Parameters:
        ///   - daemon: what is in `/etc/docker/daemon.json` (dockerd(8)); nil, the default, leaves that file alone.
        ///   - users: who may use docker without sudo, and so has the rights of root; nobody by default. The users must
        ///     exist, or be declared before.
        public init(daemon: JSON? = nil, users: [String] = []) {
            self.daemon = daemon
            self.users = users
        }

        public var name: String { "docker" }

        public var body: [Declaration] {
            if let daemon { DaemonConfiguration(daemon).onChange(Service.Restart("docker")) }
            package
            // From release 13 on the command is a package of its own.
            WhenOS(Debian.self, release: 13) { Apt.Installed("docker-cli") }
            Service("docker").requires(package)
            for user in users { Membership(of: user, in: "docker").requires(package) }
        }

        private var package: Apt.Installed { Apt.Installed("docker.io") }
    }

    /// Compose, as the distribution has it: 1.29 by the name `docker-compose` in Debian 12, 2 and also by the name
    /// `docker compose` from Debian 13 and in Ubuntu.
    public struct Compose: CompositeProperty {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "docker compose" }

        public var body: [Declaration] {
            WhenOS(Debian.self) { Apt.Installed("docker-compose") }
            WhenOS(Ubuntu.self) { Apt.Installed("docker-compose-v2") }
        }
    }
}
