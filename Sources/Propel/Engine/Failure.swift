/// The reason why something could not be done, and what to do about it.
public struct Failure: Error, Sendable, Equatable {
    /// The error: a sentence fragment in lowercase.
    public var message: String
    /// The command that failed, as it would be typed into a shell.
    public var command: String?
    /// How the command ended: “exit status 1”.
    public var ending: String?
    /// The last lines of output of the command.
    public var output: [String]
    /// The advice what to do next: a sentence.
    public var advice: String?
    /// Whether the previous version was started again successfully.
    public var isRolledBack = false
    /// Whether it is about a guarded change that was put back; see ``Guarded``.
    public var isPutBack = false
    /// The first step that is not the same on the laptop and on the machine, if that is the reason.
    public var difference: RoleDifference?

    /// The maximum number of lines of a program's output that a failure shows.
    public static let outputLineLimit = 20

    /// Creates a failure; what is not given is left out of the report.
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
    /// The end of a program's output, as a failure shows it: at most ``outputLineLimit`` lines, none of them empty.
    ///
    /// A CR ends a line too: programs overwrite their progress with it.
    public static func lastLines(of output: [UInt8]) -> [String] {
        output.suffix(16 * 1024).split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            .suffix(outputLineLimit).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The beginning of a program's output, in lines that are not empty.
    static func firstLines(of output: [UInt8], count: Int) -> [String] {
        output.prefix(4 * 1024).split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.prefix(count)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The last lines of a string; see ``lastLines(of:)-([UInt8])``.
    public static func lastLines(of output: String) -> [String] { lastLines(of: Array(output.utf8)) }

    /// Describes any error for people.
    public init(describing error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as CommandFailure:
            self.init(
                "\(error.command.program) failed", command: error.command.description,
                ending: error.result.ending.description,
                output: error.lastLines,
                advice: error.result.ending == .notFound
                    ? "Install the package that provides \(error.command.program)." : nil)
        case let error as FileError:
            self.init("cannot \(error.operation) \(error.path): \(error.cause)", advice: error.advice)
        case let error as MalformedMessage:
            self.init(error.description, advice: "Run again. If it happens again, it is a bug of Propel.")
        case let error as Undetermined: self.init("cannot tell until \(error.until)")
        case is CancellationError: self.init("interrupted", advice: "Run again: it continues from here.")
        default: self.init("\(error)")
        }
    }
}

extension FileError {
    fileprivate var advice: String? {
        switch cause {
        case .noSpace, .diskQuotaExceeded:
            "Make room on the file system of \(path), then run again: `df -h` shows its space, and `df -i` its inodes, "
                + "which many small files use up. The file is as it was."
        case .isDirectory: "\(path) is a directory. Declare another path, or move the directory away."
        case .notDirectory:
            "Something on the way to \(path) is not a directory (see `namei -l \(path)`). Move it away, or declare "
                + "another path."
        case .noSuchFileOrDirectory where operation != "read":
            "A directory on the way to \(path) is missing (see `namei -l \(path)`). Declare it before this."
        case .ioError: "The disk of \(path) may be failing (see `dmesg`). The file is as it was."
        case .readOnlyFileSystem:
            "The file system of \(path) is mounted read-only (see `findmnt -T \(path)` and `dmesg`)."
        case .tooManySymbolicLinkLevels: "\(path) is a symbolic link. Declare what it points to."
        case .fileTooLarge:
            (operation == "copy"
                ? "Propel copies no file that is larger than \(FileStatus.copyLimit >> 20) MiB."
                : "Propel reads no file that is larger than \(FileStatus.readLimit >> 20) MiB.")
                + " Look at what it is, and who made it."
        case .staleNFSFileHandle:
            "Something else took the place of \(path) at this moment. Look at who may write to its directory."
        case .tooManyLinks:
            "\(path) has other names (see `find / -xdev -samefile \(path)`), perhaps made to get at it. Look at who "
                + "made them."
        case .notPermitted: "It may be immutable (see `lsattr \(path)`)."
        default: nil
        }
    }
}
