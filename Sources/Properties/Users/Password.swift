extension User {
    /// What a user can log in with, besides keys.
    public enum Password: Sendable, Hashable {
        /// The password with this hash (crypt(5)), as `mkpasswd` prints it: `$y$j9T$…`. It is compared with what is there as
        /// it is, so it is never written twice.
        case hash(String)
        /// None. A hash that is there stays, but fits no password (passwd(1), `--lock`).
        case locked

        /// - Throws: ``Failure`` where it is no hash.
        func validate() throws {
            guard case .hash(let hash) = self else { return }
            let isPlain = hash.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && !":;*!\\".unicodeScalars.contains($0) }
            let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
            guard isPlain, parts.count >= 4, parts[0].isEmpty, !parts[1].isEmpty, parts.last?.isEmpty == false else {
                // Not shown: it may well be the password itself.
                throw Failure("what is given as the hash of a password is none", advice: "`mkpasswd` makes one; it begins with $y$ or $6$.")
            }
        }

        /// Whether this is what a password field of shadow(5) says.
        func matches(_ field: String?) -> Bool {
            switch self {
            case .hash(let hash): field == hash
            case .locked: field?.hasPrefix("!") == true || field?.hasPrefix("*") == true
            }
        }
    }
}
