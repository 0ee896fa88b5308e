import SSHTransport

@testable import Propel

/// The state of a ``LinkedMachine``.
struct LinkedMachineState {
    typealias Output = AsyncThrowingStream<String, any Error>.Continuation

    /// The machine's end of a connection.
    struct Link {
        enum Condition { case alive, frozen, ended }

        var disturbance: LinkedMachine.Disturbance?
        let output: Output
        var condition = Condition.alive
        /// The number of messages that have passed in each direction.
        var sent = 0, received = 0
        /// Whether it joined a run, rather than to begin one.
        var isJoined = false
        /// The number of lines of the journal that it was shown; nil before its request has arrived.
        var shown: Int?

        init(disturbance: LinkedMachine.Disturbance?, output: Output) {
            self.disturbance = disturbance
            self.output = output
        }
    }

    /// The events that are yet to come, and those that follow a confirmation that did not come in time.
    var rest: ArraySlice<Event>, putBack: [Event]
    var links: [Link] = []
    var isFrozen = false
    var content: [UInt8] = []
    /// The IDs of the requests that have begun a run.
    private(set) var requests: [String] = []
    private var journal: [Event] = []
    /// The request of the run that is open.
    private var open: Event?
    /// What a frozen connection has kept.
    private var late: [(line: String, number: Int)] = []

    init(rest: ArraySlice<Event>, putBack: [Event]) {
        self.rest = rest
        self.putBack = putBack
    }

    // MARK: From the laptop

    mutating func receive(_ line: String, _ bytes: ArraySlice<UInt8>, from number: Int) throws {
        guard links[number].condition == .alive else { throw LinkedMachine.lost }
        if isDue(.up, links[number].received, of: number) {
            disturb(number)
            if links[number].condition == .ended { throw LinkedMachine.lost }
            return late.append((line, number))
        }
        links[number].received += 1
        if links[number].shown == nil {
            try take(Request(JSON(line: line)), from: number)
        } else {
            take(try Instruction(JSON(line: line)), bytes)
        }
    }

    private mutating func take(_ request: Request, from number: Int) throws {
        if case .attach(let run, let count)? = request.operation.flatMap(RunQuestion.init) {
            guard run == LinkedMachine.run else { throw MalformedMessage(message: "\(run ?? "no run")") }
            links[number].isJoined = true
            tell(.answer(RunAnswer.record(RunRecord(id: LinkedMachine.run, ending: .running)).json), to: number)
            if let open { tell(Self.isOpen(open), to: number) }
            links[number].shown = count
            return show(to: number)
        }
        guard let id = request.id?.description else {
            // A plan, which begins again with each connection.
            links[number].shown = 0
            for event in rest { tell(event, to: number) }
            if links[number].condition == .alive { end(number) }
            return
        }
        guard !requests.contains(id) else {
            tell(.begun(run: LinkedMachine.run), to: number)
            return end(number)
        }
        requests.append(id)
        links[number].shown = 0
        goOn()
    }

    private mutating func take(_ instruction: Instruction, _ bytes: ArraySlice<UInt8>) {
        switch instruction {
        case .piece(let piece):
            if piece.offset == content.count { content += bytes }
            guard case .fetch(let range)? = open, content.count >= range.offset + range.size else { return }
            open = nil
            goOn()
        case .unconfirmed: putBackUnconfirmed()
        case .decide(let decision): take(decision)
        case .interrupt, .secret, .unavailable, .complete:
            // It ends without a result, rather than to wait forever.
            open = nil
            rest = []
            for number in links.indices { show(to: number) }
        }
    }

    /// The first decision counts, as soon as the run waits for it.
    private mutating func take(_ decision: WaveDecision) {
        guard open == .ready else { return }
        switch decision {
        case .open: return
        case .promise(let round): journal.append(.promised(round: round))
        case .stay: open = nil
        case .putBack: (open, rest) = (nil, putBack[...])
        }
        for number in links.indices { show(to: number) }
        goOn()
    }

    mutating func confirm(_ token: String) -> Unconfirmed? {
        guard open == Event.confirm(token: token) else { return Unconfirmed("no change waits for this confirmation") }
        open = nil
        goOn()
        return nil
    }

    mutating func putBackUnconfirmed() {
        guard case .confirm? = open else { return }
        open = nil
        rest = putBack[...]
        goOn()
    }

    // MARK: To the laptop

    /// Lets the run go on until it waits for something, or ends.
    private mutating func goOn() {
        while open == nil, let event = rest.popFirst() {
            journal.append(event)
            switch event {
            case .fetch, .confirm, .ready: open = event
            default: break
            }
            for number in links.indices {
                show(to: number)
                if let open, links[number].isJoined { tell(Self.isOpen(open), to: number) }
            }
        }
    }

    /// Shows what is new in the journal, and ends the connection with the run.
    private mutating func show(to number: Int) {
        while let shown = links[number].shown, shown < journal.count {
            links[number].shown = shown + 1
            let event = journal[shown]
            tell(links[number].isJoined ? .answer(RunAnswer.event(event).json) : event, to: number)
        }
        guard rest.isEmpty, open == nil, links[number].shown != nil, links[number].condition == .alive else { return }
        if links[number].isJoined { tell(.ended(RunSummary(counts: [:])), to: number) }
        if links[number].condition == .alive { end(number) }
    }

    private static func isOpen(_ request: Event) -> Event {
        .answer(RunAnswer.open(OpenRequest(request, host: LinkedMachine.host, secrets: [:])).json)
    }

    private mutating func tell(_ event: Event, to number: Int) {
        guard links[number].condition == .alive else { return }
        if isDue(.down, links[number].sent, of: number) { return disturb(number) }
        links[number].sent += 1
        links[number].output.yield(event.json.description)
    }

    // MARK: Disturbances

    private func isDue(_ side: LinkedMachine.Disturbance.Side, _ count: Int, of number: Int) -> Bool {
        links[number].disturbance.map { $0.side == side && $0.count == count } ?? false
    }

    private mutating func disturb(_ number: Int) {
        switch links[number].disturbance?.kind {
        case .cut?:
            links[number].condition = .ended
            links[number].output.finish(throwing: LinkedMachine.lost)
        case .freeze?:
            links[number].condition = .frozen
            isFrozen = true
        case nil: break
        }
    }

    /// Ends a connection. The laptop does that too, when it hears nothing.
    mutating func end(_ number: Int) {
        if links[number].condition == .frozen { isFrozen = false }
        links[number].condition = .ended
        links[number].output.finish()
    }

    mutating func cut() {
        for number in links.indices where links[number].condition == .alive {
            links[number].condition = .ended
            links[number].output.finish(throwing: LinkedMachine.lost)
        }
    }

    /// The requests among what was kept arrive; nobody reads the answers.
    mutating func thaw() throws {
        for (line, number) in late where links[number].shown == nil {
            try take(Request(JSON(line: line)), from: number)
        }
        late = []
    }
}
