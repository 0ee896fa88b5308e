import Libc
import Vocabulary

/// The processes that a killed run started and that are still running.
///
/// They are found by a variable in their environment, which their children inherit. Process groups would not do: some
/// programs create their own.
struct OrphanedProcesses: Sendable {
    /// The environment variable with the ID of the run, set for every program that a run starts.
    static let variable = "PROPEL_RUN"

    let run: String
    /// How long they may take to exit by themselves: a dpkg that is killed halfway leaves broken packages.
    var timeout: Duration = .minutes(2)
    /// How long they may take to exit after SIGTERM, and then after SIGKILL.
    var grace = LocalCommands.grace
    /// Replaces ``find()`` in tests.
    var look: (@Sendable () -> [Process])?

    private static let pause: Duration = .milliseconds(100)

    struct Process: Sendable, Equatable {
        let id: pid_t
        let name: String
    }

    /// Waits until all have exited, and terminates those that take longer than ``timeout``.
    /// - Parameter report: called with the names of the processes that are waited for, whenever these change.
    /// - Throws: ``Failure`` if a process does not exit even after SIGKILL, and `CancellationError`.
    func terminate(reporting report: ([String]) -> Void) async throws {
        if try await waitForExit(timeout: timeout, report) { return }
        if try await waitForExit(timeout: grace, sending: SIGTERM, report) { return }
        if try await waitForExit(timeout: grace, sending: SIGKILL, report) { return }
        guard let process = find().first else { return }
        throw Failure(
            "\(process.name) (process \(process.id)), started by the killed run \(run), does not exit even after "
                + "SIGKILL",
            advice:
                "It most likely waits for a disk or a network file system that does not answer. Restart the "
                + "machine, then run again."
        )
    }

    /// - Parameter signal: sent to each process once, also to those that start while this waits.
    /// - Returns: whether all have exited.
    private func waitForExit(
        timeout: Duration, sending signal: Int32? = nil, _ report: ([String]) -> Void
    ) async throws -> Bool {
        var limit = TimeLimit(timeout, pause: Self.pause)
        var reported: [String] = [], signalled: Set<pid_t> = [], emptyFinds = 0
        while true {
            let found = look?() ?? find()
            // Looked at twice: a process that exits during the first look may just have started another.
            emptyFinds = found.isEmpty ? emptyFinds + 1 : 0
            if emptyFinds == 2 { return true }
            // Before the limit is looked at: none may pass before a process has got the signal.
            if let signal {
                for process in found where signalled.insert(process.id).inserted { kill(process.id, signal) }
            }
            if !found.isEmpty, limit.hasPassed() { return false }
            let names = Set(found.map(\.name)).sorted()
            if !names.isEmpty, names != reported {
                report(names)
                reported = names
            }
            if !found.isEmpty { try await Task.sleep(for: Self.pause) }
        }
    }

    /// The processes that are running now (proc(5)).
    func find() -> [Process] {
        let files = LocalFileSystem(), entry = Array("\(Self.variable)=\(run)".utf8)
        let ids = ((try? files.list("/proc")) ?? []).compactMap { pid_t($0) }
        return ids.compactMap { id -> Process? in
            let directory: FilePath = "/proc/\(id)"
            // A process that has just exited has no environ, and a zombie has an empty one.
            guard let environment = try? files.read(directory.appending("environ")),
                environment.split(separator: 0).contains(entry[...])
            else { return nil }
            let name = (try? files.read(directory.appending("comm"))) ?? []
            return Process(id: id, name: String(decoding: name.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
        }
    }
}
