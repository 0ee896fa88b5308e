/// What lies beside the backups of a stack for a clone: the folders in which data wait that go to another host, or arrive.
///
/// Hidden, so that none is taken for a backup.
enum CloneFolders {
    /// The backup of what is to go.
    static let source = ".cloning"
    /// The same without what nobody else may see, until it is whole.
    static let anonymized = ".anonymized"
    /// What programs said of data that are not anonymous, where that failed.
    static let log = ".anonymization.log"

    private static let outgoing = ".outgoing-", incoming = ".incoming-"

    /// There is one for each host.
    static func outgoing(to host: String, of stack: Stack) -> FilePath {
        stack.backups.appending(outgoing + FilePath.Component(escaping: host).string)
    }

    static func incoming(_ id: String, of stack: Stack) -> FilePath { stack.backups.appending(incoming + id) }

    /// What has arrived of others, which will not go on.
    static func incoming(besides id: String, of stack: Stack, on machine: Machine) throws -> [FilePath] {
        try machine.files.list(stack.backups).filter { $0.hasPrefix(incoming) && $0 != incoming + id }.map {
            stack.backups.appending($0)
        }
    }

    /// What is of no use any more beside the backups: what was cut short in the middle, or was never fetched for a day.
    static func leftovers(of stack: Stack, on machine: Machine) throws -> [FilePath] {
        try machine.files.list(stack.backups).filter { name in
            if [source, anonymized].contains(name) { return true }
            guard [outgoing, incoming].contains(where: name.hasPrefix),
                let status = try machine.files.status(of: stack.backups.appending(name))
            else { return false }
            return status.modified.seconds < machine.now.seconds - 24 * 60 * 60
        }.map { stack.backups.appending($0) }
    }
}
