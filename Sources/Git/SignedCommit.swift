/// The signature of a commit, and the bytes that it covers: all the rest of the commit.
public struct SignedCommit: Sendable, Equatable {
    /// An armored signature of OpenPGP or ssh.
    public var signature: [UInt8]
    public var payload: [UInt8]

    /// The headers in a repository with SHA-1 and in one with SHA-256.
    private static let headers = ["gpgsig ", "gpgsig-sha256 "]

    /// Reads the output of `git cat-file commit`; nil if the commit is not signed.
    init?(object: [UInt8]) {
        var signature: [UInt8] = [], payload: [UInt8] = []
        var rest = object[...], isInHeader = true, isInSignature = false
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? rest.endIndex
            let line = rest[..<end]
            rest = rest[end...]
            if line.count == 1 { isInHeader = false }
            if isInHeader, isInSignature, line.first == 0x20 {
                signature += line.dropFirst()
            } else if isInHeader, let header = Self.headers.first(where: { line.starts(with: $0.utf8) }) {
                isInSignature = true
                signature += line.dropFirst(header.utf8.count)
            } else {
                isInSignature = false
                payload += line
            }
        }
        guard !signature.isEmpty else { return nil }
        self.signature = signature
        self.payload = payload
    }

    /// Whether the signature is one of OpenPGP.
    public var isOpenPGP: Bool { signature.starts(with: "-----BEGIN PGP SIGNATURE-----".utf8) }
}

extension Repository {
    /// Reads the signature of a commit; nil if it is not signed.
    public func signature(of commit: Commit) async throws -> SignedCommit? {
        SignedCommit(object: try await git.output(of: ["cat-file", "commit", commit.id]).stdout)
    }
}
