extension Machine {
    /// Brings a file of the network, or its absence, into effect.
    /// - Parameter marker: there while a change has been written and is not in effect.
    /// - Throws: what a command does; then it is brought into effect by the next run.
    func loadNetwork(by commands: [Invocation], clearing marker: FilePath) async throws {
        for command in commands { try await succeed(command) }
        try files.remove(marker)
    }
}
