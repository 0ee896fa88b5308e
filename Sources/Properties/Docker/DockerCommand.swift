/// Invocations of the docker command line (docker(1)). They are made here and nowhere else.
enum DockerCommand {
    private static func invocation(
        _ arguments: [String], environment: [String: String] = [:], timeout: Duration = .minutes(10)
    ) -> Invocation {
        Invocation("docker", arguments, environment: environment, timeout: timeout)
    }

    // MARK: - Containers

    /// Lists containers.
    /// - Parameters:
    ///   - all: whether those that do not run are listed too.
    ///   - filters: such as `label=…`, `volume=…`, `name=…`.
    ///   - format: a template of Go for each container; nil for the full IDs alone.
    static func ps(all: Bool = false, filters: [String] = [], format: String? = nil) -> Invocation {
        invocation(
            ["ps"] + (all ? ["--all"] : []) + ["--no-trunc"] + (format == nil ? ["--quiet"] : []) + filtering(filters)
                + formatting(format))
    }

    static func inspect(containers: [String], format: String) -> Invocation {
        invocation(["inspect", "--type", "container"] + formatting(format) + ["--"] + containers)
    }

    /// Creates a container without starting it.
    /// - Parameters:
    ///   - options: of `docker create`.
    ///   - command: what it runs; empty for what the image says.
    static func create(name: String, options: [String], image: String, command: [String] = []) -> Invocation {
        invocation(["create", "--name", name] + options + [image] + command)
    }

    /// Runs a program in a container that is removed afterwards.
    /// - Parameter command: the program and its arguments, in place of the entry point of the image.
    static func run(
        _ command: [String], options: [String], image: String, timeout: Duration = .hours(6)
    ) -> Invocation {
        invocation(
            ["run", "--rm", "--entrypoint", command[0]] + options + [image] + command.dropFirst(), timeout: timeout)
    }

    /// Runs a program in a container that runs already.
    /// - Parameter isInteractive: whether it reads standard input.
    static func exec(
        _ command: [String], in container: String, isInteractive: Bool = false, timeout: Duration = .hours(6)
    ) -> Invocation {
        invocation(["exec"] + (isInteractive ? ["--interactive"] : []) + [container] + command, timeout: timeout)
    }

    static func start(_ containers: [String]) -> Invocation { invocation(["start"] + containers) }

    /// - Parameter grace: the time from SIGTERM to SIGKILL, in whole seconds; nil for that of each container.
    static func stop(_ containers: [String], grace: Duration?) -> Invocation {
        // All versions know this name; 28 also has --timeout.
        let time = grace.map { ["--time", "\($0.components.seconds)"] } ?? []
        return invocation(["stop"] + time + containers, timeout: grace.map { max(.minutes(10), $0 * 2) } ?? .hours(1))
    }

    static func pause(_ containers: [String]) -> Invocation { invocation(["pause"] + containers) }

    static func unpause(_ containers: [String]) -> Invocation { invocation(["unpause"] + containers) }

    /// - Parameters:
    ///   - force: whether those that run are killed first.
    ///   - volumes: whether their anonymous volumes go too.
    static func remove(_ containers: [String], force: Bool = false, volumes: Bool = false) -> Invocation {
        invocation(["rm"] + (force ? ["--force"] : []) + (volumes ? ["--volumes"] : []) + containers)
    }

    /// Makes an image of the files of a container.
    /// - Parameter changes: instructions of a Dockerfile that change what the image has of its configuration.
    static func commit(_ container: String, as image: String, changes: [String]) -> Invocation {
        invocation(["commit"] + changes.flatMap { ["--change", $0] } + [container, image], timeout: .minutes(1))
    }

    /// The last lines of what a container wrote.
    /// - Parameter hasTimes: whether each line begins with its time.
    static func logs(
        _ container: String, lines: Int = Failure.outputLineLimit, hasTimes: Bool = false
    ) -> Invocation {
        invocation(["logs"] + (hasTimes ? ["--timestamps"] : []) + ["--tail", "\(lines)", container])
    }

    // MARK: - Images

    /// - Parameter format: a template of Go; nil for everything, as JSON.
    static func inspect(image: String, format: String? = nil) -> Invocation {
        invocation(["image", "inspect"] + formatting(format) + ["--", image])
    }

