import SSHTransport
import Synchronization
import Testing

@testable import Propel
@testable import PropelCLI

/// The proofs that a new connection gives, and which of them failed.
@Suite struct AccessConfirmationTests {
    /// Machines that let somebody in, or do not, as a list of what happens one attempt after the other.
    private final class Door: Sendable {
        enum Attempt: Sendable {
            case noEntry(any Error)
            case noRoot(any Error)
            case open
        }

        private let attempts: Mutex<[Attempt]>
        private let log = Mutex<[String]>([])

        init(_ attempts: Attempt...) { self.attempts = Mutex(attempts) }

        var words: [String] { log.withLock { $0 } }
        private func add(_ word: String) { log.withLock { $0.append(word) } }

        func confirmation(timeLimit: Duration = .seconds(3600)) -> AccessConfirmation {
            AccessConfirmation(
                host: "pi.local",
                logIn: { [self] in
                    add("connect")
                    let attempt = attempts.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
                    if case .noEntry(let error) = attempt { throw error }
                    return AccessConfirmation.Login(
                        deliver: { [self] token in
                            if case .noRoot(let error) = attempt { throw error }
                            add("deliver \(token)")
                        }, close: { [self] in add("close") })
                }, timeLimit: timeLimit, pause: .milliseconds(1))
        }
    }

    private static let refused = TransportError.unreachable(
        host: "pi.local", attempts: [ConnectionAttempt(address: "192.0.2.1:22", reason: "Connection refused")])

    @Test func `the token is delivered over one new connection`() async {
        let door = Door(.open)
        #expect(await door.confirmation().deliver("1f") == nil)
        #expect(door.words == ["connect", "deliver 1f", "close"])
    }

    @Test func `a network that needs a while is tried again`() async {
        let door = Door(
            .noEntry(Self.refused), .noEntry(TransportError.handshakeFailed(host: "pi.local", reason: "closed")),
            .noRoot(TransportError.linkLost(host: "pi.local", reason: "closed")), .open)
        #expect(await door.confirmation().deliver("1f") == nil)
        #expect(door.words == ["connect", "connect", "connect", "close", "connect", "deliver 1f", "close"])
    }

    @Test func `a machine that does not answer at its address is named`() async {
        let door = Door(.noEntry(Self.refused))
        let reason = await door.confirmation(timeLimit: .zero).deliver("1f")
        #expect(reason == Unconfirmed(.address, "cannot connect\n  192.0.2.1:22: Connection refused"))
    }

    @Test(
        arguments: [
            TransportError.authenticationFailed(
                host: "pi.local", user: "anna", tried: ["key a: refused"], accepted: []),
            UnexpectedQuestion(question: "Password of anna@pi.local: "),
        ] as [any Error])
    func `a login that fails is not tried again`(_ error: any Error) async {
        let door = Door(.noEntry(error))
        let reason = await door.confirmation().deliver("1f")
        #expect(reason?.proof == .login)
        #expect(reason?.reason.contains("anna") == true)
        #expect(door.words == ["connect"])
    }

    @Test(
        arguments: [
            TransportError.becomeRefused(host: "pi.local", user: "anna", command: .sudo),
            TransportError.wrongPassword(host: "pi.local", user: "anna", command: .sudo),
            UnexpectedQuestion(question: "Password of anna@pi.local for sudo: "),
        ] as [any Error])
    func `a login that cannot become root as before is named`(_ error: any Error) async {
        let door = Door(.noRoot(error))
        let reason = await door.confirmation().deliver("1f")
        #expect(reason?.proof == .root)
        #expect(reason?.reason.contains("sudo") == true)
        #expect(door.words == ["connect", "close"], "no connection stays open")
    }

    @Test func `another host key is no passing failure, and is about the address`() async {
        let door = Door(.noEntry(TransportError.hostKeyChanged(host: "pi.local", presented: "a", expected: [])))
        #expect(await door.confirmation().deliver("1f")?.proof == .address)
        #expect(door.words == ["connect"])
    }

    @Test func `a token that the machine does not accept is told`() async {
        let door = Door(.noRoot(Failure("no change waits for this confirmation")))
        #expect(await door.confirmation().deliver("1f") == Unconfirmed(.root, "no change waits for this confirmation"))
    }
}
