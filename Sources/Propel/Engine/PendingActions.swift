/// The actions that changes have requested and that have not succeeded yet.
///
/// Each is a file under `/var/lib/propel/pending` with the paths of the properties that request it, written before the
/// change: a power cut between the change and the action loses nothing.
struct PendingActions {
    let files: any FileSystem

    private static let directory = Machine.state.appending("pending")
    /// The entry of a record that does not tell who requested the action.
    static let anybody = "*"

    private func file(_ action: any Action) -> FilePath {
        Self.directory.appending(escaping: action.name)
    }

    func contains(_ action: any Action) throws -> Bool { try files.status(of: file(action)) != nil }

    /// The paths of the properties that request an action; empty if it is not pending.
    func requesters(of action: any Action) throws -> Set<String> {
        guard let bytes = try files.readIfPresent(file(action)) else { return [] }
        guard let paths = (try? JSON(parsing: bytes))?.array else { return [Self.anybody] }
        return Set(paths.compactMap(\.string))
    }

    /// Adds the paths of properties that request an action.
    func remember(_ action: any Action, for paths: some Sequence<String>) throws {
        let before = try requesters(of: action), after = before.union(paths)
        if after != before { try write(after, action) }
    }

    /// Removes the paths of properties for which the action was performed; with the last one it is no longer pending.
    func settle(_ action: any Action, for paths: Set<String>) throws {
        let after = try requesters(of: action).subtracting(paths)
        if after.isEmpty { try files.remove(file(action)) } else { try write(after, action) }
    }

    func forget(_ action: any Action) throws { try files.remove(file(action)) }

    private func write(_ paths: Set<String>, _ action: any Action) throws {
        try files.writeRecord(.array(paths.sorted().map(JSON.string)), to: file(action))
    }
}

/// The requests of actions that earlier runs have left over.
struct LeftOverRequests {
    private var paths: [String: Set<String>] = [:]

    init() {}

    /// - Throws: the error of a record that cannot be read.
    init(of actions: [any Action], in pending: PendingActions) throws {
        for action in actions { paths[action.name] = try pending.requesters(of: action) }
    }

    /// Whether an action is left over for one of these steps, or for one that is no longer there if this is the end.
    func concern(_ action: any Action, _ requesters: [Int], of steps: [Step], isFirst: Bool, isEnd: Bool) -> Bool {
        guard let left = paths[action.name], !left.isEmpty else { return false }
        if left.contains(PendingActions.anybody), isFirst { return true }
        if requesters.contains(where: { left.contains(steps[$0].path) }) { return true }
        // Its property was renamed or is no longer declared, or the run is on a part of the host.
        let known = Set(steps.map(\.path))
        return isEnd && left.contains { $0 != PendingActions.anybody && !known.contains($0) }
    }
}
