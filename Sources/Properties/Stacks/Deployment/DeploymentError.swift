/// What keeps a version of a stack from being well.
struct DeploymentError: Error {
    var failure: Failure
    /// The container that is to blame, as docker knows it.
    var container: String?

    init(_ failure: Failure, container: String? = nil) {
        self.failure = failure
        self.container = container
    }

    /// What compose says, and the container that it most likely speaks of.
    init(_ commandFailure: CommandFailure, of stack: Stack, found: StackContainers?) {
        failure = Failure(describing: commandFailure)
        failure.message = "compose could not start the containers of \(stack.name)"
        // Compose waits for none that does something once: that one has failed is told elsewhere, and may be nothing new.
        let blamed = stack.containers.lazy.filter { !$0.isOneShot }.compactMap { container in
            found?.named(container.name).first { $0.isUnhealthy || $0.state == "exited" && !container.isWell($0) }
        }
        container = blamed.first?.id
        if let name = blamed.first?.name { failure.message += ": \(name) does not get healthy" }
    }

    /// What the container said last; nil where it said nothing.
    func lastLines(on machine: Machine) async throws -> [String]? {
        guard let container else { return nil }
        let result = try await machine.run(
            Invocation("docker", ["logs", "--tail", "\(Failure.outputLineLimit)", container]))
        // What a program writes to its standard error comes on ours.
        let text = result.text + String(decoding: result.errors, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).suffix(Failure.outputLineLimit).map(String.init)
        return lines.isEmpty ? nil : lines
    }
}
