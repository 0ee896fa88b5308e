/// The builder of docker that builds an image.
enum ImageBuilder: Sendable, Equatable {
    /// Docker's classic one, which limits the memory of a step.
    case classic
    case buildKit

    /// Chooses the builder for a Dockerfile: the classic one, unless it needs BuildKit.
    /// - Parameter image: the name of the image, for messages.
    /// - Throws: ``Failure`` if only BuildKit can build it, and the machine lacks it; ``Undetermined`` if a package
    ///   that will be installed may bring it, or if there is no engine yet.
    static func choose(for context: BuildContext, image: String, on machine: Machine) async throws -> ImageBuilder {
        let dockerfile = try machine.files.read(context.directory.appending(context.dockerfile))
        guard let feature = BuildKitFeature(in: dockerfile, arguments: Set(context.arguments.keys)) else {
            return .classic
        }
        if try await hasBuildKit(machine) { return .buildKit }
        guard feature.isRequired else { return .classic }
        try machine.awaitPackages()
        throw Failure(
            "\(image) needs BuildKit, which the docker of this machine lacks: \(context.dockerfile.escaped), line "
                + "\(feature.line): \(feature.words.escaped)",
            advice:
                "Declare Docker.BuildKit() before it, which installs buildx. Or rewrite the step; or build the image "
                + "elsewhere and load it: Docker.Image(…, loadedFrom: …).")
    }

    /// Whether the command of docker can use BuildKit, which each engine has: it needs the plugin buildx, but for
    /// versions before 23.0, which have it built in.
    private static func hasBuildKit(_ machine: Machine) async throws -> Bool {
        for directory in DockerPackage.plugins + ["/root/.docker/cli-plugins"]
        where try machine.files.status(of: directory.appending("docker-buildx")) != nil {
            return true
        }
        let version = try await machine.answer(of: DockerCommand.clientVersion()).trimmed
        return Int(version.prefix { $0 != "." }).map { $0 >= 18 && $0 < 23 } ?? false
    }
}
