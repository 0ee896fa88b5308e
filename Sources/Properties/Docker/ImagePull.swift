/// An image that is pulled from a registry.
struct ImagePull: Sendable {
    /// The name with its tag or digest.
    let image: String
    /// Such as `linux/amd64`; nil for that of the machine.
    var platform: String?
    /// The pauses after attempts that fail because of the network. There is one attempt more than there are pauses.
    var pauses = NetworkError.pauses

    /// How many images are pulled at a time. The engine itself downloads three layers of each.
    static let limit = 3

    /// The name of the registry: the part before the first slash, if it is a host (docker-pull(1)).
    var registry: String {
        let parts = image.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let host = parts.first,
            host.contains(".") || host.contains(":") || host == "localhost"
        else { return "registry-1.docker.io" }
        return String(host)
    }

    func check(on machine: Machine) async throws -> Check {
        if try await FoundImage.known(image, on: machine) == nil { return .unmet("pull it") }
        guard let platform, let present = try await presentPlatform(on: machine) else { return .satisfied }
        // A platform without a variant means any.
        return present == platform || present.hasPrefix(platform + "/") || platform == present + "/v8"
            ? .satisfied : .unmet("pull it for \(platform): it is there for \(present)")
    }

    /// The platform of the image that is there; nil if docker does not say it.
    private func presentPlatform(on machine: Machine) async throws -> String? {
        let format = "{{.Os}}/{{.Architecture}}{{with .Variant}}/{{.}}{{end}}"
        let answer = try await machine.answer(of: DockerCommand.inspect(image: image, format: format)).trimmed
        return answer.isEmpty ? nil : answer
    }

    /// Pulls images, several at a time. Layers that have arrived are kept: the next attempt or run continues with the
    /// others.
    /// - Throws: the error of the first of them. The errors of the others are dropped: each has its own turn.
    static func apply(_ pulls: [ImagePull], on machine: Machine) async throws {
        try await withThrowingTaskGroup(of: (Int, (any Error)?).self) { group in
            var next = 0, first: (any Error)?
            func start() {
                guard next < pulls.count else { return }
                let index = next
                next += 1
                group.addTask {
                    do { try await pulls[index].apply(on: machine) } catch { return (index, error) }
                    return (index, nil)
                }
            }
            for _ in 0..<limit { start() }
            while let (index, error) = try await group.next() {
                if index == 0 { first = error }
                start()
            }
            if let first { throw first }
        }
    }

    func apply(on machine: Machine) async throws {
        let command = DockerCommand.pull(image, platform: platform)
        let progress = PullProgress()
        let result = try await NetworkError.tryingAgain(pauses, reaching: registry, on: machine) { _ in
            try await machine.run(command) { progress.words(after: $0) }
        }
        guard !result.succeeded else { return }
        throw Failure(
            "\(image) could not be pulled", command: command.description, ending: result.ending.description,
            output: CommandFailure(command: command, result: result).lastLines,
            advice: NetworkError.isReason(for: result)
                ? "Check whether the machine can reach \(registry), then run again: layers that have arrived are kept."
                : "Check whether the registry has that tag, and whether the machine may pull it (`docker login`). "
                    + "Or build it elsewhere: Container(…, origin: .archive(…))."
        )
    }
}
