import Propel
import SSHTransport
import Vocabulary

/// The confirmation of guarded changes: a new connection to the address of the next run, a login, and becoming root.
struct AccessConfirmation: Sendable {
    /// A login over a new connection.
    struct Login: Sendable {
        /// Becomes root, and delivers a token to the enforcer.
        var deliver: @Sendable (_ token: String) async throws -> Void
        var close: @Sendable () async -> Void
    }

    /// The name of the host.
    var host: String
    /// Connects and logs in.
    var logIn: @Sendable () async throws -> Login
    /// The time in which a connection that fails is tried again: a network that was restarted needs a while. Shorter
    /// than the 60 seconds for which the machine waits, so that it hears which proof failed.
    var timeLimit: Duration = .seconds(45)
    var pause: Duration = .seconds(1)
    private static let usualAttempt: Duration = .seconds(15)

    /// Delivers a token over a new connection.
    /// - Returns: why that is not possible; nil if it was delivered.
    func deliver(_ token: String) async -> Unconfirmed? {
        var limit = TimeLimit(timeLimit, pause: Self.usualAttempt)
        while true {
            do {
                try await attempt(token)
                return nil
            } catch {
                guard error.mayPass, limit.left() > pause, (try? await Task.sleep(for: pause)) != nil else {
                    return error.reason
                }
            }
        }
    }

    private struct Failed: Error {
        var reason: Unconfirmed
        /// Whether another attempt may succeed.
        var mayPass: Bool

        init(_ error: any Error, of host: String, isAfterLogin: Bool) {
            let transport = error as? TransportError
            mayPass = transport?.mayPassWithNetwork ?? false
            let message =
                switch error {
                case let error as UnexpectedQuestion:
                    "“\(error.question.trimmed)” is asked, which was not necessary before"
                case let error as TransportError: error.message.dropHost(host)
                default: Failure(describing: error).message
                }
            let isLogin = transport?.isAboutLogin ?? (error is UnexpectedQuestion)
            reason = Unconfirmed(isAfterLogin ? .root : isLogin ? .login : .address, message)
        }
    }

    private func attempt(_ token: String) async throws(Failed) {
        let login: Login
        do { login = try await logIn() } catch { throw Failed(error, of: host, isAfterLogin: false) }
        do {
            try await login.deliver(token)
            await login.close()
        } catch {
            await login.close()
            throw Failed(error, of: host, isAfterLogin: true)
        }
    }
}

extension AccessConfirmation {
    /// - Parameters:
    ///   - target: the host.
    ///   - answers: what the user has answered for the connection of the run.
    init(of target: Target, _ enforcers: Enforcers, answers: RememberedAnswers) {
        let mode = "confirm"
        self.init(host: target.name) {
            let connection = try await target.connect(prompter: answers.repeated) { _ in }
            return Login { token in
                // Where sshd or sudo hangs, the machine still has to hear which proof failed.
                let limit = Duration.seconds(20), watchdog = Watchdog(limit: limit) { connection.cancel() }
                defer { watchdog.stop() }
                do {
                    let run = try await target.start(mode, enforcers, on: connection) { _ in }
                    try await run.send(GuardProgram.request(token: token).description)
                    for try await line in run.lines {
                        switch try Event(JSON(line: line)) {
                        case .ended: return
                        case .refused(let failure): throw failure
                        default: continue
                        }
                    }
                } catch  where watchdog.didTimeOut {
                    throw TransportError.linkLost(host: target.name, reason: "no answer within \(limit.inWords)")
                }
                throw TransportError.linkLost(host: target.name, reason: "the confirmation was not answered")
            } close: {
                await connection.close()
            }
        }
    }
}

extension TransportError {
    /// Whether a network or a server that is just being restarted may give this error.
    fileprivate var mayPassWithNetwork: Bool {
        switch self {
        case .nameNotFound, .timedOut, .unreachable, .proxyFailed, .handshakeFailed, .linkLost, .execRefused,
            .channelClosed:
            true
        case .configuration, .hostKeyUnknown, .hostKeyChanged, .hostKeyRevoked, .hostCertificateInvalid,
            .hostKeyNotSaved, .hostKeyMalformed, .authenticationFailed, .notRoot, .becomeMissing, .becomeRefused,
            .wrongPassword, .becomeFailed, .noSpace, .uploadFailed, .enforcerNotExecutable, .enforcerUnusable,
            .startFailed, .unsupportedArchitecture, .lineTooLong:
            false
        }
    }

    /// Whether the machine was reached, and did not let the user in.
    fileprivate var isAboutLogin: Bool { if case .authenticationFailed = self { true } else { false } }
}
