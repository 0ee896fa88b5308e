/// The runs that the machine remembers: answers questions about them.
struct RunHistory: Sendable {
    /// Where the directories of runs are.
    var parents = RunDirectory.parents
    /// The runs that are going on at this moment.
    var ongoing: @Sendable () -> OngoingRuns = { OngoingRuns() }
    /// The interval at which the journal of a run that is going on is looked at.
    var interval: Duration = .milliseconds(200)

    /// Answers a question, part by part.
    /// - Throws: `CancellationError` while a run is followed.
    func answer(_ question: RunQuestion, _ emit: (RunAnswer) -> Void) async throws {
        let ongoing = ongoing(), directories = RunDirectory.all(in: parents).reversed()
        func records(_ count: Int = RunDirectory.limit) -> [RunRecord] {
            var records: [RunRecord] = []
            for directory in directories where records.count < count {
                // Its connection is dead, or its request is about to arrive.
                if ongoing.contains(directory.id), !directory.hasRequest { continue }
                if let record = RunRecord(of: directory, isGoingOn: ongoing.contains(directory.id)) {
                    records.append(record)
                }
            }
            return records
        }
        switch question {
        case .list: for record in records() { emit(.record(record)) }
        case .journal(let id):
            for directory in directories where id == nil || directory.id == id {
                guard let record = RunRecord(of: directory, isGoingOn: ongoing.contains(directory.id)) else { continue }
                emit(.record(record))
                return try await send(directory, after: 0, emit) { false }
            }
            emit(.unknown(known: records().map(\.id)))
        case .attach(.some(let id), let count):
            guard let directory = directories.first(where: { $0.id == id }) else {
                return emit(.unknown(known: records().map(\.id)))
            }
            // None for a run that has only found that the machine has not begun a restart.
            if let record = RunRecord(of: directory, isGoingOn: ongoing.contains(id)) { emit(.record(record)) }
            try await send(directory, after: count, emit) { ongoing.isStillGoingOn(id) }
        case .attach(.none, let count):
            guard let directory = joinable(nil, ongoing), let record = RunRecord(of: directory, isGoingOn: true),
                record.ending == .running
            else {
                for record in records(1) { emit(.record(record)) }
                return
            }
            emit(.record(record))
            try await send(directory, after: count, emit) { ongoing.isStillGoingOn(directory.id) }
        }
    }

    /// The run that is going on.
    /// - Parameter id: its ID; nil for any run.
    func joinable(_ id: String?, _ ongoing: OngoingRuns? = nil) -> RunDirectory? {
        let ongoing = ongoing ?? self.ongoing()
        // The oldest: a later one is about to learn that the first has the lock.
        return RunDirectory.all(in: parents).first { directory in
            (id == nil || directory.id == id) && ongoing.contains(directory.id) && directory.hasRequest
        }
    }

    /// Sends the events of a journal, and those that are added to it while the run is going on.
    /// - Parameter count: the number of lines to leave out.
    func send(
        _ directory: RunDirectory, after count: Int, _ emit: (RunAnswer) -> Void, while isGoingOn: () -> Bool
    ) async throws {
        let descriptor = try FileDescriptor.open(
            own: directory.journal, .readOnly, options: [.closeOnExec, .noFollow])
        defer { try? descriptor.close() }
        var lines = LineReader(descriptor: descriptor), left = count
        while true {
            // Before the journal is read: what is written after this is read in the next iteration.
            let isOver = !isGoingOn()
            while let line = try lines.next() {
                try Task.checkCancellation()
                guard left <= 0 else {
                    left -= 1
                    continue
                }
                guard let json = try? JSON(line: line), let event = try? Event(json) else {
                    emit(.damaged)
                    continue
                }
                emit(.event(event))
            }
            if isOver { return }
            try await Task.sleep(for: interval)
        }
    }
}
