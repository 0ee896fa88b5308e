import Foundation
import Testing

@testable import SSHTransport

/// The file of `RevokedHostKeys`.
@Suite struct RevokedKeysTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMqUPVs1oiMglLs1tz7O9GeF05wWwk9Fv33DvNZ1AHR1"
    private static let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxEqPdCzPMOV5p9M0u2jVdlUPSHGGm5tx6QeV0CPNwZ"

    /// Whether a file with this content revokes the key.
    private func isRevoked(by content: [UInt8]) async throws -> Bool {
        let file = FileManager.default.temporaryDirectory.appending(path: "revoked-\(UUID().uuidString)")
        try Data(content).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let configuration = try ClientConfiguration(
            alias: "box", parsing: "hostname box\nrevokedhostkeys \(file.path)\n")
        let keys = try #require(try RevokedKeys(configuration))
        return try await keys.contains(Self.key)
    }

    @Test func `a list of keys revokes those that are in it`() async throws {
        #expect(try await isRevoked(by: Array("# ours\n\(Self.key) box\n".utf8)))
        #expect(try await !isRevoked(by: Array("\(Self.other)\n".utf8)))
    }

    /// As ssh does.
    @Test func `a revocation list that cannot be read revokes every key`() async throws {
        #expect(try await isRevoked(by: Array("SSHKRL\n\0and then nothing".utf8)))
    }
}
