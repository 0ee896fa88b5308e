import Foundation
import Testing

@testable import SSHTransport

/// The keys of a host in known_hosts files.
@Suite struct HostKeysTests {
    private static let one = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMqUPVs1oiMglLs1tz7O9GeF05wWwk9Fv33DvNZ1AHR1"
    private static let two = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxEqPdCzPMOV5p9M0u2jVdlUPSHGGm5tx6QeV0CPNwZ"

    /// What a known_hosts file says of a key of the host box, which is reached on the port 2222.
    private func trust(_ key: String, by lines: String...) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "known-hosts-\(UUID().uuidString)")
        try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let configuration = try ClientConfiguration(
            alias: "box",
            parsing: "hostname box\nport 2222\nuserknownhostsfile \(file.path)\nglobalknownhostsfile /dev/null\n")
        let key = try #require(PublicKey(line: key))
        return switch try HostKeys(pinned: [], configuration: configuration).trust(in: key) {
        case .known: "known"
        case .unknown: "unknown"
        case .changed: "changed"
        case .revoked: "revoked"
        }
    }

    /// Another port may be another machine.
    @Test func `a key for the name alone counts only where none is listed for the port`() throws {
        #expect(try trust(Self.one, by: "[box]:2222 \(Self.one)") == "known")
        #expect(try trust(Self.one, by: "box \(Self.one)") == "known")
        #expect(try trust(Self.one, by: "box \(Self.two)") == "unknown")
        #expect(try trust(Self.two, by: "[box]:2222 \(Self.one)", "box \(Self.two)") == "changed")
        #expect(try trust(Self.two, by: "box \(Self.two)", "[box]:2222 \(Self.one)") == "changed")
    }

    @Test func `a revoked key is revoked wherever else it is listed`() throws {
        for revoked in ["@revoked * \(Self.one)", "@revoked box \(Self.one)"] {
            #expect(try trust(Self.one, by: "[box]:2222 \(Self.one)", revoked) == "revoked")
        }
    }
}
