/// Containers without a daemon, by podman(1), whose services systemd runs.
///
///     Podman.Network("front")
///     Podman.Secret("db-password", Secret("db-password"))
///     Podman.Quadlet("app.container", """
///         [Container]
///         Image=ghcr.io/example/app:1.4
///         Network=front
///         Secret=db-password,type=env,target=DB_PASSWORD
///
///         [Install]
///         WantedBy=multi-user.target
///         """)
///         .onChange(Service.Restart("app"))
///     Service("app")
///
/// All of this is of root. The package podman is installed first. ``Stack`` is for docker alone.
public enum Podman {
    static let package = Apt.Installed("podman")
    static let program: FilePath = "/usr/bin/podman"

    /// The answer of podman to a question.
    /// - Throws: ``Undetermined`` if it is not installed.
    static func answer(to question: [String], on machine: Machine) async throws -> String {
        guard try machine.files.status(of: program) != nil else { throw Undetermined(until: "podman is installed") }
        return try await machine.succeed(Invocation("podman", question)).text
    }

    /// - Throws: ``Failure`` if it is not a name of podman's.
    static func validate(_ name: String, of what: String) throws {
        guard DockerName.isValid(name) else {
            throw Failure(
                "invalid name of a podman \(what) “\(name.escaped)”",
                advice: "Begin with a letter or digit, then use these or _ . -")
        }
    }
}
