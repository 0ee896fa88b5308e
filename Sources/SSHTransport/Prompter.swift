/// The person at the terminal.
public protocol Prompter: Sendable {
    /// Whether somebody is there. Where nobody is, nothing is asked a second time.
    var isInteractive: Bool { get }
    /// Asks for a password or passphrase without echo. Throw to decline.
    func password(_ prompt: String) async throws -> String
    /// Asks a yes-or-no question, such as whether an unknown host key is the right one.
    func confirm(_ question: String) async throws -> Bool
}

extension Prompter {
    public var isInteractive: Bool { true }
}
