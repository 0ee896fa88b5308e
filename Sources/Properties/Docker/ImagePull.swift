/// An image that comes from a registry.
struct ImagePull: Sendable {
    /// With its tag or digest.
    let image: String
    /// What is waited after each attempt that the network made fail; when there is none left, it has failed.
    var pauses = NetworkError.pauses

    func check(on machine: Machine) async throws -> Check {
        switch try await FoundImage.look(for: image, on: machine) {
        case .unknown(let until): .unknown(until: until)
        case .absent: .unmet("pull it")
        case .found: .satisfied
        }
    }

    /// The layers that came are kept: another attempt, or run, goes on with the next.
    func apply(on machine: Machine) async throws {
        let command = DockerCommand.pull(image)
        let result = try await NetworkError.tryingAgain(pauses) { _ in try await machine.run(command) }
        guard !result.succeeded else { return }
        throw Failure(
            "\(image) could not be pulled", command: command.description, ending: result.ending.description,
            output: CommandFailure(command: command, result: result).lastLines,
            advice: NetworkError.isReason(for: result)
                ? "See whether the machine reaches the registry, then run again: what came is kept."
                : "See whether the registry has that tag, and whether the machine may pull it (`docker login`). Or build it elsewhere: Container(…, origin: .archive(…))."
        )
    }
}
