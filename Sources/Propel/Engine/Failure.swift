/// Why something could not be done, and what somebody can do about it.
public struct Failure: Error, Sendable, Equatable {
    /// What went wrong, in a sentence.
    public var message: String
    /// The program that failed, as one would type it.
    public var command: String?
    /// How it ended.
    public var ending: String?
    /// The last lines that it wrote.
    public var output: [String]
    /// What to try next.
    public var advice: String?
    /// Whether what was there before has been put back, and does its work.
    public var isRolledBack = false

    /// The most lines of a program's output that a failure shows.
    public static let outputLineLimit = 20

    /// A failure with this message; the rest is left out of the report where it is not given.
    public init(
        _ message: String, command: String? = nil, ending: String? = nil, output: [String] = [], advice: String? = nil
    ) {
        self.message = message
        self.command = command
        self.ending = ending
        self.output = output
        self.advice = advice
    }
}

extension Failure {
    /// What any error says to people.
    public init(describing error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as CommandFailure:
            self.init(
                "\(error.command.program) failed", command: error.command.description,
                ending: error.result.ending.description,
                output: error.lastLines,
                advice: error.result.ending == .notFound
                    ? "Install the package that brings \(error.command.program)." : nil)
        case let error as FileError:
            self.init("cannot \(error.operation) \(error.path): \(error.cause)", advice: error.advice)
        case is CancellationError: self.init("interrupted", advice: "Run again: it goes on from here.")
        default: self.init("\(error)")
        }
    }
}

extension FileError {
    fileprivate var advice: String? {
        switch cause {
        case .noSpace, .diskQuotaExceeded:
            "Make room on the file system of \(path) (see `df -h`), then run again. The file is as it was."
        case .readOnlyFileSystem:
            "The file system of \(path) is mounted read-only (see `findmnt -T \(path)` and `dmesg`)."
        case .tooManySymbolicLinkLevels: "\(path) is a symbolic link. Declare what it points to."
        case .notPermitted: "It may be immutable (see `lsattr \(path)`)."
        default: nil
        }
    }
}
