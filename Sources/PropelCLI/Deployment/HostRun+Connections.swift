import Propel
import SSHTransport

/// The connections of a run: if one is lost, the next goes on with the same run.
extension HostRun {
    /// Follows the run to its end, over as many connections as that takes.
    /// - Throws: what ended it without an end of the run; `TransportError.linkLost` if the machine stays away.
    func keepFollowing(_ course: inout RunCourse, _ answers: RememberedAnswers) async throws {
        try await keepFollowing(&course) { seconds in
            try await Task.sleep(for: .seconds(seconds))
        } over: { course in
            try await converse(&course, answers)
        }
    }

    /// Follows the run to its end.
    /// - Parameters:
    ///   - pause: waits for a number of seconds before the next connection.
    ///   - converse: connects, begins the run or joins the one that was begun, and follows it.
    func keepFollowing(
        _ course: inout RunCourse, pausing pause: @escaping @Sendable (Int) async throws -> Void,
        over converse: (inout RunCourse) async throws -> Void
    ) async throws {
        var link = LostLink(to: target.name, limit: session.wait, report: report)
        repeat {
            do {
                try await converse(&course)
            } catch let error as TransportError
                where !session.interruption.isRequested && course.canGoOn(after: error)
            {
                let seconds = try link.lose(error, hasAdvanced: !course.isLost)
                course.lose()
                try await interruptible { try await pause(seconds) }
            }
        } while !course.log.isComplete
    }

    /// One connection: begins the run, or joins the one that was begun, and follows it.
    private func converse(_ course: inout RunCourse, _ answers: RememberedAnswers) async throws {
        let (connection, run) = try await start(&course, answers)
        course.enforcer = run.enforcer
        course.upload = course.upload ?? run.upload
        // Beside the run: a new one is copied and hashed.
        async let kept: Void = enforcers.keep(run.enforcer)
        let confirmation = AccessConfirmation(of: target, enforcers, answers: answers)
        try await follow(run, &course) { await confirmation.deliver($0) }
        await kept
        await connection.close()
        if let wait = course.goOnAfterRestart() { report(.doing(wait.activity)) }
    }

    private func start(
        _ course: inout RunCourse, _ answers: RememberedAnswers
    ) async throws -> (Connection, RemoteRun) {
        let mode = course.enforcerMode.rawValue, report = report
        if let restart = course.restart, !course.isJoined {
            return try await interruptible {
                try await restart.reconnect(to: target, mode, enforcers, prompter: answers, report: report)
            }
        }
        let isAgain = course.isLost
        let prompter: any Prompter = course.hasConnected ? answers.continued : answers
        let attempted: @Sendable (Progress) -> Void = { progress in
            // Every attempt connects; once is enough to read.
            if isAgain, case .doing = progress { return }
            report(progress)
        }
        // Looked up once: a sandbox that does not answer would be booted again, with the run in it.
        let known = course.destination
        let (destination, connection) = try await interruptible {
            let place: Destination
            if let known { place = known } else { place = try await target.destination(report: report) }
            return (place, try await target.connect(to: place, prompter: prompter, report: attempted))
        }
        course.destination = destination
        course.connect()
        let run = try await interruptible {
            try await target.start(mode, enforcers, on: connection, report: attempted)
        }
        if isAgain { report(.doing("connected again")) }
        return (connection, run)
    }

    /// Does something that an interruption ends: there is no connection over which the run could be told.
    private func interruptible<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task { try await body() }
        let registration = session.interruption.register { task.cancel() }
        defer { registration.end() }
        return try await task.value
    }
}
