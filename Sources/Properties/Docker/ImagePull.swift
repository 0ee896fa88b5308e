/// An image that is pulled from a registry.
struct ImagePull: Sendable {
    /// The name with its tag or digest.
    let image: String
    /// The pauses after attempts that fail because of the network. There is one attempt more than there are pauses.
    var pauses = NetworkError.pauses

    func check(on machine: Machine) async throws -> Check {
        try await FoundImage.find(image, on: machine) == nil ? .unmet("pull it") : .satisfied
    }

    /// Layers that have arrived are kept: the next attempt or run continues with the others.
    func apply(on machine: Machine) async throws {
        let command = DockerCommand.pull(image)
        let progress = PullProgress()
        let result = try await NetworkError.tryingAgain(pauses) { _ in
            try await machine.run(command) { progress.words(after: $0) }
        }
        guard !result.succeeded else { return }
        throw Failure(
            "\(image) could not be pulled", command: command.description, ending: result.ending.description,
            output: CommandFailure(command: command, result: result).lastLines,
            advice: NetworkError.isReason(for: result)
                ? "Check whether the machine can reach the registry, then run again: layers that have arrived are kept."
                : "Check whether the registry has that tag, and whether the machine may pull it (`docker login`). "
                    + "Or build it elsewhere: Container(…, origin: .archive(…))."
        )
    }
}
