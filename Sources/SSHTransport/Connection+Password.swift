import Vocabulary

extension Connection {
    func forgetPassword() { rootPassword = nil }

    func requireTerminal() { doasNeedsTerminal = true }

    /// The login user's password for becoming root; the user is asked once per connection.
    func password(for become: Become, isRepeated: Bool) async throws -> Password {
        if let rootPassword { return rootPassword }
        let again = isRepeated ? "Wrong password. " : ""
        let password = Password(try await prompter.password("\(again)Password of \(user)@\(host) for \(become): "))
        rootPassword = password
        return password
    }
}
