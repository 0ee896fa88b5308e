import PlainText

/// The result of verifying the signature of a commit.
public enum Signature: Sendable, Equatable {
    /// The commit is not signed.
    case none
    /// Made by a key that git is set up to trust.
    case good(signer: String, key: String)
    /// It does not fit to the commit.
    case bad
    /// The key is not in the keyring, or not in the file of allowed signers.
    case unknownKey(String)
    /// The signature or its key has expired.
    case expired(signer: String, key: String)
    /// The key was revoked.
    case revoked(signer: String, key: String)
    /// It could not be verified here, in git's words.
    case unverifiable(words: String)

    /// Whether the signature proves who wrote the commit.
    public var isGood: Bool { if case .good = self { true } else { false } }
}

extension Signature: CustomStringConvertible {
    public var description: String {
        switch self {
        case .none: "not signed"
        case .good(let signer, let key): "signed by \(signer) (key \(key))"
        case .bad: "signed, but the signature does not match the commit"
        case .unknownKey(let key): "signed by an unknown key (\(key))"
        case .expired(let signer, let key):
            "signed by \(signer) with a key or signature that has expired (key \(key))"
        case .revoked(let signer, let key): "signed by \(signer) with a revoked key (key \(key))"
        case .unverifiable(let words): "signed, but cannot be verified here: \(words)"
        }
    }
}

extension Repository {
    /// Verifies the signature of `commit`, as `git verify-commit` does.
    ///
    /// - Throws: ``GitError`` if there is no such commit.
    public func verify(_ commit: Commit) async throws -> Signature {
        guard try await signature(of: commit) != nil else { return .none }
        let output = try await git.run(["verify-commit", "--raw", "--", commit.id])
        return Signature(raw: output.stderr, isAccepted: output.status == 0)
    }
}

extension Signature {
    /// Reads `git verify-commit --raw`: the status lines of GnuPG (doc/DETAILS there), or the words of `ssh-keygen -Y`.
    ///
    /// - Parameter isAccepted: Whether git accepts the commit. Nothing is good otherwise, so that gpg.minTrustLevel and
    ///   a second signature count.
    init(raw: String, isAccepted: Bool) {
        let lines = raw.nonEmptyLines.map(String.init)
        var status: [String: [String]] = [:]
        for line in lines where line.hasPrefix("[GNUPG:] ") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
            if fields.count > 1 { status[fields[1]] = Array(fields.dropFirst(2)) }
        }
        func signer(_ keyword: String) -> (String, String)? {
            guard let fields = status[keyword] else { return nil }
            let key = status["VALIDSIG"]?.first ?? fields.first ?? ""
            return (fields.dropFirst().joined(separator: " "), key)
        }
        if status["BADSIG"] != nil {
            self = .bad
        } else if let (signer, key) = signer("REVKEYSIG") {
            self = .revoked(signer: signer, key: key)
        } else if let (signer, key) = signer("EXPKEYSIG") ?? signer("EXPSIG") {
            self = .expired(signer: signer, key: key)
        } else if let fields = status["ERRSIG"], fields.count > 5, fields[5] == "9" {
            // 9: the public key is missing. The seventh field is the fingerprint, "-" in old versions.
            self = .unknownKey(fields.count > 6 && fields[6] != "-" ? fields[6] : fields[0])
        } else if let (signer, key) = signer("GOODSIG") {
            self =
                isAccepted
                ? .good(signer: signer, key: key) : .unverifiable(words: "git does not accept it:\n\(raw.trimmed)")
        } else if let line = lines.first(where: { $0.hasPrefix("Good \"git\" signature for ") }), isAccepted,
            let match = line.wholeMatch(of: #/Good "git" signature for (.+) with \S+ key (\S+)/#)
        {
            self = .good(signer: String(match.1), key: String(match.2))
        } else if let line = lines.first(where: { $0.hasPrefix("Good \"git\" signature with ") }),
            let match = line.wholeMatch(of: #/Good "git" signature with \S+ key (\S+)/#)
        {
            self = .unknownKey(String(match.1))
        } else if lines.contains(where: { $0.contains("incorrect signature") }) {
            self = .bad
        } else if raw.contains("allowedSignersFile needs to be configured") {
            self = .unverifiable(
                words: "no file of allowed signers: set it with git config gpg.ssh.allowedSignersFile FILE")
        } else {
            self = .unverifiable(words: raw.trimmed)
        }
    }
}
