/// Runs exactly the containers that a stack describes.
///
/// If one does not become healthy, the previous version is restored; see ``Rollback``.
struct StackDeployment: Property {
    typealias Target = DebianLike

    let stack: Stack

    var name: String { "containers of \(stack.name)" }
    var problems: [String] { stack.problems }
    var ports: [Port] { stack.containers.flatMap(\.ports).flatMap(\.allPorts) }
    var secrets: [Secret] { stack.secretFiles.flatMap(\.secrets) }

    var claims: [Claim] {
        [
            Claim("the stack \(stack.name)", is: stack.version, summary: "\(stack.containers.count) containers"),
            .path(stack.directory, is: "the stack \(stack.name)", summary: "the files of the stack \(stack.name)"),
        ] + stack.dockerNames
    }

    /// - Throws: ``Failure`` if the data has a newer format than this version of the stack, ``Undetermined`` if there
    ///   is no engine to ask.
    func check(on machine: Machine) async throws -> Check {
        try await StackDifferences(StackContext(resolving: stack, on: machine)).find().check
    }

    func apply(on machine: Machine) async throws {
        var run = try await begin(on: machine)
        do {
            try await run.start()
            try await run.awaitHealthy()
        } catch {
            if error is CancellationError { throw error }
            let former = run.record.rollbackRecord(for: run.context.stack)
            throw try await Rollback(run.context).rollBack(after: DeploymentError(describing: error), former)
        }
        try await run.retirePredecessors()
        try await run.commit()
    }

    /// Creates the containers of a stack that was never deployed, and starts none: its data comes first.
    func createContainers(on machine: Machine) async throws {
        try await begin(on: machine).create()
    }

    /// Writes and validates all files. No container has changed yet.
    private func begin(on machine: Machine) async throws -> StackDeploymentRun {
        let context = try await StackContext(resolving: stack, on: machine)
        context.forget()
        var run = try await StackDeploymentRun(context)
        try await run.prepareFiles()
        try await run.validate()
        try await run.begin()
        try await FailedContainer(context: context).remove()
        return run
    }
}
