import Vocabulary

extension Connection {
    /// The words before a question that is asked again.
    static let wrongPassword = "Wrong password. "

    /// The number of wrong passwords after which no further one is asked for.
    static let passwordLimit = 3

    /// Whether the user can be asked for another password.
    nonisolated func mayAskAgain(after wrongPasswords: Int) -> Bool {
        prompter.isInteractive && wrongPasswords < Self.passwordLimit
    }

    nonisolated func wrongPassword(for become: Become) -> TransportError {
        .wrongPassword(host: host, user: user, command: become)
    }

    func forgetPassword() { rootPassword = nil }

    func requireTerminal() { doasNeedsTerminal = true }

    /// The login user's password for becoming root; the user is asked once per connection.
    func password(for become: Become, isRepeated: Bool) async throws -> Password {
        if let rootPassword { return rootPassword }
        let again = isRepeated ? Self.wrongPassword : ""
        let password = Password(try await prompter.password("\(again)Password of \(user)@\(host) for \(become): "))
        rootPassword = password
        return password
    }
}
