import Foundation
import Testing

@testable import SSHTransport

extension WithServer {
    /// Key files, certificates and agents, where `ssh` logs in with the same configuration.
    @Suite struct Identities {
        /// Propel logs in without a question, and so does `ssh`.
        private func expectLogin(_ server: Server, sourceLocation: SourceLocation = #_sourceLocation) async throws {
            _ = try await server.connect(Nobody())
            let answer = try shell("ssh -F \(server.directory)/config -o BatchMode=yes box echo in 2>&1")
            #expect(answer == "in", "ssh does not log in either", sourceLocation: sourceLocation)
        }

        private func withAgent(_ server: Server, _ body: () async throws -> Void) async throws {
            let agent = try Agent(server.directory + "/agent")
            try shell("cd \(server.directory); SSH_AUTH_SOCK=$PWD/agent ssh-add -q id")
            try await body()
            withExtendedLifetime(agent) {}
        }

        @Test func `an identity file may be the public key of a key in the agent`() async throws {
            let server = try Server(options: "PasswordAuthentication no")
            try await withAgent(server) {
                try shell("cd \(server.directory); mv id.pub key.pub; rm id")
                try server.configure(
                    "IdentityAgent \(server.directory)/agent\nIdentitiesOnly yes\n"
                        + "IdentityFile \(server.directory)/key.pub")
                try await expectLogin(server)
            }
        }

        /// The header of a private key names its public key, which tells the agent's key apart from others.
        @Test func `an encrypted key without a public file is found in the agent`() async throws {
            let server = try Server(options: "PasswordAuthentication no")
            try await withAgent(server) {
                try shell("cd \(server.directory); rm id.pub; ssh-keygen -q -p -P '' -N secret -f id")
                try server.configure("IdentityAgent \(server.directory)/agent\nIdentitiesOnly yes")
                try await expectLogin(server)
            }
        }

        @Test func `an identity file may contain environment variables`() async throws {
            let server = try Server(options: "PasswordAuthentication no")
            let name = "PROPEL_TEST_" + UUID().uuidString.prefix(8)
            setenv(name, server.directory, 1)
            defer { unsetenv(name) }
            try shell("cd \(server.directory); mv id other")
            try server.configure("IdentityFile ${\(name)}/other")
            try await expectLogin(server)
            try server.configure("IdentityFile ${\(name)_MISSING}/other")
            await #expect(throws: TransportError.self) { _ = try await server.connect(Nobody()) }
        }

        /// The key alone is not authorized.
        private func certified() throws -> Server {
            let server = try Server(options: "PasswordAuthentication no\nTrustedUserCAKeys DIRECTORY/ca.pub")
            try shell(
                """
                cd \(server.directory); ssh-keygen -q -t ed25519 -N '' -f ca; : > authorized_keys
                ssh-keygen -q -s ca -I ada -n ada id.pub
                """)
            return server
        }

        @Test func `a certificate beside the key is used`() async throws {
            try await expectLogin(try certified())
        }

        @Test func `a certificate that CertificateFile names is used`() async throws {
            let server = try certified()
            try shell("cd \(server.directory); mv id-cert.pub elsewhere.pub")
            try server.configure("CertificateFile \(server.directory)/elsewhere.pub")
            try await expectLogin(server)
        }

        @Test func `a certificate is used with a key in the agent`() async throws {
            let server = try certified()
            let agent = try Agent(server.directory + "/agent2")
            try shell(
                """
                cd \(server.directory); ssh-keygen -q -t ed25519 -N '' -f fresh
                ssh-keygen -q -s ca -I ada -n ada fresh.pub; mv fresh-cert.pub fresh.cert
                SSH_AUTH_SOCK=$PWD/agent2 ssh-add -q fresh; rm fresh
                """)
            try server.configure(
                "IdentityAgent \(server.directory)/agent2\nIdentityFile \(server.directory)/fresh.pub\n"
                    + "CertificateFile \(server.directory)/fresh.cert")
            try await expectLogin(server)
            withExtendedLifetime(agent) {}
        }
    }
}
