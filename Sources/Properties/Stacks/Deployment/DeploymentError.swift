/// The reason why a version of a stack did not become healthy.
struct DeploymentError: Error {
    var failure: Failure
    /// The ID of the container at fault.
    var container: String?

    init(_ failure: Failure, container: String? = nil) {
        self.failure = failure
        self.container = container
    }

    /// An error from the output of compose, and the container that it most likely speaks of.
    init(_ commandFailure: CommandFailure, of stack: Stack, found: StackContainers?) {
        failure = Failure(describing: commandFailure)
        failure.message = "compose could not start the containers of \(stack.name)"
        // Compose waits for no one-shot container: that one has failed is reported elsewhere, and may be nothing new.
        let blamed = stack.containers.lazy.filter { !$0.isOneShot }.compactMap { container in
            found?.named(container.name).first {
                $0.isUnhealthy || $0.state == "exited" && !container.isSatisfied(by: $0)
            }
        }
        container = blamed.first?.id
        if let name = blamed.first?.name { failure.message += ": \(name) did not become healthy" }
    }

    /// Describes any error that ended a deployment. One that is not a `DeploymentError` blames no container.
    init(describing error: any Error) {
        self = error as? DeploymentError ?? DeploymentError(Failure(describing: error))
    }

    /// The failure with the last lines that the container wrote, if it wrote any.
    func failureWithLog(on machine: Machine) async throws -> Failure {
        guard let container else { return failure }
        var failure = failure
        let lines = try await machine.lastLines(ofContainer: container)
        if !lines.isEmpty { failure.output = lines }
        return failure
    }
}
