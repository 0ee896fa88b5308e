/// A stack on a machine, with what docker and the record of the stack say about it.
///
/// Answers are kept for all properties of the stack until something changes: the engine forgets them after each
/// apply, and what applies calls ``forget()`` after each of its changes. So a run that changes nothing asks docker
/// each question once.
struct StackContext: Sendable {
    let stack: Stack
    let machine: Machine

    init(_ stack: Stack, on machine: Machine) {
        self.stack = stack.asDeployed(on: machine)
        self.machine = machine
    }

    /// A stack with the contents of its files of the repository.
    /// - Throws: ``Failure`` if one of them does not arrive.
    init(resolving stack: Stack, on machine: Machine) async throws {
        self.init(try await stack.resolved(on: machine), on: machine)
    }

    // MARK: - What is known

    /// The containers of the stack, as docker listed them last.
    /// - Throws: ``Undetermined`` if there is no engine to ask, ``Failure`` if its answer cannot be parsed.
    func containers() async throws -> StackContainers {
        let cache = try await cache()
        if let known = cache.containers { return known }
        return try await reloadContainers()
    }

    /// The containers of the stack, listed now: for what waits for them to change.
    /// - Throws: see ``containers()``.
    @discardableResult
    func reloadContainers() async throws -> StackContainers {
        let found = try StackContainers(try await machine.answer(of: StackContainers.listing(of: stack.name)))
        try await cache().containers = found
        return found
    }

    /// The record of the stack.
    /// - Throws: see ``StackRecord/init(of:on:)``.
    func record() async throws -> StackRecord {
        let cache = try await cache()
        if let known = cache.record { return known }
        let read = try StackRecord(of: stack, on: machine)
        cache.record = read
        return read
    }

    /// Whether an image of the stack is up to date; see ``Docker/Image/check(on:)``.
    func check(imageOf container: Container) async throws -> Check {
        try await container.dockerImage.check(on: machine)
    }

    private func cache() async throws -> StackCache { try await machine.fact(StackCaches.self)[stack.name] }

    // MARK: - Changes

    /// Writes the record of the stack.
    func write(_ record: StackRecord) async throws {
        try record.write(of: stack, on: machine)
        try await cache().record = record
    }

    /// Forgets what docker and the record said: something has changed.
    func forget() { machine.forgetFacts() }

    /// Runs a command that changes something, and forgets what was known.
    /// - Throws: ``CommandFailure`` if it does not succeed.
    @discardableResult
    func succeed(_ invocation: Invocation) async throws -> CommandResult {
        defer { forget() }
        return try await machine.succeed(invocation)
    }

    // MARK: - Parts

    var files: StackFiles { StackFiles(self) }
    var images: StackImages { StackImages(self) }
    var snapshot: Snapshot { Snapshot(self) }
    func compose() throws -> ComposeCommand {
        try ComposeCommand(project: stack.name, directory: stack.directory, on: machine)
    }
    var pollInterval: Duration { stack.timing.pollInterval }
    var now: ContinuousClock.Instant { stack.timing.now() }
}
