/// Asks the user at the terminal.
public protocol Prompter: Sendable {
    /// Whether there is a terminal. Without one, no question is repeated.
    var isInteractive: Bool { get }
    /// Asks for a password or passphrase without echo. Throws if the user declines.
    func password(_ prompt: String) async throws -> String
    /// Asks a yes-or-no question, such as whether an unknown host key is the right one.
    func confirm(_ question: String) async throws -> Bool
}

extension Prompter {
    public var isInteractive: Bool { true }
}
