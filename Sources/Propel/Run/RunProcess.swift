import CLinux
import Libc

/// The process of a detached run, as the process that started it sees it.
struct RunProcess {
    private let process: pid_t
    /// The reading end of a pipe that the run holds open as long as it lives.
    let life: FileDescriptor

    init(id: String, output: FilePath) throws {
        let pipe = try FileDescriptor.pipe()
        life = pipe.readEnd
        _ = fcntl(life.rawValue, F_SETFD, FD_CLOEXEC)
        _ = fcntl(pipe.writeEnd.rawValue, F_SETFD, FD_CLOEXEC)
        defer { try? pipe.writeEnd.close() }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output.string, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // To a number of its own, without close-on-exec. Nothing is ever written to it.
        posix_spawn_file_actions_adddup2(&actions, pipe.writeEnd.rawValue, Self.lifeNumber)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, PROPEL_POSIX_SPAWN_SETSID)

        let words = ["propel-enforce", DetachedRun.argument, id]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { word in strdup(word) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process = pid_t()
        let result = posix_spawn(&process, "/proc/self/exe", &actions, &attributes, arguments, environ)
        guard result == 0 else { throw Errno(rawValue: result) }
        self.process = process
    }

    private static let lifeNumber: Int32 = 9

    /// Called in the run's process: the programs that it starts must not hold the pipe open when it is gone.
    static func keepLifeToItself() { _ = fcntl(lifeNumber, F_SETFD, FD_CLOEXEC) }

    /// Whether the run's process is gone.
    var hasEnded: Bool {
        var waiting = pollfd(fd: life.rawValue, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) > 0
    }

    /// Why the run ended before its end.
    func failure(in directory: RunDirectory) -> Failure {
        var status: Int32 = 0
        waitpid(process, &status, 0)
        let signal = status & 0x7F
        let ending = signal == 0 ? "exit status \(status >> 8 & 0xFF)" : "ended by signal \(signal)"
        let output = (try? LocalFileSystem().text(directory.output)) ?? ""
        return Failure(
            "the run on the machine ended before its end", ending: ending,
            output: output.split(separator: "\n").suffix(Failure.outputLineLimit).map(String.init),
            advice: signal == SIGKILL
                ? "Something killed it: the kernel where memory ran out (see `dmesg`), or a person. Run again: it goes on from there."
                : "Run again: it goes on from there. If it happens again, it is a bug of Propel.")
    }
}
