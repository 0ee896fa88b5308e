/// Invocations of compose for one project, by whichever name the machine has it.
///
/// | | program |
/// |---|---|
/// | Debian 12 | `docker-compose`, version 1.29 |
/// | Debian 13 | `docker compose` and `docker-compose`, version 2 |
/// | Ubuntu, and packages of Docker | `docker compose`, version 2 |
///
/// The plugin is preferred: where both are there, the other may be a version 1.29 that a new engine refuses.
struct ComposeCommand: Sendable {
    /// The name of the project (`--project-name`).
    let project: String
    /// The directory that relative paths begin at.
    let directory: FilePath
    /// The files that variables are interpolated from; if empty, compose looks for `.env` in the directory.
    private let environmentFiles: [FilePath]
    private let program: String
    private let subcommand: [String]

    /// - Throws: ``FileError`` if the machine cannot be asked which program it has.
    init(
        project: String, directory: FilePath, environmentFiles: [FilePath] = [], on machine: Machine
    ) throws {
        self.project = project
        self.directory = directory
        self.environmentFiles = environmentFiles
        let isStandalone =
            try !DockerPackage.hasComposePlugin(machine)
            && machine.files.status(of: "/usr/bin/docker-compose") != nil
        program = isStandalone ? "docker-compose" : "docker"
        subcommand = isStandalone ? [] : ["compose"]
    }

    /// An invocation of compose with these arguments.
    /// - Parameter files: the compose files, later ones over earlier ones.
    func invocation(_ arguments: [String], files: [FilePath], timeout: Duration = .minutes(10)) -> Invocation {
        Invocation(
            program,
            subcommand + ["--project-name", project, "--project-directory", directory.string]
                + environmentFiles.flatMap { ["--env-file", $0.string] }
                + files.flatMap { ["--file", $0.string] } + arguments,
            timeout: timeout)
    }

    /// Validates the files and prints nothing.
    func validate(files: [FilePath]) -> Invocation { invocation(["config", "--quiet"], files: files) }

    /// Prints the names of the services.
    func services(files: [FilePath]) -> Invocation { invocation(["config", "--services"], files: files) }

    /// Creates and starts containers, without building images.
    /// - Parameters:
    ///   - services: their names; empty for all.
    ///   - starts: whether they are started. If not, they are only created.
    ///   - options: further options of `compose up`.
    ///   - grace: the time from SIGTERM to SIGKILL for containers that are replaced. Compose's own default is ten
    ///     seconds.
    func up(
        _ services: [String] = [], starts: Bool = true, options: [String] = [], grace: Duration? = nil,
        files: [FilePath], timeout: Duration = .minutes(10)
    ) -> Invocation {
        invocation(
            ["up", starts ? "--detach" : "--no-start", "--no-build"]
                + (grace.map { ["--timeout", "\($0.components.seconds)"] } ?? []) + options + services,
            files: files, timeout: timeout)
    }
}
