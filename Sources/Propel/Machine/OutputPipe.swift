import CLinux
import Libc

/// A pipe for one output of a program.
///
/// A pipe rather than a file: a program that opens `/dev/stderr` gets the same pipe, whereas it would truncate a file.
struct OutputPipe: Sendable {
    /// Not blocking.
    let readEnd: FileDescriptor
    /// For the program. It can read from it too, so that it counts as a reader itself: if propel-enforce is killed, the
    /// program is not killed by the next line that it prints.
    let writeEnd: FileDescriptor

    /// The maximum number of bytes that are in the pipe: 1 MiB, the limit for users other than root too.
    static let capacity = 1 << 20

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw Self.failure(Errno(rawValue: errno)) }
        readEnd = FileDescriptor(rawValue: ends[0])
        let original = FileDescriptor(rawValue: ends[1])
        // As a file in memory has it: the program may give up its rights, and then open /dev/stderr.
        _ = fchmod(ends[0], 0o666)
        // Room for what it prints when nobody reads any longer. If the system allows no more, it keeps the default.
        _ = fcntl(ends[1], PROPEL_F_SETPIPE_SZ, Int32(Self.capacity))
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        let both = open("/proc/self/fd/\(ends[1])", O_RDWR | O_CLOEXEC)
        let result = Errno(rawValue: errno)
        try? original.close()
        guard both >= 0 else {
            try? readEnd.close()
            throw Self.failure(result)
        }
        writeEnd = FileDescriptor(rawValue: both)
    }

    private static func failure(_ cause: Errno) -> Failure {
        Failure(
            "no pipe for the output of a program: \(cause)",
            advice: "Look at the open files of the machine (`ulimit -n`), then run again.")
    }

    /// Whether a process has the pipe open for writing, after ``writeEnd`` was closed here.
    var hasWriter: Bool {
        var waiting = pollfd(fd: readEnd.rawValue, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) >= 0 && Int32(waiting.revents) & POLLHUP == 0
    }
}
