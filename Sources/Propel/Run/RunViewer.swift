import CLinux
import Glibc

/// Starts a run and shows its journal on standard output while it grows.
///
/// The viewer is what the connection is for; the run does not need it.
struct RunViewer {
    /// How often it is told that the run is alive while nothing else is.
    private static let heartbeat: Duration = .seconds(2)

    func start() async -> Int32 {
        do {
            let id = Timestamp.now.compact + "-" + String(UInt32.random(in: .min ... .max), radix: 16)
            let directory = try RunDirectory.create(id: id)
            var run = try RunProcess(id: id, output: directory.output)
            let ended = try show(directory.journal, of: &run)
            if !ended { tell(.broken(run.post(mortem: directory))) }
        } catch {
            tell(.refused(Failure(describing: error)))
        }
        return 0
    }

    private func tell(_ event: Event) { StandardOutput.write(event.json.description + "\n") }

    /// Copies the journal until the run is over, and answers whether it came to its end.
    private func show(_ path: FilePath, of run: inout RunProcess) throws -> Bool {
        let journal = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        defer { try? journal.close() }
        let changes = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard changes >= 0, inotify_add_watch(changes, path.string, UInt32(IN_MODIFY)) >= 0 else { throw Errno(rawValue: errno) }
        defer { close(changes) }

        var tail: [UInt8] = []
        while true {
            // Before the journal is read: what is written after that is seen in the next turn.
            let isOver = run.hasEnded
            try copy(journal, &tail)
            if isOver { return Self.isEnd(tail) }
            var waiting = [
                pollfd(fd: changes, events: Int16(POLLIN), revents: 0), pollfd(fd: run.life.rawValue, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&waiting, nfds_t(waiting.count), Int32(Self.heartbeat.inSeconds * 1000)) == 0 { tell(.heartbeat) }
            var discarded = [UInt8](repeating: 0, count: 4096)
            while read(changes, &discarded, discarded.count) > 0 {}
        }
    }

    /// Copies what the journal has got since the last time, and keeps its last line.
    private func copy(_ journal: FileDescriptor, _ tail: inout [UInt8]) throws {
        while true {
            let part = try [UInt8](unsafeUninitializedCapacity: 64 * 1024) { space, filled in
                filled = try journal.read(into: UnsafeMutableRawBufferPointer(space))
            }
            if part.isEmpty { return }
            try FileDescriptor.standardOutput.writeAll(part)
            tail += part
            if let lineEnd = tail.dropLast().lastIndex(of: 0x0A) { tail.removeSubrange(...lineEnd) }
        }
    }

    private static func isEnd(_ line: [UInt8]) -> Bool {
        guard let json = try? JSON(parsing: line), let event = try? Event(json) else { return false }
        switch event {
        case .ended, .locked, .refused: return true
        default: return false
        }
    }
}

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

    /// Why a run ended before its end.
    func post(mortem directory: RunDirectory) -> Failure {
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
