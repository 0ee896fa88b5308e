/// A message from the enforcer to the laptop: one line of JSON, on the wire and in the journal of the run.
public enum Event: Sendable, Equatable {
    /// The first event: the run begins.
    case started(run: String, host: String, system: String, steps: Int)
    /// A property is being applied or an action performed, which may take a while. `usual` is the median in seconds of
    /// earlier runs; nil if there were none.
    case applying(path: String, usual: Double? = nil)
    /// The progress of what is being applied, in a few words; emitted when they change, at most every two seconds.
    case progress(path: String, words: String)
    /// The result of a property or an action.
    case property(PropertyReport)
    /// The run waits for the plaintexts of these secrets; see ``Instruction/secret(name:size:)``.
    case needs(secrets: [String])
    /// The run waits for a part of a file of the repository, in pieces; see ``Instruction/piece(_:)``.
    case fetch(ContentRange)
    /// The run waits for the confirmation of guarded changes, which a new connection brings with this token; see
    /// ``Instruction/unconfirmed(_:)``.
    case confirm(token: String)
    /// Everything is applied. The run waits for the other hosts of its wave; see ``Instruction/decide(_:)``.
    case ready
    /// The run still waits for its wave, and goes on waiting; see ``WaveDecision/promise(round:)``.
    case promised(round: Int)
    /// Nothing was changed: another run is in progress.
    case locked(LockHolder)
    /// Nothing was changed: the request does not fit the machine or the program.
    case refused(Failure)
    /// The run ended unexpectedly: it crashed or was killed.
    case broken(Failure)
    /// Nothing was done: the machine has not begun the restart that the run waits for.
    case restarting
    /// Nothing was done: the request had arrived before, and has begun the run with this ID.
    case begun(run: String)
    /// The enforcer is alive, and has nothing else to report.
    case heartbeat
    /// The answer to a question.
    case answer(JSON)
    /// A piece of a file for another host. Followed by `size` raw bytes.
    case piece(Piece)
    /// The last event: the run or plan has ended.
    case ended(RunSummary)
}

extension Event {
    /// Whether no other event follows it.
    var isLast: Bool {
        switch self {
        case .ended, .locked, .refused, .broken, .restarting, .begun: true
        case .started, .applying, .progress, .property, .needs, .fetch, .confirm, .ready, .promised, .heartbeat,
            .answer, .piece:
            false
        }
    }
}

/// The holder of the lock of a machine.
public struct LockHolder: Sendable, Equatable {
    /// The deployer of the run: `anna@laptop`.
    public var deployer: String
    /// The start of the run in ISO 8601.
    public var since: String
    /// The ID of the run; empty if it is not known.
    public var run: String

    public init(deployer: String, since: String, run: String) {
        self.deployer = deployer
        self.since = since
        self.run = run
    }
}

extension Event {
    /// The message: an object with a `kind`.
    public var json: JSON {
        switch self {
        case .started(let run, let host, let system, let steps):
            [
                "kind": "started", "run": .string(run), "host": .string(host), "system": .string(system),
                "steps": .integer(steps),
            ]
        case .applying(let path, let usual):
            .object(present: [
                "kind": "applying", "path": .string(path),
                "usual": usual.map { .number(($0 * 1000).rounded() / 1000) },
            ])
        case .progress(let path, let words): ["kind": "progress", "path": .string(path), "words": .string(words)]
        case .property(let report): report.json
        case .needs(let secrets): ["kind": "needs", "secrets": .array(secrets.map(JSON.string))]
        case .fetch(let range): range.json
        case .confirm(let token): ["kind": "confirm", "token": .string(token)]
        case .ready: ["kind": "ready"]
        case .promised(let round): ["kind": "promised", "round": .integer(round)]
        case .locked(let holder): ["kind": "locked", "holder": holder.json]
        case .refused(let failure): ["kind": "refused", "failure": failure.json]
        case .broken(let failure): ["kind": "broken", "failure": failure.json]
        case .restarting: ["kind": "restarting"]
        case .begun(let run): ["kind": "begun", "run": .string(run)]
        case .heartbeat: ["kind": "heartbeat"]
        case .answer(let answer): ["kind": "answer", "answer": answer]
        case .piece(let piece): piece.json
        case .ended(let ending):
            .object(present: [
                "kind": "ended", "counts": ending.json, "interrupted": .bool(ending.isInterrupted),
                "peak-memory": ending.peakMemory.map(JSON.integer), "programs": ending.programs.map(JSON.integer),
                "follow-ups": .nonEmpty(ending.followUps.map(JSON.string)),
                "forgotten": .nonEmpty(ending.forgotten.map(\.json)),
                "restart": ending.restart?.json,
            ])
        }
    }

