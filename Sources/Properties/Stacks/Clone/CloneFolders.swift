/// The directories beside the backups of a stack for data on their way to another host, or from one.
///
/// They are hidden, so that none is taken for a backup.
enum CloneFolders {
    /// The backup of the data to be copied.
    static let source = ".cloning"
    /// The anonymized data, until they are complete.
    static let anonymized = ".anonymized"
    /// The output of programs that failed on data which are not anonymous.
    static let log = ".anonymization.log"

    private static let outgoing = ".outgoing-", incoming = ".incoming-"

    /// The directory of the copy for a host.
    static func outgoing(to host: String, of stack: Stack) -> FilePath {
        stack.backups.appending(outgoing + FilePath.Component(escaping: host).string)
    }

    static func incoming(_ id: String, of stack: Stack) -> FilePath { stack.backups.appending(incoming + id) }

    /// The directories of other copies, which will not be continued.
    static func incoming(besides id: String, of stack: Stack, on machine: Machine) throws -> [FilePath] {
        try machine.files.list(stack.backups).filter { $0.hasPrefix(incoming) && $0 != incoming + id }.map {
            stack.backups.appending($0)
        }
    }

    /// The directories that interrupted runs have left, and copies that were not fetched for a day.
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
