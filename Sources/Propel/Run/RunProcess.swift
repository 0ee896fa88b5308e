import CLinux
import Libc

/// The process of a ``DetachedRun``, seen by the process that started it.
struct RunProcess {
    private let process: pid_t
    /// The read end of a pipe whose write end the run holds open as long as it lives.
    let lifeline: FileDescriptor

    init(id: String, output: FilePath) throws {
        let pipe = try FileDescriptor.pipe()
        lifeline = pipe.readEnd
        _ = fcntl(lifeline.rawValue, F_SETFD, FD_CLOEXEC)
        _ = fcntl(pipe.writeEnd.rawValue, F_SETFD, FD_CLOEXEC)
        defer { try? pipe.writeEnd.close() }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output.string, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // At a fixed number and without close-on-exec, so that the run inherits it. Nothing is ever written to it.
        posix_spawn_file_actions_adddup2(&actions, pipe.writeEnd.rawValue, Self.lifelineNumber)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, PROPEL_POSIX_SPAWN_SETSID)

        let words = ["propel-enforce", DetachedRun.argument, id]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { word in strdup(word) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process = pid_t()
        let result = posix_spawn(&process, "/proc/self/exe", &actions, &attributes, arguments, environ)
        guard result == 0 else {
            throw Failure(
                "the run cannot be started on the machine: \(Errno(rawValue: result))",
                advice: "Look at its memory and its number of processes (`free`, `ulimit -u`), then run again.")
        }
        self.process = process
    }

    private static let lifelineNumber: Int32 = 9

    /// Called in the run's process: the programs that it starts must not hold the pipe open after it has ended.
    static func closeLifelineOnExec() { _ = fcntl(lifelineNumber, F_SETFD, FD_CLOEXEC) }

    /// Whether the run's process has ended.
    var hasEnded: Bool {
        var waiting = pollfd(fd: lifeline.rawValue, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) > 0
    }

    /// Why the run ended without reporting its end.
    func failure(in directory: RunDirectory) -> Failure {
        var status: Int32 = 0
        waitpid(process, &status, 0)
        let signal = status & 0x7F
        let ending = signal == 0 ? "exit status \(status >> 8 & 0xFF)" : "ended by signal \(signal)"
        let output = (try? LocalFileSystem().text(directory.output)) ?? ""
        return Failure(
            "the run on the machine ended unexpectedly", ending: ending,
            output: Failure.lastLines(of: output),
            advice: signal == SIGKILL
                ? "It was killed, by the kernel if memory ran out (see `dmesg`), or by a person. Run again: it "
                    + "continues from there."
                : "Run again: it continues from there. If it happens again, it is a bug of Propel.")
    }
}
