import Propel
import SSHTransport

/// The state of a run, a plan or a question, over all connections to its machine.
struct RunCourse {
    private let mode: HostRun.Mode
    /// Whether the question is for a run, which another connection can go on to follow.
    private let joins: Bool
    /// The operation that is performed or planned, or the question; nil for the description of the host.
    private let operation: HostOperation?
    var log: EventLog
    private(set) var place = RunPlace()
    /// The ID of the request. Sent again with it, a request begins no second run.
    private(set) var requestID = RequestID()
    /// The restart of the machine after which the run goes on.
    private(set) var restart: RestartWait?
    /// The address and credentials of the machine, once they were looked up.
    var destination: Destination?
    /// The program that runs there; nil if none was started.
    var enforcer: Enforcer?
    /// The upload of it; nil if the machine had it.
    var upload: Upload?
    /// Whether a request is on its way: from here on the run may have begun.
    private var isRequested = false
    /// Whether there was a connection: a host that was never reached is not waited for.
    private(set) var hasConnected = false
    /// Whether the run has told over this connection that it waits for the other hosts of its wave. What its journal
    /// says of that is history: without a word for too long, the changes have gone back since.
    private(set) var isReady = false
    /// The last promise of the run to wait for its wave; nil if there was none over this connection. Each has another
    /// number, so it does not matter whether it is told as history.
    private(set) var promise: Int?
    /// Whether the connection was lost, and the machine has not been heard since.
    private(set) var isLost = false
    /// The parts of a plan or a question that were told over earlier connections.
    private var repetition = Repetition()
    /// The answers to a question, which count when all have come.
    private(set) var answers: [Event] = []
    /// The run whose journal is shown: asked again for the newest, the machine might tell of a later one.
    private var shown: String?

    init(mode: HostRun.Mode, joins: Bool = false, operation: HostOperation? = nil) {
        self.mode = mode
        self.joins = joins
        self.operation = operation
        log = EventLog(mode: mode, isOperation: operation != nil)
    }

    /// Whether this looks at the machine only, so that it can be asked again from its beginning.
    private var isLook: Bool { mode != .enforce && !joins }

    /// The question for the rest of a run, or for the same run as before, in place of that of the command.
    var question: RunQuestion? { place.question ?? shown.map { .journal(run: $0) } }

    /// Whether the next connection joins the run that this process has begun.
    var isJoined: Bool { mode == .enforce && place.run != nil }

    /// The mode in which the next connection starts the enforcer.
    var enforcerMode: HostRun.Mode { isJoined ? .ask : mode }

    /// Records that the user is logged in.
    mutating func connect() { hasConnected = true }

    /// Records that a request is on its way. A plan or a question begins again with it.
    mutating func begin() {
        if isLook, isRequested {
            log = EventLog(mode: mode, isOperation: operation != nil)
            repetition.begin()
            answers = []
        }
        isRequested = true
        isReady = false
        promise = nil
        log.begin()
    }

    /// Whether another connection can go on where this one was lost.
    ///
    /// A run can be joined, and as long as nothing has been heard of it its request can be sent again. A plan or a
    /// question has ended with its connection, and can be asked again.
    func canGoOn(after error: TransportError) -> Bool {
        guard hasConnected else { return false }
        if isLost { return error.mayPassWithRestart }
        if case .linkLost = error { return true }
        return false
    }

    mutating func lose() { isLost = true }

    /// The request of the machine in an event, if it should be answered here.
    ///
    /// The events of a run that was joined have requests that were made before, or over the connection that began it.
    /// An open one is told apart, with what the run began with.
    func request(in event: Event, isJoined: Bool) -> MachineRequest? {
        switch event {
        case .fetch: return MachineRequest(event: event)
        case .needs, .confirm:
            guard mode == .enforce, !isJoined else { return nil }
            return MachineRequest(event: event)
        case .answer(let json) where isJoined || joins:
            guard case .open(let open)? = try? RunAnswer(json), open.event != .ready else { return nil }
            return MachineRequest(event: open.event, begun: open)
        default: return nil
        }
    }