    /// Lists images.
    /// - Parameters:
    ///   - reference: a pattern of names: `propel/*:shop.*`.
    ///   - format: a template of Go for each.
    static func images(reference: String, format: String) -> Invocation {
        invocation(["image", "ls"] + formatting(format) + ["--filter", "reference=\(reference)"])
    }

    /// Lists the IDs of the images, without the steps of builds.
    static func images() -> Invocation { invocation(["image", "ls", "--no-trunc", "--quiet"]) }

    /// - Parameter format: a template of Go for each.
    static func inspect(images: [String], format: String) -> Invocation {
        invocation(["image", "inspect"] + formatting(format) + ["--"] + images)
    }

    /// Asks a registry what a name means there, as JSON with a `digest`. Needs buildx.
    static func manifest(of image: String) -> Invocation {
        invocation(["buildx", "imagetools", "inspect", image] + formatting("{{json .Manifest}}"), timeout: .minutes(2))
    }

    /// Gives an image another name.
    static func tag(_ image: String, as name: String) -> Invocation { invocation(["image", "tag", image, name]) }

    static func remove(images: [String]) -> Invocation { invocation(["image", "rm", "--"] + images) }

    /// - Parameter platform: such as `linux/amd64`; that of the machine by default.
    static func pull(_ image: String, platform: String? = nil) -> Invocation {
        invocation(["pull"] + (platform.map { ["--platform", $0] } ?? []) + ["--", image], timeout: .hours(6))
    }

    static func load(_ archive: FilePath) -> Invocation {
        invocation(["load", "--quiet", "--input", archive.string], timeout: .hours(2))
    }

    /// Builds an image.
    /// - Parameters:
    ///   - options: of `docker build`.
    ///   - context: the directory to build from.
    ///   - builder: the builder; BuildKit shows its progress in plain lines, on standard error.
    static func build(
        _ options: [String], context: FilePath, builder: ImageBuilder = .classic, timeout: Duration
    ) -> Invocation {
        invocation(
            ["build"] + (builder == .buildKit ? ["--progress", "plain"] : []) + options + ["--", context.string],
            environment: ["DOCKER_BUILDKIT": builder == .buildKit ? "1" : "0"], timeout: timeout)
    }

    // MARK: - Networks

    /// Lists the names of the networks.
    static func networks(filters: [String] = []) -> Invocation {
        invocation(["network", "ls"] + formatting("{{.Name}}") + filtering(filters))
    }

    /// - Parameter format: a template of Go for each.
    static func inspect(networks: [String], format: String) -> Invocation {
        invocation(["network", "inspect"] + formatting(format) + networks)
    }

    /// The same option for each of the values, by their names: `--opt type=nfs`.
    static func pairs(_ option: String, _ values: [String: String]) -> [String] {
        values.sorted { $0.key < $1.key }.flatMap { [option, "\($0.key)=\($0.value)"] }
    }

    /// - Parameter options: of `docker network create`; none by default.
    static func create(network: String, options: [String] = []) -> Invocation {
        invocation(["network", "create"] + options + [network])
    }

    static func remove(network: String) -> Invocation { invocation(["network", "rm", network]) }

    // MARK: - Volumes

    /// Lists the names of volumes.
    static func volumes(filters: [String] = []) -> Invocation {
        invocation(["volume", "ls", "--quiet"] + filtering(filters))
    }

    static func inspect(volumes: [String], format: String) -> Invocation {
        invocation(["volume", "inspect"] + formatting(format) + ["--"] + volumes)
    }

    static func create(volume: String, labels: [String] = [], options: [String: String] = [:]) -> Invocation {
        invocation(
            ["volume", "create"] + labels.flatMap { ["--label", $0] } + pairs("--opt", options) + ["--", volume])
    }

    static func remove(volumes: [String]) -> Invocation { invocation(["volume", "rm"] + volumes) }

    // MARK: - The engine

    static func info(format: String) -> Invocation { invocation(["info"] + formatting(format)) }

    /// The version of the command, such as 20.10.24+dfsg1.
    static func clientVersion() -> Invocation { invocation(["version"] + formatting("{{.Client.Version}}")) }

    /// Has dockerd validate a configuration file. Versions before 23.0 do not know the option.
    static func validate(configuration: FilePath) -> Invocation {
        Invocation("dockerd", ["--validate", "--config-file=\(configuration)"])
    }

    private static func formatting(_ template: String?) -> [String] { template.map { ["--format", $0] } ?? [] }

    private static func filtering(_ filters: [String]) -> [String] { filters.flatMap { ["--filter", $0] } }
}
