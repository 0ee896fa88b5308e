extension SecretBytes {
    /// Calls `body` with a password: without the newline that an editor adds.
    func withPassword<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes { bytes in
            try body(bytes.last == 0x0A ? UnsafeRawBufferPointer(rebasing: bytes.dropLast()) : bytes)
        }
    }

    /// Calls `body` with a password for a database.
    /// - Parameters:
    ///   - secret: its name, for the message.
    ///   - user: whose it is, for the message.
    ///   - body: gets the password.
    /// - Throws: ``Failure`` if it is empty or has other than printable ASCII characters, which programs encode
    ///   differently, and the errors of `body`.
    func withPassword<Result>(
        of secret: Secret, for user: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        try withPassword { password in
            guard !password.isEmpty, password.allSatisfy({ 0x20..<0x7F ~= $0 }) else {
                throw Failure(
                    "the secret \(secret.name), declared as the password of \(user), is empty or has other than "
                        + "printable ASCII characters",
                    advice: "Set another with `propel secret set \(secret.name)`.")
            }
            return try body(password)
        }
    }
}
