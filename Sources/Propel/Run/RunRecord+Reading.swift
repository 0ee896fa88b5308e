extension RunRecord {
    /// Reads what is kept of a run. Lines of the journal that cannot be read count as if they were not there.
    /// - Parameter isGoingOn: whether its process is there.
    /// - Returns: nil without a journal, and if nothing was done: the run has only found that the machine has not
    ///   begun a restart, or that its request has begun another run.
    init?(of directory: RunDirectory, isGoingOn: Bool, now: Timestamp = .now) {
        let files = LocalFileSystem()
        guard Self.isID(directory.id), let begin = Self.begin(of: directory.id),
            let modified = try? files.status(of: directory.journal)?.modified
        else { return nil }
        var tally = JournalTally()
        if let descriptor = try? FileDescriptor.open(
            own: directory.journal, .readOnly, options: [.closeOnExec, .noFollow])
        {
            defer { try? descriptor.close() }
            var lines = LineReader(descriptor: descriptor)
            // A run that was killed leaves half a line, and one of another version other events.
            while let line = try? lines.next() {
                if let json = try? JSON(line: line), let event = try? Event(json) { tally.add(event) }
            }
        }
        switch tally.last {
        case .restarting, .begun: return nil
        default: break
        }
        let note = RequestNote(of: directory)
        let ending = tally.ending ?? (isGoingOn ? .running : .killed)
        // An ID has whole seconds; the note was written when the run began.
        let start = max(begin, (try? files.status(of: directory.note)?.modified) ?? begin)
        let seconds = ((ending == .running ? now : modified) - start).inSeconds
        self.init(
            id: directory.id, deployer: note?.deployer, operation: note?.operation, only: note?.only ?? [],
            ending: ending, seconds: (0...1e9).contains(seconds) ? seconds : nil, counts: tally.counts)
    }
}

/// The sum of the events of a journal.
private struct JournalTally {
    private(set) var last: Event?
    private var rolledBack = 0
    private var putBack = 0
    private var counted: [PropertyReport.Status: Int] = [:]
    /// How often each property or action was reported as changed.
    private var changed: [String: Int] = [:]

    mutating func add(_ event: Event) {
        last = event
        guard case .property(let report) = event else { return }
        counted[report.status, default: 0] += 1
        if report.status == .changed { changed[report.path, default: 0] += 1 }
        guard let failure = report.failure, failure.isRolledBack || failure.isPutBack else { return }
        if failure.isRolledBack { rolledBack += 1 } else { putBack += 1 }
        // It takes the place of the report of the change.
        guard let count = changed[report.path], count > 0 else { return }
        changed[report.path] = count - 1
        counted[.changed, default: 0] -= 1
    }

    var counts: RunSummary {
        if case .ended(let summary) = last { RunSummary(counts: summary.counts) } else { RunSummary(counts: counted) }
    }

    /// Nil if the last event is not the end of a run.
    var ending: RunRecord.Ending? {
        switch last {
        case .ended(let summary) where summary.isInterrupted: .interrupted
        case .ended(let summary) where summary.restart != nil: .restarted
        // A failure apart from these counts more.
        case .ended(let summary) where summary[.failed] > rolledBack + putBack: .failed
        case .ended where rolledBack > 0: .rolledBack
        case .ended: putBack > 0 ? .putBack : .converged
        case .locked: .locked
        case .refused: .refused
        case .started, .applying, .progress, .property, .needs, .fetch, .confirm, .ready, .promised, .broken,
            .restarting, .begun, .heartbeat, .answer, .piece, nil:
            nil
        }
    }
}

/// The part of a request that is kept beside the journal: who asked, and for what. No value of a role and no argument
/// of an operation is in it.
struct RequestNote: Equatable {
    var deployer: String
    var operation: String?
    var only: [String]

    private static let sizeLimit = 64 * 1024

    init(_ request: Request) {
        deployer = request.deployer
        operation = request.operation?.name
        only = request.only
    }

    /// Nil if there is none that can be read: earlier versions of Propel wrote none.
    init?(of directory: RunDirectory) {
        guard let bytes = try? LocalFileSystem().read(directory.note, first: Self.sizeLimit),
            let json = try? JSON(parsing: bytes), let deployer = json["deployer"]?.string
        else { return nil }
        self.deployer = deployer
        operation = json["operation"]?.string
        only = (json["only"]?.array ?? []).compactMap(\.string)
    }

    /// Writes it. A full disk is no reason not to run.
    func write(to directory: RunDirectory) {
        let json = JSON.object(present: [
            "deployer": .string(deployer), "operation": operation.map(JSON.string),
            "only": .nonEmpty(only.map(JSON.string)),
        ])
        guard
            let file = try? FileDescriptor.open(
                own: directory.note, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: [.ownerReadWrite])
        else { return }
        defer { try? file.close() }
        _ = try? file.writeAll(json.description.utf8)
    }
}
