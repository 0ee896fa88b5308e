/// Starts the containers that ran before the first deployment of a stack, after that deployment has failed: with the
/// images that they had, from the compose files that they were created from.
struct FormerProjectRestart {
    let context: StackContext
    let project: FormerProject

    private var stack: Stack { context.stack }
    private var machine: Machine { context.machine }

    /// - Throws: ``Failure`` or ``DeploymentError`` if one cannot be created, or does not become healthy that was.
    func perform() async throws {
        try await context.images.restoreTags(project.images, project.imageIDs)
        let names = Set(project.services.map(\.name))
        // They have ports and volumes of the former ones.
        let new = try await context.reloadContainers().all.filter { !project.containers.contains($0.id) }
        try await context.stop(new.filter { !$0.isAtRest }.map(\.id))
        let unneeded = new.filter { !names.contains($0.name) }
        if !unneeded.isEmpty { try await context.succeed(DockerCommand.remove(unneeded.map(\.id))) }
        for origin in Set(project.services.map(\.origin)).sorted(by: { "\($0)" < "\($1)" }) {
            try await createMissing(of: origin)
        }
        try await startRemaining()
        let healthy = project.services.filter(\.wasHealthy).map(\.name)
        try await HealthWait(context).untilPreviousHealthy(healthy, andSteady: true)
    }

    /// Starts those that were only stopped.
    private func startRemaining() async throws {
        let ran = Set(project.services.filter(\.isRunning).map(\.container))
        let resting = try await context.reloadContainers().all.filter { ran.contains($0.id) && $0.isAtRest }
        if !resting.isEmpty { try await context.succeed(DockerCommand.start(resting.map(\.id))) }
    }

    /// Has compose create those that were replaced, and start those that ran.
    private func createMissing(of origin: FormerProject.Origin) async throws {
        let present = Set(try await context.reloadContainers().all.map(\.id))
        let missing = project.services.filter { $0.origin == origin && !present.contains($0.container) }
        guard !missing.isEmpty else { return }
        let copies = try project.copies(of: origin, on: machine)
        let compose = try ComposeCommand(
            project: stack.name, directory: origin.directory, environmentFiles: copies.environmentFiles, on: machine)
        // A service may have had several containers.
        let stopped = missing.filter { !$0.isRunning }.map(\.name).unique(by: \.self)
        let started = missing.filter(\.isRunning).map(\.name).unique(by: \.self)
        let grace = Duration.seconds(HaltedContainers.grace)
        if !stopped.isEmpty {
            try await context.succeed(
                compose.up(stopped, starts: false, options: ["--no-deps"], grace: grace, files: copies.files))
        }
        // Compose alone knows what depends on what.
        if !started.isEmpty {
            try await context.succeed(
                compose.up(started, grace: grace, files: copies.files, timeout: stack.healthTimeout + .minutes(10)))
        }
    }
}

extension Rollback {
    /// Starts the containers that ran before the first deployment.
    /// - Returns: what to report.
    func restart(_ project: FormerProject, after failure: Failure, _ former: StackRecord) async throws -> Failure {
        var failure = failure, record = former
        context.machine.showProgress("starting the former containers")
        do {
            try await FormerProjectRestart(context: context, project: project).perform()
        } catch let error {
            if error is CancellationError { throw error }
            let second = DeploymentError(describing: error).failure
            failure.message += "; the former containers could not be started again: \(second.message)"
            failure.advice =
                "No data was removed, and the images are kept. Start the project from its own directory "
                + "(\(project.directories)), or see `docker ps --all` and `docker logs` on the machine."
            return failure
        }
        record.pending = nil
        // Data was written since: it is backed up again before the next attempt.
        record.former?.restarted = context.machine.now.compact
        try await context.write(record)
        failure.message += "; the former containers of the project \(context.stack.name) run again"
        failure.isRolledBack = true
        failure.advice = "Correct what the last lines report, and deploy again."
        return failure
    }
}

extension FormerProject {
    /// The directories that it was started from.
    fileprivate var directories: String {
        Set(services.map(\.origin.directory.string)).sorted().joined(separator: ", ")
    }
}
