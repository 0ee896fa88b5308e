import Libc

/// Starts a run and shows its journal on standard output while it grows.
///
/// The viewer is what the connection is for; the run does not need it.
struct RunViewer {
    /// How often it is told that the run is alive while nothing else is.
    static let heartbeat: Duration = .seconds(2)

    func start() async -> Int32 {
        do {
            let id = Timestamp.now.compact + "-" + String(UInt32.random(in: .min ... .max), radix: 16)
            let directory = try RunDirectory.create(id: id)
            // All that can fail comes before the run: once there is one, it must not be said that nothing was done.
            let journal = try JournalReader(path: directory.journal)
            let run = try RunProcess(id: id, output: directory.output)
            let ended = show(journal, of: run)
            if !ended { tell(.broken(run.failure(in: directory))) }
        } catch {
            tell(.refused(Failure(describing: error)))
        }
        return 0
    }

    private func tell(_ event: Event) { StandardOutput.write(event.json.description + "\n") }

    /// Copies the journal until the run is over, and answers whether it came to its end.
    private func show(_ journal: consuming JournalReader, of run: RunProcess) -> Bool {
        var last: ArraySlice<UInt8> = []
        var told = ContinuousClock.now
        while true {
            // Before the journal is read: what is written after that is seen in the next turn.
            let isOver = run.hasEnded
            let lines = journal.newLines()
            if !lines.isEmpty {
                _ = try? FileDescriptor.standardOutput.writeAll(lines)
                told = .now
                last = lines.dropLast()
                if let end = last.lastIndex(of: 0x0A) { last = last[(end + 1)...] }
            }
            if isOver { return Self.isEnd(last) }
            journal.waitForChange(or: run.life, atMost: Self.heartbeat)
            if ContinuousClock.now - told >= Self.heartbeat {
                tell(.heartbeat)
                told = .now
            }
        }
    }

    private static func isEnd(_ line: ArraySlice<UInt8>) -> Bool {
        guard let json = try? JSON(parsing: line), let event = try? Event(json) else { return false }
        switch event {
        case .ended, .locked, .refused: return true
        default: return false
        }
    }
}