    /// Reads an event.
    /// - Throws: ``MalformedMessage`` if this version does not know it.
    public init(_ json: JSON) throws {
        switch json["kind"]?.string {
        case "started":
            self = .started(
                run: try json.text("run"), host: try json.text("host"), system: try json.text("system"),
                steps: try json.number("steps"))
        case "applying":
            self = .applying(
                path: try json.text("path"), usual: try json["usual"].map { _ in try json.seconds("usual") })
        case "progress": self = .progress(path: try json.text("path"), words: try json.text("words"))
        case "property": self = .property(try PropertyReport(json))
        case "needs": self = .needs(secrets: try json.texts("secrets"))
        case "fetch": self = .fetch(try ContentRange(json))
        case "confirm": self = .confirm(token: try json.text("token"))
        case "ready": self = .ready
        case "promised": self = .promised(round: try json.number("round"))
        case "locked": self = .locked(try LockHolder(try json.member("holder")))
        case "refused": self = .refused(try Failure(try json.member("failure")))
        case "broken": self = .broken(try Failure(try json.member("failure")))
        case "restarting": self = .restarting
        case "begun": self = .begun(run: try json.text("run"))
        case "heartbeat": self = .heartbeat
        case "answer": self = .answer(try json.member("answer"))
        case "piece": self = .piece(try Piece(json))
        case "ended":
            var ending = try RunSummary(try json.member("counts"), isInterrupted: json["interrupted"]?.bool ?? false)
            ending.peakMemory = json["peak-memory"]?.integer
            ending.programs = json["programs"]?.integer
            ending.followUps = try json.optionalTexts("follow-ups") ?? []
            ending.forgotten = try json.optionalElements("forgotten").map(Forgotten.init)
            ending.restart = try json["restart"].map(Restart.init)
            self = .ended(ending)
        default: throw MalformedMessage(message: json.description)
        }
    }
}

extension LockHolder {
    public var json: JSON { ["deployer": .string(deployer), "since": .string(since), "run": .string(run)] }

    public init(_ json: JSON) throws {
        self.init(deployer: try json.text("deployer"), since: try json.text("since"), run: try json.text("run"))
    }
}

extension Restart {
    var json: JSON { ["reason": .string(reason), "boot": .string(boot)] }

    init(_ json: JSON) throws { self.init(reason: try json.text("reason"), boot: try json.text("boot")) }
}

extension RunSummary {
    public var json: JSON {
        .object(
            Dictionary(uniqueKeysWithValues: PropertyReport.Status.allCases.map { ($0.rawValue, .integer(self[$0])) }))
    }

    public init(_ json: JSON, isInterrupted: Bool = false) throws {
        let counts = try PropertyReport.Status.allCases.map { status in
            let count = try json.number(status.rawValue)
            // Counts are added up: a hostile host must not be able to cause an overflow.
            guard (0...1_000_000_000).contains(count) else { throw MalformedMessage(message: json.description) }
            return (status, count)
        }
        self.init(counts: Dictionary(uniqueKeysWithValues: counts), isInterrupted: isInterrupted)
    }
}

extension PropertyReport {
    public var json: JSON {
        .object(present: [
            "kind": "property", "path": .string(path), "status": .string(status.rawValue),
            "seconds": .number((seconds * 10_000).rounded() / 10_000), "detail": .string(detail),
            "diff": diff.map(JSON.string),
            "failure": failure?.json, "place": place.map(JSON.string), "drift": .flag(isDrift),
        ])
    }

    public init(_ json: JSON) throws {
        guard let status = Status(rawValue: try json.text("status")) else {
            throw MalformedMessage(message: json.description)
        }
        self.init(
            path: try json.text("path"), status: status, seconds: try json.seconds("seconds"),
            detail: try json.text("detail"),
            diff: try json.optionalText("diff"), failure: try json["failure"].map(Failure.init),
            place: try json.optionalText("place"))
        isDrift = json["drift"]?.bool ?? false
    }
}

extension Failure {
    public var json: JSON {
        .object(present: [
            "message": .string(message), "command": command.map(JSON.string), "ending": ending.map(JSON.string),
            "output": .nonEmpty(output.map(JSON.string)), "advice": advice.map(JSON.string),
            "rolledBack": .flag(isRolledBack), "putBack": .flag(isPutBack),
            "difference": difference?.json,
        ])
    }

    public init(_ json: JSON) throws {
        self.init(
            try json.text("message"), command: try json.optionalText("command"),
            ending: try json.optionalText("ending"),
            output: try json.optionalTexts("output") ?? [], advice: try json.optionalText("advice"))
        isRolledBack = json["rolledBack"]?.bool ?? false
        isPutBack = json["putBack"]?.bool ?? false
        difference = try json["difference"].map(RoleDifference.init)
    }
}
