import ArgumentParser

/// The exit statuses of `propel`, the same for every command.
enum ExitStatus: Int32 {
    case converged = 0
    case failed = 1
    case changesFound = 2
    case unreachable = 3
    case locked = 4
    case rolledBack = 5
    case usage = 64
    case interrupted = 130

    var code: ExitCode { ExitCode(rawValue) }
}

/// A problem in the command line or in the configuration, found before any machine is touched.
struct UsageError: Error, CustomStringConvertible {
    var description: String
}
