import Libc

/// The runs that are going on, from their processes (proc(5)): the lock can only be tried by taking it, and a run that
/// begins at that moment would be refused.
struct OngoingRuns {
    /// The directory of each process, by the ID of its run.
    private let processes: [String: FilePath]

    /// - Parameters:
    ///   - proc: where the processes are.
    ///   - programs: the directory of the enforcers; that of this program by default. Any user can start a program
    ///     under the name of an enforcer.
    init(in proc: FilePath = "/proc", programs: FilePath? = nil) {
        let files = LocalFileSystem()
        func program(of process: FilePath) -> FilePath? {
            (try? files.destination(ofLink: process.appending("exe"))).map { FilePath($0).removingLastComponent() }
        }
        guard let programs = programs ?? program(of: proc.appending("\(getpid())")) else {
            processes = [:]
            return
        }
        var found: [String: FilePath] = [:]
        for name in (try? files.list(proc)) ?? [] where pid_t(name) != nil {
            let process = proc.appending(name)
            if let id = Self.run(of: process), program(of: process) == programs { found[id] = process }
        }
        processes = found
    }

    var ids: Set<String> { Set(processes.keys) }

    func contains(_ id: String) -> Bool { processes[id] != nil }

    /// Whether the run still goes on now. Another process with the same number has another command line.
    func isStillGoingOn(_ id: String) -> Bool { processes[id].map { Self.run(of: $0) == id } ?? false }

    /// The ID of the run of a process; nil for another program. A process that has ended has an empty command line.
    private static func run(of process: FilePath) -> String? {
        guard let line = try? LocalFileSystem().read(process.appending("cmdline"), first: 4096) else { return nil }
        let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 3, words[0] == "propel-enforce", words[1] == DetachedRun.argument,
            RunRecord.isID(words[2])
        else { return nil }
        return words[2]
    }
}
