import Foundation
import Testing

/// Secrets that a host needs in any case are decrypted while `propel` connects.
@Suite struct EarlyDecryptionTests {
    /// The server never answers, so no machine has asked for what is decrypted.
    @Test func `the secrets of a new host are decrypted while connecting`() async throws {
        let anna = try await DeployerKey("Anna <anna@example.com>", passphrase: "open sesame")
        let forNew = "New <new@example.com>", forKnown = "Known <known@example.com>"
        try await anna.makeKey(forNew)
        try await anna.makeKey(forKnown)
        let pinentry = try await Pinentry(of: anna)
        let server = try ClosingServer()
        let configuration = try Configuration(hosts: "")
        try await configuration.accredit(anna)
        for name in ["database-password", "tls-key"] {
            try await configuration.set(name, to: [1], in: "hosts/new", by: anna, for: forNew)
            try await configuration.set(name, to: [1], in: "hosts/known", by: anna, for: forKnown)
        }
        let fleet = try GitConfiguration(configuration)
        let entry = "role = \"production\"\nport = \(server.port)\nconnect-timeout = 300\naddress = "
        try fleet.write("[new]\n\(entry)\"127.0.0.1\"\n[known]\n\(entry)\"localhost\"\n", to: "hosts.conf")
        try await fleet.makeRepository()
        let note = #"{"enforcer":"","host":"known","result":"converged","time":"2025-01-01T00:00:00Z"}"#
        try await fleet.git("notes", "--ref", "propel", "add", "--message", note)

        // One after the other: what was begun for the first would be decrypted before what is begun for the second.
        async let answer = fleet.propel("known", "new", "--jobs", "1", as: anna)
        try await server.serveOne {}
        try await server.serveOne {
            try await eventually("a secret of the new host is decrypted") {
                try pinentry.requests.contains { $0.contains("new@example.com") }
            }
        }
        let outcome = try await answer
        #expect(outcome.status == 3, "\(outcome)")
        let requests = try pinentry.requests
        #expect(requests.allSatisfy { !$0.contains("known@example.com") }, "\(requests)")
    }
}
