/// Docker, from the packages of the distribution, or from those that the machine has already.
public enum Docker {
    /// The docker engine: installed, configured, running, and available to these users.
    ///
    ///     Docker.Engine(daemon: ["log-driver": "json-file", "log-opts": ["max-size": "10m", "max-file": "3"]], users:
    ///     ["pi"])
    ///
    /// An engine that is there is used, whichever package it is from: docker-ce of Docker, moby-engine, or none. It is
    /// never exchanged for the distribution's. `Docker.Engine(from: .docker)` installs docker-ce if no engine is there.
    /// Podman in the place of docker (podman-docker), and a machine whose only engine is the rootless one of a user,
    /// are failures that say what to do.
    ///
    /// With another `data-root`, docker is started when its disk is mounted.
    ///
    /// A change of its configuration restarts it. On a new machine the configuration is written before the package is
    /// installed, so the engine starts with it. It is restarted before what is declared next, such as a stack.
    ///
    /// ``Docker/Engine/Absent`` removes it.
    ///
    /// - Warning: Members of the group docker can become root.
    public struct Engine: CompositeProperty {
        public typealias Target = DebianLike

        /// The content of `/etc/docker/daemon.json`; nil leaves that file alone.
        public let daemon: JSON?
        /// The members of the group docker.
        public let users: [String]
        /// The publisher of its packages.
        public let source: PackageSource

        /// - Parameters:
        ///   - source: the publisher of the packages; the distribution by default. `.docker` adds Docker's repository,
        ///     whose key counts by its fingerprint, and installs docker-ce and compose from it. Where docker.io is
        ///     installed it is refused: an exchange stops all containers, and is for you to choose.
        ///   - daemon: the content of `/etc/docker/daemon.json` (dockerd(8)); nil, the default, leaves that file alone.
        ///   - users: users who may use docker without sudo, and so have the rights of root; none by default. They must
        ///     exist, or be declared before.
        public init(from source: PackageSource = .distribution, daemon: JSON? = nil, users: [String] = []) {
            self.source = source
            self.daemon = daemon
            self.users = users
        }

        public var name: String { "docker" }

        public var body: [Declaration] {
            if let daemon { DaemonConfiguration(daemon).onChange(Service.Restart("docker")) }
            if let mount = DataRoot.mountRequirement(of: daemon) { mount }
            if source == .docker {
                let repository = Docker.repository
                repository
                package.requires(repository)
                DockerPackage(.compose, "docker-compose-plugin").requires(repository).requires(package)
            } else {
                package
                // Since release 13 the command has a separate package.
                WhenOS(Debian.self, release: 13) { DockerPackage(.client, "docker-cli") }
            }
            if daemon != nil {
                // Before what is declared next, such as a stack; and when there is an engine.
                Service("docker").requires(package).settling(Service.Restart("docker"))
            } else {
                Service("docker").requires(package)
            }
            for user in users { Membership(of: user, in: "docker").requires(package) }
        }

        private var package: DockerPackage { DockerPackage(.engine, source == .docker ? "docker-ce" : "docker.io") }
    }

    /// Compose from the distribution: version 1.29 as `docker-compose` in Debian 12, version 2, as `docker compose`
    /// too, in Debian 13 and Ubuntu. Beside an engine of Docker it is the plugin of Docker, `docker-compose-plugin`.
    public struct Compose: CompositeProperty {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "docker compose" }

        public var body: [Declaration] {
            WhenOS(Debian.self) { DockerPackage(.compose, "docker-compose") }
            WhenOS(Ubuntu.self) { DockerPackage(.compose, "docker-compose-v2") }
        }
    }

    /// BuildKit for builds on the machine, for Dockerfiles that need it: `RUN --mount=…`, here-documents, `# syntax=…`.
    ///
    ///     Docker.BuildKit()
    ///     Docker.Image("app:latest", builtFrom: "/srv/app")
    ///
    /// The engine has it, and the command needs the plugin buildx for it: docker-buildx in Debian 13 and Ubuntu. The
    /// command of Debian 12 has it built in, and the packages of Docker bring it.
    public struct BuildKit: CompositeProperty {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "docker buildkit" }

        public var body: [Declaration] {
            WhenOS(Debian.self, release: 13) { DockerPackage(.buildx, "docker-buildx") }
            WhenOS(Ubuntu.self) { DockerPackage(.buildx, "docker-buildx") }
        }
    }
}
