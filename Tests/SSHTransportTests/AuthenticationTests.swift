import Foundation
import Testing

@testable import SSHTransport

extension WithServer {
    @Suite struct LoggingIn {
        private func authenticationError(
            _ body: () async throws -> Void
        ) async throws -> (tried: [String], accepted: [String]) {
            do {
                try await body()
            } catch let TransportError.authenticationFailed(_, _, tried, accepted) {
                return (tried, accepted)
            }
            Issue.record("logged in")
            return ([], [])
        }

        @Test func `an encrypted key asks for its passphrase`() async throws {
            let server = try Server()
            try shell("ssh-keygen -q -p -P '' -N 'open sesame' -f \(server.directory)/id")
            let person = Person(passwords: ["wrong", "open sesame"])
            _ = try await server.connect(person)
            let question = "Passphrase of \(server.directory)/id, to log in to box: "
            #expect(person.asked == [question, question])
        }

        @Test func `no passphrase is asked for a key that the server refuses`() async throws {
            let server = try Server(options: "PasswordAuthentication no")
            try shell("cd \(server.directory); ssh-keygen -q -p -P '' -N secret -f id; : >authorized_keys")
            let person = Person()
            let error = try await authenticationError { _ = try await server.connect(person) }
            #expect(person.asked == [])
            #expect(error.tried == ["key \(server.directory)/id: refused"])
            #expect(error.accepted.contains("publickey"))
        }

        @Test func `a key of the agent`() async throws {
            let server = try Server()
            let agent = try Agent(server.directory + "/agent")
            // The agent has more keys than a server puts up with; the one that is configured comes first.
            try shell(
                """
                cd \(server.directory); export SSH_AUTH_SOCK=$PWD/agent
                for n in 1 2 3 4 5 6 7 8; do ssh-keygen -q -t ed25519 -N '' -f other$n; ssh-add -q other$n; done
                ssh-add -q id; ssh-keygen -q -p -P '' -N secret -f id
                """)
            try server.configure("IdentityAgent \(server.directory)/agent")
            _ = try await server.connect(Nobody())

            // Without a configured order it comes too late and the server disconnects, which is reported and does not
            // hang.
            try server.configure(
                "IdentityAgent \(server.directory)/agent\nIdentityFile \(server.directory)/other1\nIdentitiesOnly yes")
            try shell("rm \(server.directory)/id*")
            _ = try await authenticationError { _ = try await server.connect(Nobody()) }
            try server.configure("IdentityAgent \(server.directory)/agent")
            let error = try await authenticationError { _ = try await server.connect(Nobody()) }
            #expect(error.tried.last?.contains("disconnected") == true)
            withExtendedLifetime(agent) {}
        }

        @Test func `a password`() async throws {
            let server = try Server()
            try shell("rm \(server.directory)/id")
            let person = Person(passwords: ["wrong", Server.password])
            let connection = try await server.connect(person, user: "bea")
            #expect(person.asked == Array(repeating: "Password of bea@box: ", count: 2))
            let result = try await (try await connection.exec("id -un || id -u")).collect()
            #expect(String(decoding: result.output, as: UTF8.self) == "bea\n")
        }

        @Test func `a wrong password is asked for three times`() async throws {
            let server = try Server(options: "KbdInteractiveAuthentication no")
            try shell("rm \(server.directory)/id")
            let person = Person(passwords: ["a", "b", "c", "d"])
            let error = try await authenticationError { _ = try await server.connect(person) }
            #expect(person.asked.count == 3)
            #expect(error.tried == ["password: refused"])
        }

        @Test func `BatchMode does not ask`() async throws {
            let server = try Server()
            try shell("rm \(server.directory)/id")
            try server.configure("BatchMode yes")
            let person = Person(passwords: [Server.password])
            _ = try await authenticationError { _ = try await server.connect(person) }
            #expect(person.asked == [])
        }

        @Test func `an unreadable key is reported`() async throws {
            let server = try Server(options: "PasswordAuthentication no")
            try "rubbish".write(toFile: server.directory + "/id", atomically: true, encoding: .utf8)
            let error = try await authenticationError { _ = try await server.connect(Nobody()) }
            #expect(error.tried == ["key \(server.directory)/id: cannot be read as a private key"])
        }
    }
}

/// An ssh-agent for the test.
final class Agent {
    private let process: Child

    init(_ socket: String) throws {
        process = try Child(["ssh-agent", "-D", "-a", socket])
        while process.isRunning, !FileManager.default.fileExists(atPath: socket) { usleep(10_000) }
    }

    deinit { process.end() }
}
