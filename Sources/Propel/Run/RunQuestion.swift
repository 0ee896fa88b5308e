/// A question about the runs that a machine remembers.
package enum RunQuestion: Sendable, Equatable {
    /// The list of the runs.
    case list
    /// The events of one run; of the newest if no ID is given.
    case journal(run: String?)
    /// The events of a run up to its end.
    /// - Parameters:
    ///   - run: its ID; nil for the run that is going on.
    ///   - after: the number of lines of its journal to leave out.
    case attach(run: String? = nil, after: Int = 0)

    private static let listName = "runs", journalName = "log", attachName = "attach", runKey = "run"
    private static let afterKey = "after"

    package var operation: HostOperation {
        switch self {
        case .list: HostOperation(Self.listName)
        case .journal(let run): HostOperation(Self.journalName, arguments: run.map { [Self.runKey: $0] } ?? [:])
        case .attach(let run, let count):
            HostOperation(
                Self.attachName,
                arguments: (run.map { [Self.runKey: $0] } ?? [:]).merging([Self.afterKey: "\(count)"]) { $1 })
        }
    }

    /// Nil if an operation is something else.
    package init?(_ operation: HostOperation) {
        switch operation.name {
        case Self.listName: self = .list
        case Self.journalName: self = .journal(run: operation.arguments[Self.runKey])
        case Self.attachName:
            self = .attach(
                run: operation.arguments[Self.runKey],
                after: operation.arguments[Self.afterKey].flatMap { Int($0) } ?? 0)
        default: return nil
        }
    }
}

/// A part of the answer to a ``RunQuestion``.
package enum RunAnswer: Sendable, Equatable {
    /// A run of the list, or the one that the events after it are of.
    case record(RunRecord)
    /// The next event of the run.
    case event(Event)
    /// A line of the journal that cannot be read.
    case damaged
    /// There is no such run; the IDs of those there are.
    case unknown(known: [String])
    /// A request of the run that is still open. All other requests among the events were answered, or are repeated as
    /// such a one.
    case open(OpenRequest)

    package var json: JSON {
        switch self {
        case .record(let record): ["record": record.json]
        case .event(let event): ["event": event.json]
        case .damaged: ["damaged": true]
        case .unknown(let known): ["known": .array(known.map(JSON.string))]
        case .open(let request): ["open": request.json]
        }
    }

    /// - Throws: ``MalformedMessage`` if it is no such answer.
    package init(_ json: JSON) throws {
        if let record = json["record"] {
            self = .record(try RunRecord(record))
        } else if let event = json["event"] {
            self = .event(try Event(event))
        } else if let open = json["open"] {
            self = .open(try OpenRequest(open))
        } else if json["damaged"] != nil {
            self = .damaged
        } else {
            let known = try json.texts("known")
            guard known.allSatisfy(RunRecord.isID) else { throw MalformedMessage(message: "the IDs of runs") }
            self = .unknown(known: known)
        }
    }
}
