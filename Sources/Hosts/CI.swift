import Properties

/// A machine for continuous integration: git, docker, compose, and a synchronized clock.
let ci = Role("ci", runs: Debian.self) { host in
    base(host, timezone: "Etc/UTC")
    Apt.Installed("git")
    User("ci", comment: "Continuous integration")
    Docker.Engine(daemon: dockerDaemon, users: ["ci"])
    Docker.Compose()
    Docker.prune.periodically(every: .days(7))
}

extension Docker {
    /// Removes images and build caches that nothing uses; they would fill the disk.
    fileprivate static let prune = Prune()

    fileprivate struct Prune: Action {
        typealias Target = DebianLike

        let name = "docker: prune"

        func perform(on machine: Machine) async throws {
            try await machine.run("docker", "system", "prune", "--force", "--filter", "until=168h")
        }
    }
}
