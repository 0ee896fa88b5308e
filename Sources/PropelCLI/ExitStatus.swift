/// The exit statuses of `propel`, the same for every command. A command that has reported its failure throws its
/// status.
enum ExitStatus: Int32, Error, CaseIterable {
    case converged = 0
    case failed = 1
    case changesFound = 2
    case unreachable = 3
    case locked = 4
    case rolledBack = 5
    case usage = 64
    case interrupted = 130
}

/// A problem in the command line or in the configuration, found before any machine is touched.
struct UsageError: Error, CustomStringConvertible {
    var description: String
}
