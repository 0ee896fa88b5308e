/// The actions that changes have requested and that have not succeeded yet.
///
/// Each is an empty file under `/var/lib/propel/pending`, written before the change: a power cut between the change and
/// the action loses nothing.
struct PendingActions {
    let files: any FileSystem

    private static let directory = Machine.state.appending("pending")

    private func file(_ action: any Action) -> FilePath {
        Self.directory.appending(FilePath.Component(escaping: action.name))
    }

    func contains(_ action: any Action) throws -> Bool { try files.status(of: file(action)) != nil }

    func remember(_ action: any Action) throws {
        guard try !contains(action) else { return }
        try files.createDirectories(Self.directory, mode: 0o700)
        try files.replace(file(action), with: [], mode: 0o600)
    }

    func forget(_ action: any Action) throws { try files.remove(file(action)) }
}
