import Foundation
import HostsConf
import Propel
import SSHTransport

/// One run, plan or question on one host, as the laptop sees it.
struct HostRun: Sendable {
    enum Mode: String, Sendable { case enforce, plan, ask }

    let session: Session
    let target: Target
    let mode: Mode
    /// The names of the properties or groups to which the run is restricted; all if empty.
    var only: [String] = []
    /// The operation to perform instead of the description; nil for the description.
    var operation: HostOperation?
    let enforcers: Enforcers
    /// Whether the host was never deployed before: all of its secrets will be needed.
    var isNew = false
    /// The limit of what the host may send, in bytes; nil for a run that is shown while it goes on.
    var answerLimit: Int?
    /// Whether the operation is the question for a run, which another connection can go on to follow.
    var joins = false
    /// Whether the changes go back where another host fails; a plan tells which could not.
    var isTogether = false
    /// The wave that decides that in a run; nil if it does not depend on others.
    var wave: Wave?
    /// The clock by which a silent connection is noticed.
    var clock: any Clock<Duration> = ContinuousClock()
    let report: @Sendable (Progress) -> Void

    /// An event of the run: one of the enforcer, or a step on the way to it.
    enum Progress: Sendable {
        case doing(String)
        case uploading(UploadProgress)
        case sent(Upload)
        case warning(String)
        case event(Event)
    }

    /// The silence after which the link or sshd counts as dead. The enforcer sends a heartbeat every two seconds.
    static let silenceLimit: Duration = .seconds(14)
    /// The reason of a link that is lost after that time.
    static var silence: String { "nothing was heard for \(silenceLimit.inWords)" }

    /// Runs the enforcer and follows it to its end.
    func perform() async -> Outcome {
        let clock = ContinuousClock(), start = clock.now
        var course = RunCourse(mode: mode, joins: joins, operation: operation)
        do {
            if isNew { session.decryption.begin(target.secrets.stored.values.sorted()) }
            try await keepFollowing(&course, RememberedAnswers(of: session.prompter))
            for answer in course.answers { report(.event(answer)) }
        } catch {
            let interruption = session.interruption
            course.log.fail(
                error, on: target.name, isInterrupted: interruption.isRequested, isLeft: interruption.isLeaving,
                in: wave?.decision)
        }
        var outcome = course.log.outcome(of: target.name, seconds: (clock.now - start).inSeconds)
        (outcome.enforcer, outcome.upload) = (course.enforcer?.sha256, course.upload)
        return outcome
    }

    /// Follows the run over one connection, in both directions.
    /// - Parameters:
    ///   - run: the enforcer at the other end.
    ///   - confirm: delivers a token for guarded changes over a new connection; returns why that is not possible.
    func follow(
        _ run: some EnforcerStreams, _ course: inout RunCourse,
        confirm: @escaping @Sendable (_ token: String) async -> Unconfirmed?
    ) async throws {
        guard !session.interruption.isRequested else { throw Interrupted() }
        let isJoined = course.isJoined
        let request = request(in: course)
        course.begin()
        try await run.send(request.json.description)
        var warn: (@Sendable (String) -> Void)?
        if joins { warn = { [report] text in report(.warning(text)) } }
        let instructions = Instructions(
            to: run, secrets: target.secrets, files: target.files, decryption: session.decryption, warn: warn)
        // An interruption must not precede the request.
        let wave = wave
        let leave: @Sendable () -> Void = {
            wave?.giveUp(because: "the runs were left")
            Task { await run.cancel() }
        }
        let registration = session.interruption.register(leaving: mode == .enforce || joins ? leave : nil) {
            wave?.giveUp(because: "the run was interrupted")
            instructions.interrupt()
        }
        defer { registration.end() }
        let watchdog = Watchdog(limit: Self.silenceLimit, clock: clock) { await run.cancel() }
        defer { watchdog.stop() }
        let seat = wave?.seat(of: target.name) { instructions.send($0) }
        defer { seat?.leave() }
        var requests = MachineRequests(
            of: target.name, instructions, warn: warn, report: report, deliver: confirm)
        defer { requests.end() }
        var size = 0
        for try await line in run.textLines {
            watchdog.reset()
            size += line.utf8.count
            if let answerLimit, size > answerLimit {
                throw Failure("the answer is larger than \(answerLimit.inBytes)", advice: "Look at the machine.")
            }
            let event = try Event(JSON(line: line)).explained(by: target.host)
            if let news = try course.hear(event, isJoined: isJoined) { report(.event(news)) }
            // Once over each connection: one that was lost may have taken the decision with it.
            if course.isReady { seat?.beReady() }
            if let round = course.promise { seat?.promise(round) }
            if let request = course.request(in: event, isJoined: isJoined) { requests.answer(request) }
            if case .begun = event { return }
            if course.log.isComplete { break }
        }
        if let failure = instructions.deliveryFailure { course.log.blame(failure) }
        guard course.log.isComplete else {
            if watchdog.didTimeOut {
                throw TransportError.linkLost(host: target.name, reason: Self.silence)
            }
            throw Self.error(
                from: target.name, mode: joins ? .enforce : mode, exit: try await run.exitStatus(),
                said: await run.errorOutput)
        }
    }

    /// The request that begins the run, or asks for the rest of it.
    private func request(in course: RunCourse) -> Request {
        var request = target.request(only: only, operation: operation)
        if let question = course.question {
            request.operation = question.operation
        } else if mode == .enforce {
            request.restarts = course.log.restarts
            request.id = course.requestID
        }
        request.isTogether = isTogether && operation == nil && course.place.question == nil
        return request
    }

    /// The error where the enforcer has ended without a final event.
    ///
    /// Of a run it was only the viewer, which tells of every end of the run before its own: so it was killed, and the
    /// run goes on as after a lost link.
    static func error(from host: String, mode: Mode, exit: RemoteExit?, said: String) -> any Error {
        let how = exit.map { "\($0)" } ?? "no exit status"
        let output = said.nonEmptyLines.suffix(Failure.outputLineLimit).map(String.init)
        if mode == .enforce {
            return TransportError.linkLost(
                host: host,
                reason: (["the program that shows the run ended without its result (\(how))"] + output)
                    .joined(separator: "\n  "))
        }
        return Failure(
            "the enforcer ended without a final event (\(how))", output: output,
            advice: "Run again: nothing was changed.")
    }

    /// The person who runs propel, such as `anna@laptop`.
    static let deployer = "\(NSUserName())@\(ProcessInfo.processInfo.hostName)"
}
