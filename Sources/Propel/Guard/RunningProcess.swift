import Libc

/// A process, told from later ones with the same ID by the time of its start.
struct RunningProcess: Sendable, Equatable {
    let id: Int32
    /// In ticks of the clock since the boot (proc_pid_stat(5), field 22).
    let start: Int

    /// This process; nil if /proc does not tell.
    static var current: RunningProcess? { RunningProcess(id: getpid()) }

    init(id: Int32, start: Int) {
        self.id = id
        self.start = start
    }

    /// Fails if there is no such process.
    init?(id: Int32) {
        guard let start = LocalFileSystem().startTime(of: id).flatMap({ Int($0) }) else { return nil }
        self.init(id: id, start: start)
    }

    /// Ends the process if it still runs.
    /// - Returns: whether it did.
    func kill() -> Bool {
        guard id > 1, RunningProcess(id: id) == self else { return false }
        return Libc.kill(id, SIGKILL) == 0
    }
}

extension RunningProcess {
    var json: JSON { ["id": .integer(Int(id)), "start": .integer(start)] }

    init(_ json: JSON) throws {
        guard let id = Int32(exactly: try json.number("id")) else {
            throw MalformedMessage(message: json.description)
        }
        self.init(id: id, start: try json.number("start"))
    }
}
