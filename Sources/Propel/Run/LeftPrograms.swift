import Libc

/// The programs of a run that are still at work though it was killed.
///
/// They are told from all others by a variable, which what they start inherits too. Their process groups would not do: some programs begin
/// one of their own.
struct LeftPrograms: Sendable {
    /// Has the name of the run in it, for every program that a run starts.
    static let variable = "PROPEL_RUN"

    let run: String
    /// How long they may take to come to their end by themselves: dpkg that is ended in the middle leaves broken packages behind.
    var patience: Duration = .minutes(2)
    /// How long they may take to end once they are told to, and then once they are killed.
    var grace = LocalCommands.grace

    struct Program: Sendable, Equatable {
        let process: pid_t
        let name: String
    }

    /// Waits until none is left, and ends those that take too long. Nobody else changes the machine meanwhile.
    /// - Parameter tell: told what is waited for, whenever that changes.
    /// - Throws: ``Failure`` where one does not even end when it is killed, and `CancellationError`.
    func settle(_ tell: ([String]) -> Void) async throws {
        if try await areGone(within: patience, tell) { return }
        if try await areGone(within: grace, telling: SIGTERM, tell) { return }
        if try await areGone(within: grace, telling: SIGKILL, tell) { return }
        guard let program = find().first else { return }
        throw Failure(
            "\(program.name) (process \(program.process)) of the run \(run), which was killed, is still at work and does not end",
            advice:
                "It most likely waits for a disk or a network file system that does not answer. Restart the machine, then run again."
        )
    }

    /// - Parameter signal: what each of them gets once, also those that are started meanwhile.
    private func areGone(
        within limit: Duration, telling signal: Int32? = nil, _ tell: ([String]) -> Void
    ) async throws -> Bool {
        let clock = ContinuousClock(), end = clock.now + limit
        var told: [String] = [], signalled: Set<pid_t> = [], emptyFinds = 0
        while true {
            let found = find()
            // One that ends while they are looked at may just have started another.
            emptyFinds = found.isEmpty ? emptyFinds + 1 : 0
            if emptyFinds == 2 { return true }
            if !found.isEmpty, clock.now >= end { return false }
            if let signal {
                for program in found where signalled.insert(program.process).inserted { kill(program.process, signal) }
            }
            let names = Set(found.map(\.name)).sorted()
            if !names.isEmpty, names != told {
                tell(names)
                told = names
            }
            if !found.isEmpty { try await Task.sleep(for: .milliseconds(100)) }
        }
    }

    /// Those that are there now (proc(5)).
    func find() -> [Program] {
        let files = LocalFileSystem(), mark = Array("\(Self.variable)=\(run)".utf8)
        let processes = ((try? files.list("/proc")) ?? []).compactMap { pid_t($0) }
        return processes.compactMap { process -> Program? in
            let place = FilePath("/proc/\(process)")
            // One that has ended meanwhile has none, and one that its parent does not look after has an empty one.
            guard let environment = try? files.read(place.appending("environ")),
                environment.split(separator: 0).contains(mark[...])
            else { return nil }
            let name = (try? files.read(place.appending("comm"))) ?? []
            return Program(process: process, name: String(decoding: name.prefix { $0 != 0x0A }, as: UTF8.self))
        }
    }
}
