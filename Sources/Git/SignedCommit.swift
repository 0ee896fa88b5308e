/// A commit with its signature, which is over all the rest of it.
public struct SignedCommit: Sendable, Equatable {
    /// As it is in the commit: OpenPGP's or ssh's, armored.
    public var signature: [UInt8]
    public var payload: [UInt8]

    /// In a repository of SHA-1, and in one of SHA-256.
    private static let headers = ["gpgsig ", "gpgsig-sha256 "]

    /// - Parameter object: what `git cat-file commit` prints.
    /// - Returns: nil where it is not signed.
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

    /// Whether it was made with GnuPG, or another OpenPGP program.
    public var isOpenPGP: Bool { signature.starts(with: "-----BEGIN PGP SIGNATURE-----".utf8) }
}

extension Repository {
    /// The signature of a commit; nil where it is not signed.
    public func signature(of commit: Commit) async throws -> SignedCommit? {
        SignedCommit(object: try await git.output(of: ["cat-file", "commit", commit.id]).stdout)
    }
}