    /// Takes an event of the enforcer.
    /// - Returns: the event to report; nil if it tells nothing new.
    /// - Throws: ``Failure`` if the machine cannot tell of the run.
    mutating func hear(_ event: Event, isJoined: Bool) throws -> Event? {
        if isJoined { return try hearAnswer(event) }
        if isLook { return try hearLook(event) }
        if case .answer(let json) = event {
            if joins, let answer = try? RunAnswer(json) { add(answer) }
        } else {
            isLost = false
            if mode == .enforce { place.add(event) }
            if case .ready = event { isReady = true }
        }
        guard case .begun(let run) = event else { return take(event) }
        guard place.run == run else { throw MalformedMessage(message: event.json.description) }
        return nil
    }

    /// Takes an event of a plan or a question. Only what was not told before shows that it gets further than over the
    /// last connection.
    private mutating func hearLook(_ event: Event) throws -> Event? {
        if case .begun = event { throw MalformedMessage(message: event.json.description) }
        let news = repetition.add(event)
        if news == .new { isLost = false }
        log.add(event)
        guard case .answer(let json) = event else { return news == .told ? nil : event }
        guard case .journal? = operation.flatMap(RunQuestion.init) else {
            if mode == .ask { answers.append(event) }
            return nil
        }
        // A journal is shown as it arrives: after its record it only grows.
        if repetition.heardAnswers == 1 {
            switch try? RunAnswer(json) {
            case .record(let record): shown = record.id
            case .unknown:
                if let shown {
                    throw Self.unknown(shown, advice: "It remembers twenty: `propel runs HOST` lists them.")
                }
            case .event, .damaged, .open, nil: break
            }
        }
        return news == .told ? nil : event
    }

    private static func unknown(_ run: String, advice: String) -> Failure {
        Failure("the machine no longer knows the run \(run)", advice: advice)
    }

    /// The record of a run says only which one it is: without anything new, the connection has brought nothing.
    private mutating func add(_ answer: RunAnswer) {
        let before = place.count
        place.add(answer)
        if place.count > before { isLost = false }
    }

    /// Takes an event of the enforcer that tells of the run which this process has begun.
    private mutating func hearAnswer(_ event: Event) throws -> Event? {
        switch event {
        case .answer(let json):
            guard let answer = try? RunAnswer(json) else { return nil }
            add(answer)
            switch answer {
            case .event(let event): return take(event)
            case .unknown:
                throw Self.unknown(place.run ?? "", advice: "Run again: it continues from the present state.")
            case .open(let open):
                if case .ready = open.event { isReady = true }
                return nil
            case .record, .damaged: return nil
            }
        case .heartbeat: isLost = false
        // The end of the answer. That of the run came before, if it had one.
        case .ended where !log.isComplete:
            return take(
                .broken(
                    Failure(
                        "the run was killed, or the machine went down, while there was no connection",
                        advice: "Run again: it continues from there.")))
        case .refused(let failure), .broken(let failure): throw failure
        default: break
        }
        return nil
    }

    private mutating func take(_ event: Event) -> Event? {
        if case .promised(let round) = event { promise = round }
        let isRepetition = log.isRepetition(event)
        log.add(event)
        return isRepetition ? nil : event
    }

    /// Goes on to the next part of the run, if this one has ended with a restart of the machine.
    /// - Returns: what is waited for now, if it is another restart than before.
    mutating func goOnAfterRestart() -> RestartWait? {
        guard log.awaitsRestart, let next = log.restarts.last else { return nil }
        log.goOn()
        place = RunPlace()
        requestID = RequestID()
        // Another restart has its own time.
        guard restart?.restart != next else { return nil }
        restart = RestartWait(for: next)
        return restart
    }
}
