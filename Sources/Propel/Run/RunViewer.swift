import Libc

/// Starts a run and copies its journal to standard output while it grows.
///
/// The viewer ends with the connection; the run does not need it.
struct RunViewer {
    /// The interval of heartbeats while there is nothing else to report.
    static let heartbeat: Duration = .seconds(2)

    func start() async {
        do {
            let id = Timestamp.now.compact + "-" + String(UInt32.random(in: .min ... .max), radix: 16)
            let directory = try RunDirectory.create(id: id)
            // Before the run starts, so that every failure up to here means that nothing was changed.
            let journal = try JournalReader(path: directory.journal)
            let run = try RunProcess(id: id, output: directory.output)
            if !show(journal, of: run) { StandardOutput.write(.broken(run.failure(in: directory))) }
        } catch {
            StandardOutput.write(.refused(Failure(describing: error)))
        }
    }

    /// Copies the journal until the run's process exits.
    /// - Returns: whether the run reported its end.
    private func show(_ journal: consuming JournalReader, of run: RunProcess) -> Bool {
        var last: ArraySlice<UInt8> = []
        var lastWrite = ContinuousClock.now
        while true {
            // Before the journal is read: what is written after this is read in the next iteration.
            let hasEnded = run.hasEnded
            let lines = journal.newLines()
            if !lines.isEmpty {
                _ = try? FileDescriptor.standardOutput.writeAll(lines)
                lastWrite = .now
                last = lines.dropLast()
                if let end = last.lastIndex(of: UInt8(ascii: "\n")) { last = last[(end + 1)...] }
            }
            if hasEnded { return Self.isEnd(last) }
            journal.waitForChange(or: run.lifeline, timeout: Self.heartbeat)
            if ContinuousClock.now - lastWrite >= Self.heartbeat {
                StandardOutput.write(.heartbeat)
                lastWrite = .now
            }
        }
    }

    private static func isEnd(_ line: ArraySlice<UInt8>) -> Bool {
        guard let json = try? JSON(parsing: line), let event = try? Event(json) else { return false }
        return event.isLast
    }
}
