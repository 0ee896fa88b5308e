/// The folders beside the backups of a stack in which data wait that go to another host, or arrive.
///
/// Hidden, so that none is taken for a backup.
enum CloneFolders {
    /// The backup of what is to go.
    static let source = ".cloning"
    /// The same without what nobody else may see, until it is whole.
    static let anonymized = ".anonymized"

    private static let outgoing = ".outgoing-", incoming = ".incoming-"

    static func outgoing(_ id: String, of stack: Stack) -> FilePath { stack.backups.appending(outgoing + id) }
    static func incoming(_ id: String, of stack: Stack) -> FilePath { stack.backups.appending(incoming + id) }

    /// Whether something of this name is of no use any more: what was cut short in the middle, or was never fetched for a day.
    static func isLeftover(_ name: String, at now: Timestamp) -> Bool {
        if [source, anonymized].contains(name) { return true }
        guard let prefix = [outgoing, incoming].first(where: name.hasPrefix) else { return false }
        // The names of clones begin with the time, in the order of time.
        return name.dropFirst(prefix.count) < Timestamp(seconds: now.seconds - 24 * 60 * 60).compact
    }
}
